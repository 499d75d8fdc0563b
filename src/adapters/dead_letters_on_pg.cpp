// Dead letters in PostgreSQL for replay, see dead_letters_on_pg.h.
#include "adapters/dead_letters_on_pg.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "adapters/write_failures.h"
#include "pg/copy.h"
#include "schema/rights.h"

namespace sqs2pg::adapters {
namespace {

using pipeline::Fate;
using pipeline::ReplayEntry;
using pipeline::StoredLetter;
using pipeline::WriteEntry;
using Replayed = tl::expected<pipeline::WriteReport, pipeline::WriteFailure>;

constexpr std::chrono::milliseconds kRollbackDeadline{5000};

// A reason or a place: what is no text for the server is replaced, never refused.
std::string text_literal(const std::string& text) {
    if (!pg::check(pg::Column{}, text)) return schema::quote_literal(text);
    std::string plain(text);
    std::ranges::replace_if(plain, [](char c) { return c == '\0' || static_cast<unsigned char>(c) > 126; }, '?');
    return schema::quote_literal(plain);
}

std::string text_or_null(const std::string& text) { return text.empty() ? "NULL" : text_literal(text); }

std::uint8_t half_byte(char c) { return static_cast<std::uint8_t>(c <= '9' ? c - '0' : c - 'a' + 10); }

std::string unhex(std::string_view hex) {
    std::string bytes(hex.size() / 2, '\0');
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        bytes[i] = static_cast<char>(half_byte(hex[2 * i]) << 4 | half_byte(hex[2 * i + 1]));
    }
    return bytes;
}

std::int64_t number(const std::optional<std::string>& text) {
    return text ? std::strtoll(text->c_str(), nullptr, 10) : 0;
}

// id (32 hexadecimal digits), first and last received in ms, receive count, key id, sealed (hexadecimal)
std::optional<StoredLetter> letter_of(const pg::Row& row) {
    if (row.size() != 6 || !row[0] || row[0]->size() != 32 || !row[4] || !row[5]) return std::nullopt;
    StoredLetter letter;
    auto id = unhex(*row[0]);
    std::copy(id.begin(), id.end(), letter.id.bytes.begin());
    letter.first_received_ms = number(row[1]);
    letter.last_received_ms = number(row[2]);
    letter.receive_count = static_cast<std::uint32_t>(number(row[3]));
    letter.key_id = *row[4];
    letter.sealed = unhex(*row[5]);
    return letter;
}

// The entries that have rows, and where each stands among all.
struct Rows {
    std::vector<WriteEntry> entries;
    std::vector<Fate> fates;
    std::vector<std::size_t> places;
};

Rows rows_of(std::span<const ReplayEntry> entries, std::span<const Fate> fates) {
    Rows rows;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (entries[i].row == nullptr) continue;
        rows.entries.push_back({entries[i].id, entries[i].row, nullptr});
        rows.fates.push_back(fates[i]);
        rows.places.push_back(i);
    }
    return rows;
}

}  // namespace

std::string claim_sql(std::span<const ReplayEntry> entries, const schema::AuditNote& note) {
    std::string taken;
    std::string all;
    std::string kept;
    for (const auto& entry : entries) {
        auto id = pipeline::to_uuid_text(entry.id);
        all += (all.empty() ? "" : ",") + id;
        if (entry.again == nullptr) {
            taken += (taken.empty() ? "" : ",") + id;
        } else {
            kept += fmt::format("{}('{}'::uuid, {}, {}, {})", kept.empty() ? "" : ", ", id,
                                text_literal(entry.again->reason), text_or_null(entry.again->place),
                                text_or_null(entry.again->sqlstate));
        }
    }
    auto sql = fmt::format(
        "WITH held AS (SELECT id FROM sqs2pg.dead_letter WHERE id = ANY ('{{{}}}'::uuid[]) ORDER BY id FOR UPDATE), "
        "gone AS (DELETE FROM sqs2pg.dead_letter d USING held WHERE d.id = held.id AND d.id = ANY ('{{{}}}'::uuid[]) "
        "RETURNING d.id), noted AS ({})",
        all, taken, schema::audit_sql("replay", note, "gone"));
    std::string claimed = "SELECT id FROM gone";
    if (!kept.empty()) {
        sql += fmt::format(
            ", kept AS (UPDATE sqs2pg.dead_letter d SET reason = n.reason, place = n.place, sqlstate = n.sqlstate, "
            "replay_count = d.replay_count + 1, last_replayed_at = pg_catalog.clock_timestamp() "
            "FROM (VALUES {}) AS n (id, reason, place, sqlstate), held WHERE held.id = n.id AND d.id = n.id "
            "RETURNING d.id)",
            kept);
        claimed += " UNION ALL SELECT id FROM kept";
    }
    sql += fmt::format(
        " SELECT pg_catalog.count(*), CASE WHEN pg_catalog.count(*) < {} THEN pg_catalog.array_agg(id) END FROM ({}) "
        "claimed",
        entries.size(), claimed);
    return sql;
}

