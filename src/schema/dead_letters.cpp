// Statements on sqs2pg.dead_letter and sqs2pg.audit, see dead_letters.h.
#include "schema/dead_letters.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "schema/rights.h"

namespace sqs2pg::schema {
namespace {

constexpr std::chrono::seconds kDeadline{30};
// Counting and sorting may read the whole table.
constexpr std::chrono::seconds kLongDeadline{300};

constexpr const char* kMoment = "pg_catalog.to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')";

std::string moment(const std::string& column) { return fmt::format(fmt::runtime(kMoment), column); }

std::int64_t number(const std::optional<std::string>& text) {
    return text ? std::strtoll(text->c_str(), nullptr, 10) : 0;
}

Error told(const pg::QueryError& failed, std::string_view doing) {
    auto error = failed.error;
    error.stage = Stage::Serve;
    if (error.kind == ErrorKind::BadRow) error.kind = ErrorKind::Configuration;
    if (failed.server.sqlstate == "42501") {
        error.detail =
            "this role may not do that with the dead letters: connect as the role that `postgres: replayer_role` names "
            "(--url), or as the owner of schema sqs2pg";
    } else if (failed.server.sqlstate == "55P03") {
        error.detail = "somebody else holds these dead letters: try again";
    }
    error.detail = fmt::format("{}: {}", doing, error.detail);
    return error;
}

tl::unexpected<Error> user_error(std::string code, std::string detail) {
    return fail(ErrorKind::Configuration, Stage::Serve, std::move(code), std::move(detail));
}

std::string unhex(std::string_view hex) {
    std::string bytes;
    bytes.reserve(hex.size() / 2);
    auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        bytes.push_back(static_cast<char>(digit(hex[i]) << 4 | digit(hex[i + 1])));
    }
    return bytes;
}

std::string text_or_null(const std::string& text) { return text.empty() ? "NULL" : quote_literal(text); }

}  // namespace

std::string condition_of(const LetterSelection& selection) {
    std::string condition = "true";
    if (!selection.ids.empty()) {
        condition += " AND id IN (";
        for (std::size_t i = 0; i < selection.ids.size(); ++i) {
            condition += (i == 0 ? "" : ", ") + quote_literal(selection.ids[i]);
        }
        condition += ')';
    }
    if (!selection.pipeline.empty()) condition += " AND pipeline = " + quote_literal(selection.pipeline);
    if (!selection.reason.empty()) condition += " AND reason = " + quote_literal(selection.reason);
    auto bound = [](std::int64_t ms) { return fmt::format("pg_catalog.to_timestamp({}.{:03})", ms / 1000, ms % 1000); };
    if (selection.since_ms) condition += " AND created_at >= " + bound(*selection.since_ms);
    if (selection.until_ms) condition += " AND created_at < " + bound(*selection.until_ms);
    return condition;
}

std::string describe_selection(const LetterSelection& selection) {
    std::string text;
    auto add = [&](const std::string& part) { text += (text.empty() ? "" : " ") + part; };
    if (selection.ids.size() == 1) add("id=" + selection.ids[0]);
    if (selection.ids.size() > 1) add(fmt::format("{} ids", selection.ids.size()));
    if (!selection.pipeline.empty()) add("pipeline=" + selection.pipeline);
    if (!selection.reason.empty()) add("reason=" + selection.reason);
    if (selection.since_ms) add(fmt::format("since_ms={}", *selection.since_ms));
    if (selection.until_ms) add(fmt::format("until_ms={}", *selection.until_ms));
    return text.empty() ? "all" : text;
}

std::string audit_sql(const std::string& action, const AuditNote& note, const std::string& source) {
    return fmt::format(
        "INSERT INTO sqs2pg.audit (actor, action, letters, selection, reason, ticket) "
        "SELECT {}, {}, pg_catalog.array_agg(id ORDER BY id), {}, {}, {} FROM {} HAVING pg_catalog.count(*) > 0",
        quote_literal(note.actor), quote_literal(action), quote_literal(note.selection), text_or_null(note.reason),
        text_or_null(note.ticket), source);
}

awaitable<Result<std::int64_t>> database_now_ms(pg::Connection& connection) {
    auto answer = co_await connection.query("SELECT (extract(epoch FROM pg_catalog.clock_timestamp()) * 1000)::bigint",
                                            kDeadline);
    if (!answer) co_return fail(told(answer.error(), "the database's clock cannot be read"));
    co_return number(answer->at(0).rows.at(0).at(0));
}

awaitable<Result<std::vector<LetterLine>>> list_letters(pg::Connection& connection, LetterSelection selection,
                                                        std::size_t limit) {
    auto sql = fmt::format(
        "SELECT id, pipeline, queue, message_id, reason, place, sqlstate, key_id, {}, {}, {}, {}, {}, receive_count, "
        "replay_count FROM sqs2pg.dead_letter WHERE {} ORDER BY created_at DESC, id DESC LIMIT {}",
        moment("sent_at"), moment("first_received_at"), moment("last_received_at"), moment("created_at"),
        moment("last_replayed_at"), condition_of(selection), limit);
    auto answer = co_await connection.query(std::move(sql), kLongDeadline);
    if (!answer) co_return fail(told(answer.error(), "the dead letters cannot be listed"));
    std::vector<LetterLine> lines;
    for (auto& row : answer->at(0).rows) {
        auto& line = lines.emplace_back();
        std::string* texts[] = {&line.id,
                                &line.pipeline,
                                &line.queue,
                                &line.message_id,
                                &line.reason,
                                &line.place,
                                &line.sqlstate,
                                &line.key_id,
                                &line.sent_at,
                                &line.first_received_at,
                                &line.last_received_at,
                                &line.created_at,
                                &line.last_replayed_at};
        for (std::size_t i = 0; i < std::size(texts); ++i) *texts[i] = std::move(row[i]).value_or("");
        line.receive_count = number(row[std::size(texts)]);
        line.replay_count = number(row[std::size(texts) + 1]);
    }
    co_return lines;
}

