// SQL and COPY texts of a writing transaction, see write_statements.h.
#include "adapters/write_statements.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <numeric>

#include <fmt/format.h>

#include "adapters/conflict_statements.h"
#include "pg/copy.h"

namespace sqs2pg::adapters {
namespace {

using pipeline::Fate;
using pipeline::LedgerKey;
using pipeline::WriteEntry;

constexpr std::size_t kUuidText = 36;

std::string literal(std::string_view text) {
    std::string quoted = text.contains('\\') ? " E'" : "'";
    for (char c : text) {
        if (c == '\'' || c == '\\') quoted += c;
        quoted += c;
    }
    quoted += '\'';
    return quoted;
}

// The targets' schemas, for triggers and functions that name things without one. Empty when a target's schema is the
// session's own business.
std::string search_path(std::span<const pipeline::Target> targets) {
    std::vector<std::string> schemas;
    for (const auto& target : targets) {
        if (target.table.schema.empty()) return "";
        auto quoted = pg::quote_identifier(target.table.schema);
        if (std::ranges::find(schemas, quoted) == schemas.end()) schemas.push_back(quoted);
    }
    if (std::ranges::find(schemas, "\"public\"") == schemas.end()) schemas.emplace_back("\"public\"");
    std::string path;
    for (const auto& schema : schemas) path += (path.empty() ? "" : ", ") + schema;
    return path;
}

std::optional<LedgerKey> parse_uuid(std::string_view text) {
    LedgerKey key;
    std::size_t digits = 0;
    for (char c : text) {
        if (c == '-') continue;
        unsigned value = 16;
        if (c >= '0' && c <= '9') value = static_cast<unsigned>(c - '0');
        if (c >= 'a' && c <= 'f') value = static_cast<unsigned>(c - 'a' + 10);
        if (value > 15 || digits >= 32) return std::nullopt;
        auto& byte = key.bytes[digits / 2];
        byte = static_cast<std::uint8_t>((byte << 4) | value);
        ++digits;
    }
    return digits == 32 ? std::optional(key) : std::nullopt;
}

// Finds an entry by its id. On a standard queue the entries are sorted by id, on a FIFO queue hardly ever.
class EntryFinder {
   public:
    explicit EntryFinder(std::span<const WriteEntry> entries) : entries_(entries) {
        if (std::ranges::is_sorted(entries, {}, &WriteEntry::id)) return;
        by_id_.resize(entries.size());
        std::iota(by_id_.begin(), by_id_.end(), 0u);
        std::ranges::sort(by_id_, {}, [&](std::size_t entry) { return entries_[entry].id; });
    }

    std::optional<std::size_t> find(const LedgerKey& id) const {
        if (by_id_.empty()) {
            auto entry = std::ranges::lower_bound(entries_, id, {}, &WriteEntry::id);
            if (entry == entries_.end() || entry->id != id) return std::nullopt;
            return static_cast<std::size_t>(entry - entries_.begin());
        }
        auto place = std::ranges::lower_bound(by_id_, id, {}, [&](std::size_t entry) { return entries_[entry].id; });
        return place == by_id_.end() || entries_[*place].id != id ? std::nullopt : std::optional(*place);
    }

