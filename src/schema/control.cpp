// The statements of control.h.
#include "schema/control.h"

#include <cstdlib>

#include <fmt/format.h>

#include "schema/rights.h"

namespace sqs2pg::schema {
namespace {

constexpr std::chrono::seconds kExchangeDeadline{5};
constexpr std::chrono::seconds kDeadline{30};

#define SQS2PG_MOMENT(column) "to_char(" column " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"

constexpr const char* kStates = "SELECT pipeline, paused, cause, detail, " SQS2PG_MOMENT(
    "changed_at") ", changed_by, generation FROM sqs2pg.pipeline_state ORDER BY pipeline";

constexpr const char* kProcesses =
    "SELECT id, pipeline, host, version, state, paused_cause, paused_detail, how_to_end, " SQS2PG_MOMENT(
        "started_at") ", pid, workers, received, settled, in_flight, dead_lettered, rows_written, "
                      "extract(epoch FROM clock_timestamp() - seen_at), extract(epoch FROM seen_at - started_at), "
                      "messages_per_second, lag_seconds FROM sqs2pg.process ORDER BY pipeline, host, pid, id";

constexpr const char* kLedgerBytes =
    "SELECT COALESCE(sum(pg_catalog.pg_total_relation_size(i.inhrelid)), 0) FROM pg_catalog.pg_inherits i "
    "JOIN pg_catalog.pg_class c ON c.oid = i.inhparent JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "WHERE n.nspname = 'sqs2pg' AND c.relname = 'ledger'";

std::string text(const pg::Row& row, std::size_t column) { return row.at(column).value_or(""); }
std::int64_t number(const pg::Row& row, std::size_t column) {
    return std::strtoll(text(row, column).c_str(), nullptr, 10);
}
double real(const pg::Row& row, std::size_t column) { return std::strtod(text(row, column).c_str(), nullptr); }

std::vector<PipelineControl> controls_of(const std::vector<pg::Row>& rows) {
    std::vector<PipelineControl> controls;
    for (const auto& row : rows) {
        controls.push_back({text(row, 0), text(row, 1) == "t", text(row, 2), text(row, 3), text(row, 4), text(row, 5),
                            number(row, 6)});
    }
    return controls;
}

ProcessLine process_of(const pg::Row& row) {
    ProcessLine line;
    std::size_t i = 0;
    for (auto* field : {&line.id, &line.pipeline, &line.host, &line.version, &line.state, &line.paused_cause,
                        &line.paused_detail, &line.how_to_end, &line.started_at}) {
        *field = text(row, i++);
    }
    for (auto* field : {&line.pid, &line.workers, &line.received, &line.settled, &line.in_flight, &line.dead_lettered,
                        &line.rows_written}) {
        *field = number(row, i++);
    }
    for (auto* field : {&line.seen_seconds_ago, &line.up_seconds, &line.messages_per_second, &line.lag_seconds}) {
        *field = real(row, i++);
    }
    return line;
}

// None of these statements touches a message's row: what no retry mends needs somebody.
Error control_error(const pg::QueryError& failed, std::string_view doing) {
    auto error = failed.error;
    error.stage = Stage::Start;
    if (error.kind != ErrorKind::Retry) error.kind = ErrorKind::Configuration;
    error.detail = fmt::format("{}: {}", doing, error.detail);
    return error;
}

}  // namespace

awaitable<Result<std::vector<PipelineControl>>> exchange(pg::Connection& connection, std::string report,
                                                         std::vector<Trip> trips) {
    std::string sql;
    for (const auto& trip : trips) {
        sql += fmt::format("SELECT sqs2pg.set_brake({}, {}, {}); ", quote_literal(trip.pipeline),
                           quote_literal(trip.detail), trip.generation);
    }
    if (!report.empty()) sql += fmt::format("SELECT sqs2pg.report_process({}); ", quote_literal(report));
    sql += kStates;
    auto answer = co_await connection.query(std::move(sql), kExchangeDeadline);
    if (!answer) co_return fail(control_error(answer.error(), "the pipelines' state cannot be read"));
    co_return controls_of(answer->back().rows);
}

awaitable<Status> leave(pg::Connection& connection, std::string process_id) {
    auto done = co_await connection.query(fmt::format("SELECT sqs2pg.leave_process({})", quote_literal(process_id)),
                                          std::chrono::seconds(1));
    if (!done) co_return fail(done.error().error);
    co_return Status{};
}

awaitable<Status> pause_pipeline(pg::Connection& connection, std::string pipeline, std::string why) {
    auto done = co_await connection.query(
        fmt::format("SELECT sqs2pg.pause_pipeline({}, {})", quote_literal(pipeline), quote_literal(why)), kDeadline);
    if (!done) co_return fail(control_error(done.error(), "the pause cannot be written"));
    co_return Status{};
}

awaitable<Status> resume_pipeline(pg::Connection& connection, std::string pipeline) {
    auto done =
        co_await connection.query(fmt::format("SELECT sqs2pg.resume_pipeline({})", quote_literal(pipeline)), kDeadline);
    if (!done) co_return fail(control_error(done.error(), "the end of the pause cannot be written"));
    co_return Status{};
}

awaitable<Result<Overview>> look_over(pg::Connection& connection) {
    auto sql = fmt::format("{}; {}; SELECT pipeline, reason, last_hour, last_day FROM sqs2pg.dead_letter_counts(); {}",
                           kStates, kProcesses, kLedgerBytes);
    auto answer = co_await connection.query(std::move(sql), kDeadline);
    if (!answer) co_return fail(control_error(answer.error(), "the state cannot be read"));
    Overview overview;
    overview.pipelines = controls_of(answer->at(0).rows);
    for (const auto& row : answer->at(1).rows) overview.processes.push_back(process_of(row));
    for (const auto& row : answer->at(2).rows) {
        overview.dead_letters.push_back({text(row, 0), text(row, 1), number(row, 2), number(row, 3)});
    }
    overview.ledger_bytes = number(answer->at(3).rows.at(0), 0);
    co_return overview;
}

}  // namespace sqs2pg::schema