awaitable<Result<std::vector<LetterCount>>> count_letters(pg::Connection& connection, LetterSelection selection) {
    auto sql = fmt::format(
        "SELECT pipeline, reason, pg_catalog.count(*), {}, {} FROM sqs2pg.dead_letter WHERE {} GROUP BY pipeline, "
        "reason ORDER BY 3 DESC, 1, 2",
        moment("pg_catalog.min(created_at)"), moment("pg_catalog.max(created_at)"), condition_of(selection));
    auto answer = co_await connection.query(std::move(sql), kLongDeadline);
    if (!answer) co_return fail(told(answer.error(), "the dead letters cannot be counted"));
    std::vector<LetterCount> counts;
    for (auto& row : answer->at(0).rows) {
        counts.push_back(
            {row[0].value_or(""), row[1].value_or(""), number(row[2]), row[3].value_or(""), row[4].value_or("")});
    }
    co_return counts;
}

awaitable<Result<std::string>> find_letter(pg::Connection& connection, std::string prefix) {
    std::string digits;
    for (char c : prefix) {
        if (c != '-') digits += static_cast<char>(c >= 'A' && c <= 'F' ? c + 32 : c);
    }
    auto hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    if (digits.empty() || digits.size() > 32 || !std::ranges::all_of(digits, hex)) {
        co_return user_error("bad_id",
                             "a dead letter's id is a uuid, or its first digits, as `dead-letters list` prints it");
    }
    auto padded = [&](char with) { return digits + std::string(32 - digits.size(), with); };
    auto sql =
        fmt::format("SELECT id FROM sqs2pg.dead_letter WHERE id BETWEEN '{}'::uuid AND '{}'::uuid ORDER BY id LIMIT 2",
                    padded('0'), padded('f'));
    auto answer = co_await connection.query(std::move(sql), kDeadline);
    if (!answer) co_return fail(told(answer.error(), "the dead letter cannot be looked up"));
    const auto& rows = answer->at(0).rows;
    if (rows.empty()) {
        co_return user_error("no_letter", fmt::format("there is no dead letter {}: it was replayed or dropped, has "
                                                      "expired, or never was (`dead-letters list`)",
                                                      prefix));
    }
    if (rows.size() > 1) {
        co_return user_error("many_letters",
                             fmt::format("several dead letters begin with {}: give more of the id", prefix));
    }
    co_return rows[0][0].value_or("");
}

awaitable<Result<std::int64_t>> drop_letters(pg::Connection& connection, LetterSelection selection, AuditNote note,
                                             std::size_t limit) {
    auto sql = fmt::format(
        "WITH due AS (SELECT id FROM sqs2pg.dead_letter WHERE {} ORDER BY id LIMIT {} FOR UPDATE), "
        "gone AS (DELETE FROM sqs2pg.dead_letter d USING due WHERE d.id = due.id RETURNING d.id), noted AS ({}) "
        "SELECT pg_catalog.count(*) FROM gone",
        condition_of(selection), limit, audit_sql("drop", note, "gone"));
    auto answer = co_await connection.query(std::move(sql), kDeadline);
    if (!answer) co_return fail(told(answer.error(), "the dead letters cannot be dropped"));
    co_return number(answer->at(0).rows.at(0).at(0));
}

awaitable<Result<SealedLetter>> reveal_letter(pg::Connection& connection, std::string id, AuditNote note) {
    auto quoted = quote_literal(id);
    auto noting = fmt::format(
        "BEGIN; SET LOCAL synchronous_commit = 'on'; WITH letter AS (SELECT id FROM sqs2pg.dead_letter WHERE id = {}) "
        "{}; "
        "COMMIT",
        quoted, audit_sql("reveal", note, "letter"));
    auto noted = co_await connection.query(std::move(noting), kDeadline);
    if (!noted) {
        auto error = told(noted.error(), "the audit cannot be written, so nothing is revealed");
        if (connection.ok()) co_await connection.query("ROLLBACK", kDeadline);
        co_return fail(std::move(error));
    }
    if (noted->back().command_tag != "COMMIT") {
        co_return fail(ErrorKind::Retry, Stage::Serve, "rollback",
                       "the audit's transaction was rolled back, so nothing is revealed");
    }
    auto read = co_await connection.query(
        fmt::format("SELECT pipeline, pg_catalog.replace(id::text, '-', ''), key_id, pg_catalog.encode(sealed, 'hex') "
                    "FROM sqs2pg.dead_letter WHERE id = {}",
                    quoted),
        kDeadline);
    if (!read) co_return fail(told(read.error(), "the sealed message cannot be read"));
    const auto& rows = read->at(0).rows;
    if (rows.empty()) co_return user_error("no_letter", fmt::format("the dead letter {} is gone by now", id));
    co_return SealedLetter{rows[0][0].value_or(""), unhex(rows[0][1].value_or("")), rows[0][2].value_or(""),
                           unhex(rows[0][3].value_or(""))};
}

}  // namespace sqs2pg::schema
