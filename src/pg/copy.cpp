// COPY text rows and the worker's verdict on values, see copy.h.
#include "pg/copy.h"

#include <bit>
#include <cstdint>
#include <cstring>

#include "pg/checks.h"

namespace sqs2pg::pg {
namespace {

constexpr std::uint64_t kOnes = 0x0101010101010101ULL;
constexpr std::uint64_t kHighs = 0x8080808080808080ULL;

// The high bit of each byte that equals `byte` (and perhaps of bytes above the first such one).
constexpr std::uint64_t bytes_equal(std::uint64_t word, std::uint8_t byte) noexcept {
    auto difference = word ^ (kOnes * byte);
    return (difference - kOnes) & ~difference & kHighs;
}

constexpr std::uint64_t special_bytes(std::uint64_t word) noexcept {
    return bytes_equal(word, '\\') | bytes_equal(word, '\t') | bytes_equal(word, '\n') | bytes_equal(word, '\r');
}

// The letter that stands for a byte after a backslash; 0: the byte stands for itself.
constexpr char escape_of(char c) noexcept {
    switch (c) {
        case '\\':
            return '\\';
        case '\t':
            return 't';
        case '\n':
            return 'n';
        case '\r':
            return 'r';
        default:
            return 0;
    }
}

// How many bytes from the start need no escape.
std::size_t plain_prefix(std::string_view text) noexcept {
    std::size_t i = 0;
    if constexpr (std::endian::native == std::endian::little) {
        for (; i + 8 <= text.size(); i += 8) {
            std::uint64_t word;
            std::memcpy(&word, text.data() + i, 8);
            auto found = special_bytes(word);
            if (found != 0) return i + static_cast<std::size_t>(std::countr_zero(found)) / 8;
        }
    }
    while (i < text.size() && escape_of(text[i]) == 0) ++i;
    return i;
}

}  // namespace

std::string_view name_of(Refusal refusal) noexcept {
    switch (refusal) {
        case Refusal::WrongType:
            return "wrong_type";
        case Refusal::OutOfRange:
            return "out_of_range";
        case Refusal::TooLong:
            return "too_long";
        case Refusal::InvalidText:
            return "invalid_text";
        case Refusal::NotNull:
            return "not_null";
    }
    return "wrong_type";
}

std::optional<Refusal> check(const Column& column, std::string_view text, bool known_json) {
    if (!is_storable_text(text)) return Refusal::InvalidText;
    return check_value(column, text, known_json);
}

void append_field(std::string& line, std::string_view text) {
    for (;;) {
        auto plain = plain_prefix(text);
        line.append(text.substr(0, plain));
        if (plain == text.size()) return;
        line += '\\';
        line += escape_of(text[plain]);
        text.remove_prefix(plain + 1);
    }
}

std::string quote_identifier(std::string_view name) {
    std::string quoted = "\"";
    for (char c : name) {
        if (c == '"') quoted += '"';
        quoted += c;
    }
    quoted += '"';
    return quoted;
}

std::string quote(const TableName& name) {
    auto table = quote_identifier(name.table);
    return name.schema.empty() ? table : quote_identifier(name.schema) + '.' + table;
}

}  // namespace sqs2pg::pg