   private:
    std::span<const WriteEntry> entries_;
    std::vector<std::size_t> by_id_;
};

// A text that a pipeline or a queue is named by: never a reason to lose a dead letter.
void append_text(std::string& lines, std::string_view text) {
    lines += pg::kDelimiter;
    if (!pg::check(pg::Column{}, text)) {
        pg::append_field(lines, text);
        return;
    }
    std::string plain(text);
    std::ranges::replace_if(plain, [](char c) { return c == '\0' || static_cast<unsigned char>(c) > 126; }, '?');
    pg::append_field(lines, plain);
}

void append_text_or_null(std::string& lines, std::string_view text) {
    if (!text.empty()) return append_text(lines, text);
    lines += pg::kDelimiter;
    lines += pg::kNullField;
}

void append_moment(std::string& lines, std::int64_t ms) {
    using namespace std::chrono;
    constexpr std::int64_t kLast = 253'402'300'799'999;  // the end of the year 9999
    lines += pg::kDelimiter;
    if (ms <= 0 || ms > kLast) {
        lines += pg::kNullField;
        return;
    }
    auto day = ms / 86'400'000;
    auto rest = ms % 86'400'000;
    year_month_day date{sys_days{days{day}}};
    fmt::format_to(std::back_inserter(lines), "{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:03}+00",
                   static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                   static_cast<unsigned>(date.day()), rest / 3'600'000, rest / 60'000 % 60, rest / 1000 % 60,
                   rest % 1000);
}

void append_bytes(std::string& lines, std::string_view bytes) {
    constexpr char kHex[] = "0123456789abcdef";
    lines += pg::kDelimiter;
    lines += "\\\\x";
    for (char c : bytes) {
        auto byte = static_cast<unsigned char>(c);
        lines += kHex[byte >> 4];
        lines += kHex[byte & 15];
    }
}

void append_big_endian(std::string& text, std::uint32_t value, int bytes) {
    for (int i = bytes - 1; i >= 0; --i) text += static_cast<char>(value >> (8 * i) & 0xff);
}

// The ids as an array's text.
void append_ids(std::string& sql, std::span<const WriteEntry> entries) {
    sql.reserve(sql.size() + entries.size() * (kUuidText + 1) + 256);
    sql += "'{";
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (i > 0) sql += ',';
        sql += pipeline::to_uuid_text(entries[i].id);
    }
    sql += "}'::uuid[]";
}

// COPY BINARY of one uuid a row, those of what is to be written. In the order of the ids: two transactions that insert
// the same ones in different orders would wait for each other.
std::string ledger_rows_of(std::span<const WriteEntry> entries, std::span<const Fate> fates) {
    constexpr std::size_t kRow = 2 + 4 + 16;
    std::string rows("PGCOPY\n\377\r\n\0", 11);
    rows.reserve(rows.size() + 8 + entries.size() * kRow + 2);
    append_big_endian(rows, 0, 4);  // no flags
    append_big_endian(rows, 0, 4);  // no header extension
    auto append = [&](const LedgerKey& id) {
        append_big_endian(rows, 1, 2);
        append_big_endian(rows, static_cast<std::uint32_t>(id.bytes.size()), 4);
        rows.append(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size());
    };
    if (std::ranges::is_sorted(entries, {}, &WriteEntry::id)) {
        for (std::size_t i = 0; i < entries.size(); ++i) {
            if (fates[i] == Fate::Written) append(entries[i].id);
        }
    } else {  // a FIFO queue
        std::vector<LedgerKey> ids;
        ids.reserve(entries.size());
        for (std::size_t i = 0; i < entries.size(); ++i) {
            if (fates[i] == Fate::Written) ids.push_back(entries[i].id);
        }
        std::ranges::sort(ids);
        for (const auto& id : ids) append(id);
    }
    append_big_endian(rows, 0xffff, 2);
    return rows;
}

}  // namespace

std::string begin_sql(std::span<const pipeline::Target> targets, const WriteLimits& limits) {
    auto path = search_path(targets);
    auto sql = fmt::format(
        "BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_catalog.set_config('TimeZone', 'UTC', true), "
        "pg_catalog.set_config('DateStyle', 'ISO, MDY', true), pg_catalog.set_config('IntervalStyle', 'postgres', "
        "true), "
        "pg_catalog.set_config('synchronous_commit', CASE pg_catalog.current_setting('synchronous_commit') "
        "WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, true), "
        "pg_catalog.set_config('lock_timeout', '{0}ms', true), pg_catalog.set_config('statement_timeout', '{1}ms', "
        "true), "
        "pg_catalog.set_config('idle_in_transaction_session_timeout', '{2}ms', true)",
        limits.lock_timeout.count(), limits.statement_timeout.count(), limits.deadline.count());
    if (!path.empty()) sql += fmt::format(", pg_catalog.set_config('search_path', {}, true)", literal(path));
    sql += "; SET CONSTRAINTS ALL IMMEDIATE; ";
    return sql;
}

std::string known_ids_sql(std::span<const WriteEntry> entries, std::string_view ledger) {
    auto [first, last] = std::ranges::minmax(entries, {}, &WriteEntry::id);
    auto sql = fmt::format(
        "SELECT pg_catalog.count(*), pg_catalog.array_agg(id) FROM {} WHERE id BETWEEN '{}' AND '{}' AND id = ANY "
        "((SELECT ",
        ledger, pipeline::to_uuid_text(first.id), pipeline::to_uuid_text(last.id));
    append_ids(sql, entries);
    sql += ")::uuid[])";
    return sql;
}

std::string ledger_sql(std::span<const WriteEntry> entries, std::string_view ledger) {
    auto sql = fmt::format("WITH fresh AS (INSERT INTO {} (id) SELECT id FROM pg_catalog.unnest(", ledger);
    append_ids(sql, entries);
    sql += fmt::format(
        ") AS given (id) ORDER BY id ON CONFLICT DO NOTHING RETURNING id) "
        "SELECT pg_catalog.count(*), CASE WHEN pg_catalog.count(*) < {} THEN pg_catalog.array_agg(id) END FROM fresh",
        entries.size());
    return sql;
}

std::optional<std::vector<Fate>> read_fates(std::span<const WriteEntry> entries, std::optional<std::string_view> count,
                                            std::optional<std::string_view> ids, Fate named) {
    std::size_t expected = 0;
    if (!count || std::from_chars(count->data(), count->data() + count->size(), expected).ec != std::errc{})
        return std::nullopt;
    if (expected > entries.size()) return std::nullopt;
    if (expected == entries.size()) return std::vector<Fate>(entries.size(), named);
    std::vector<Fate> fates(entries.size(), named == Fate::Written ? Fate::Duplicate : Fate::Written);
    if (expected == 0) return fates;
    if (!ids || !ids->starts_with('{') || !ids->ends_with('}')) return std::nullopt;
    auto rest = ids->substr(1, ids->size() - 2);
    EntryFinder finder(entries);
    std::size_t found = 0;
    while (!rest.empty()) {
        auto text = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(rest.size(), text.size() + 1));
        auto id = parse_uuid(text);
        if (!id) return std::nullopt;
        auto entry = finder.find(*id);
        if (!entry) return std::nullopt;
        fates[*entry] = named;
        ++found;
    }
    return found == expected ? std::optional(std::move(fates)) : std::nullopt;
}