std::string page_sql(const std::string& condition, const pipeline::LedgerKey& after, std::size_t max_letters,
                     std::size_t max_bytes) {
    auto ms = [](const char* column) {
        return fmt::format("COALESCE((extract(epoch FROM {}) * 1000)::bigint, 0)", column);
    };
    return fmt::format(
        "SELECT pg_catalog.replace(id::text, '-', ''), {}, {}, receive_count, key_id, "
        "pg_catalog.encode(sealed, 'hex') FROM (SELECT *, pg_catalog.sum(pg_catalog.octet_length(sealed)) OVER (ORDER "
        "BY id) - pg_catalog.octet_length(sealed) AS bytes_before FROM (SELECT * FROM sqs2pg.dead_letter WHERE id > "
        "'{}' AND ({}) ORDER BY id LIMIT {}) chosen) page WHERE bytes_before < {} ORDER BY id",
        ms("first_received_at"), ms("last_received_at"), pipeline::to_uuid_text(after), condition, max_letters,
        max_bytes);
}

DeadLettersOnPg::DeadLettersOnPg(boost::asio::any_io_executor executor, pg::ConnectOptions options,
                                 std::vector<pipeline::Target> targets, schema::LetterSelection selection,
                                 schema::AuditNote note, WriteLimits limits)
    : executor_(std::move(executor)),
      options_(std::move(options)),
      begin_sql_(begin_sql(targets, limits)),
      condition_(schema::condition_of(selection)),
      note_(std::move(note)),
      limits_(limits) {
    for (const auto& target : targets) target_copies_.push_back(copy_sql(target));
}

DeadLettersOnPg::~DeadLettersOnPg() = default;

awaitable<Status> DeadLettersOnPg::ensure_connected() {
    if (connection_ && connection_->ok()) co_return Status{};
    connection_.reset();
    auto made = co_await pg::Connection::connect(executor_, options_);
    if (!made) co_return fail(std::move(made.error()));
    connection_ = std::move(*made);
    co_return Status{};
}

awaitable<void> DeadLettersOnPg::end_failed_transaction() {
    if (!connection_ || !connection_->ok()) co_return;
    auto ended = co_await connection_->query("ROLLBACK", kRollbackDeadline);
    if (!ended) connection_.reset();
}

awaitable<Result<std::vector<StoredLetter>>> DeadLettersOnPg::next(pipeline::LedgerKey after, std::size_t max_letters,
                                                                   std::size_t max_bytes) {
    auto connected = co_await ensure_connected();
    if (!connected) co_return fail(std::move(connected.error()));
    auto read = co_await connection_->query(page_sql(condition_, after, max_letters, max_bytes), limits_.deadline);
    if (!read) co_return fail(own_table_error(read.error()));
    std::vector<StoredLetter> letters;
    for (const auto& row : read->at(0).rows) {
        auto letter = letter_of(row);
        if (!letter) {
            co_return fail(ErrorKind::Configuration, Stage::Serve, "bad_answer",
                           "sqs2pg.dead_letter is not the table that `migrate` made");
        }
        letters.push_back(std::move(*letter));
    }
    co_return letters;
}

awaitable<Replayed> DeadLettersOnPg::replay(std::span<const ReplayEntry> entries) {
    pipeline::WriteReport report;
    if (entries.empty()) co_return report;
    auto connected = co_await ensure_connected();
    if (!connected) co_return write_failure(std::move(connected.error()));

    auto claimed = co_await connection_->query(begin_sql_ + claim_sql(entries, note_), limits_.deadline);
    if (!claimed) {
        co_await end_failed_transaction();
        co_return own_table_failure(claimed.error());
    }
    std::vector<WriteEntry> ids;
    for (const auto& entry : entries) ids.push_back({entry.id, nullptr, nullptr});
    std::optional<std::vector<Fate>> fates;
    const auto& answer = claimed->back().rows;
    if (answer.size() == 1 && answer[0].size() == 2) fates = read_fates(ids, answer[0][0], answer[0][1], Fate::Written);
    auto rows = fates ? rows_of(entries, *fates) : Rows{};
    CopyPlan plan;
    if (!fates || !fill_plan(plan, rows.entries, rows.fates, target_copies_)) {
        co_await end_failed_transaction();
        co_return write_failure({ErrorKind::Configuration, Stage::Write, "bad_answer",
                                 "the claim's answer makes no sense: is sqs2pg.dead_letter the table that `migrate` "
                                 "made?"});
    }
    auto copied = co_await connection_->query_with_copies(plan.sql, std::move(plan.copies), limits_.deadline);
    if (!copied) {
        co_await end_failed_transaction();
        auto failure = copy_failure(copied.error(), plan);
        auto& suspect = failure.value().suspect;
        if (suspect) suspect = rows.places[*suspect];
        co_return failure;
    }
    // COMMIT of an aborted transaction "succeeds" with the tag ROLLBACK.
    if (copied->empty() || copied->back().command_tag != "COMMIT") {
        connection_.reset();
        co_return write_failure(
            {ErrorKind::Retry, Stage::Write, "rollback", "the server rolled the transaction back at COMMIT"});
    }
    report.fates = std::move(*fates);
    co_return report;
}

}  // namespace sqs2pg::adapters
