// COPY BINARY of user_logins, see blind_copy.h. Types: five of text, an int4, a date.
#include "blind_copy.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <stdexcept>

#include <libpq-fe.h>

namespace sqs2pg::bench {
namespace {

constexpr std::string_view kHeader("PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0", 19);
constexpr std::string_view kTrailer("\xff\xff", 2);
constexpr std::size_t kInteger = 5;
constexpr std::size_t kDate = 6;
constexpr std::size_t kColumns = 7;

using Results = std::unique_ptr<PGresult, decltype(&PQclear)>;

void append_number(std::string& out, std::uint32_t value, int bytes) {
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 255);
}

// Days since 2000-01-01 of "2023-11-14".
std::int32_t days_of(std::string_view text) {
    int year = 0;
    unsigned month = 0, day = 0;
    if (std::sscanf(std::string(text).c_str(), "%d-%u-%u", &year, &month, &day) != 3) {
        throw std::runtime_error("a generated login has no date");
    }
    using namespace std::chrono;
    constexpr sys_days kEpoch = 2000y / January / 1;
    auto days = sys_days(std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day)) - kEpoch;
    return static_cast<std::int32_t>(days.count());
}

void append_field(std::string& out, std::size_t column, std::string_view text) {
    if (text == "\\N") return append_number(out, UINT32_MAX, 4);
    if (column == kInteger) {
        std::int32_t value = 0;
        std::from_chars(text.data(), text.data() + text.size(), value);
        append_number(out, 4, 4);
        append_number(out, static_cast<std::uint32_t>(value), 4);
    } else if (column == kDate) {
        append_number(out, 4, 4);
        append_number(out, static_cast<std::uint32_t>(days_of(text)), 4);
    } else {
        append_number(out, static_cast<std::uint32_t>(text.size()), 4);
        out += text;
    }
}

// From one COPY text line. Generated logins have nothing that is escaped there.
void append_row(std::string& out, std::string_view line) {
    line.remove_suffix(1);  // the end of line
    append_number(out, kColumns, 2);
    for (std::size_t column = 0; column < kColumns; ++column) {
        auto end = line.find('\t');
        append_field(out, column, line.substr(0, end));
        line.remove_prefix(end == line.npos ? line.size() : end + 1);
    }
}

}  // namespace

BinaryRows::BinaryRows(const std::vector<pipeline::MaskedRow>& rows, std::size_t batch) {
    auto count = (rows.size() + batch - 1) / batch;
    for (std::size_t i = 0; i < count; ++i) {
        auto& encoded = batches_.emplace_back();
        encoded.data = kHeader;
        for (std::size_t row = 0; row < batch; ++row) {
            append_row(encoded.data, rows[(i * batch + row) % rows.size()].copy_text());
            encoded.ends.push_back(encoded.data.size());
        }
        encoded.data += kTrailer;
    }
}

std::string_view BinaryRows::batch(std::size_t number, std::size_t rows) const {
    const auto& encoded = batches_[number % batches_.size()];
    if (rows >= encoded.ends.size()) return encoded.data;
    return std::string_view(encoded.data).substr(0, encoded.ends[rows - 1]);
}

void CopyConnection::End::operator()(pg_conn* connection) const noexcept { PQfinish(connection); }

CopyConnection::CopyConnection(const std::string& conninfo) : connection_(PQconnectdb(conninfo.c_str())) {
    if (PQstatus(connection_.get()) == CONNECTION_OK) return;
    throw std::runtime_error(std::string("cannot connect: ") + PQerrorMessage(connection_.get()));
}

void CopyConnection::copy(std::string_view data) {
    auto* connection = connection_.get();
    Results begun(PQexec(connection, "COPY user_logins FROM STDIN (FORMAT binary)"), PQclear);
    bool good = PQresultStatus(begun.get()) == PGRES_COPY_IN &&
                PQputCopyData(connection, data.data(), static_cast<int>(data.size())) == 1 &&
                PQputCopyEnd(connection, nullptr) == 1;
    while (auto* next = PQgetResult(connection)) {
        Results result(next, PQclear);
        good = good && PQresultStatus(next) == PGRES_COMMAND_OK;
    }
    if (!good) throw std::runtime_error("the server refused COPY BINARY into user_logins");
}

}  // namespace sqs2pg::bench