std::string copy_sql(const pipeline::Target& target) {
    if (target.conflict) return merge_sql(target);
    std::string columns;
    for (const auto& column : target.columns) columns += (columns.empty() ? "" : ", ") + pg::quote_identifier(column);
    return fmt::format("COPY {} ({}) FROM STDIN; ", pg::quote(target.table), columns);
}

std::string dead_letter_copy_sql() {
    return "COPY sqs2pg.dead_letter (id, pipeline, queue, message_id, sent_at, first_received_at, last_received_at, "
           "receive_count, reason, place, sqlstate, key_id, sealed) FROM STDIN; ";
}

void append_dead_letter(std::string& lines, const LedgerKey& id, const pipeline::DeadLetter& letter) {
    lines += pipeline::to_uuid_text(id);
    append_text(lines, letter.pipeline);
    append_text(lines, letter.queue);
    append_text(lines, letter.message_id);
    append_moment(lines, letter.sent_ms);
    append_moment(lines, letter.first_received_ms);
    append_moment(lines, letter.last_received_ms);
    fmt::format_to(std::back_inserter(lines), "{}{}", pg::kDelimiter, std::min(letter.receive_count, 2147483647u));
    append_text(lines, letter.why.reason);
    append_text_or_null(lines, letter.why.place);
    append_text_or_null(lines, letter.why.sqlstate);
    append_text(lines, letter.key_id);
    append_bytes(lines, letter.sealed);
    lines += pg::kEndOfRow;
}

std::optional<std::size_t> CopyPlan::entry_at(std::size_t copy, std::size_t line) const {
    if (copy >= entries.size()) return std::nullopt;
    std::size_t before = 0;
    for (std::size_t i = 0; i < entries[copy].size(); ++i) {
        before += lines[copy][i];
        if (line <= before) return entries[copy][i];
    }
    return std::nullopt;
}

bool fill_plan(CopyPlan& plan, std::span<const WriteEntry> entries, std::span<const Fate> fates,
               std::span<const std::string> target_copies) {
    std::vector<std::size_t> copy_of_target(target_copies.size(), entries.size());
    std::vector<std::size_t> letters;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (fates[i] == Fate::Duplicate) continue;
        if (entries[i].dead_letter != nullptr) {
            append_dead_letter(plan.dead_letters, entries[i].id, *entries[i].dead_letter);
            letters.push_back(i);
            continue;
        }
        if (entries[i].row == nullptr || entries[i].row->target() >= target_copies.size()) return false;
        if (entries[i].row->rows() == 0) continue;  // a message of no rows is settled by its ledger entry alone
        auto& copy = copy_of_target[entries[i].row->target()];
        if (copy == entries.size()) {
            copy = plan.copies.size();
            plan.copies.emplace_back();
            plan.entries.emplace_back();
            plan.lines.emplace_back();
            plan.sql += target_copies[entries[i].row->target()];
        }
        plan.copies[copy].push_back(entries[i].row->copy_text());
        plan.entries[copy].push_back(i);
        plan.lines[copy].push_back(entries[i].row->rows());
    }
    if (!letters.empty()) {
        plan.dead_letter_copy = plan.copies.size();
        plan.copies.push_back({plan.dead_letters});
        plan.lines.emplace_back(letters.size(), 1u);
        plan.entries.push_back(std::move(letters));
        plan.sql += dead_letter_copy_sql();
    }
    // A transaction of duplicates alone writes no WAL, so its COMMIT waits for nothing: not for the flush, nor for the
    // standby, of a first commit whose outcome is in doubt. The empty message makes it wait.
    bool all_known = std::ranges::all_of(fates, [](Fate fate) { return fate == Fate::Duplicate; });
    if (all_known) plan.sql += "SELECT pg_catalog.pg_logical_emit_message(true, 'sqs2pg', ''); ";
    plan.sql += "COMMIT";
    return true;
}

bool fill_claiming_plan(CopyPlan& plan, std::span<const WriteEntry> entries, std::span<const Fate> fates,
                        std::span<const std::string> target_copies, std::string_view begin, std::string_view ledger) {
    plan.claim = begin.empty() ? 0 : kBeginStatements;
    plan.sql = fmt::format("{}COPY {} (id) FROM STDIN (FORMAT binary); ", begin, ledger);
    plan.ledger_rows = ledger_rows_of(entries, fates);
    plan.copies.push_back({plan.ledger_rows});
    plan.entries.emplace_back();
    plan.lines.emplace_back();
    return fill_plan(plan, entries, fates, target_copies);
}

}  // namespace sqs2pg::adapters
