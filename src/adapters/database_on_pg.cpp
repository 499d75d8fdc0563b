// The writing transaction on a real connection, see database_on_pg.h.
#include "adapters/database_on_pg.h"

#include <fmt/format.h>

#include "pg/sqlstate.h"

namespace sqs2pg::adapters {
namespace {

using pipeline::Fate;
using pipeline::WriteEntry;
using pipeline::WriteFailure;
using pipeline::WriteReport;
using Written = tl::expected<WriteReport, WriteFailure>;

constexpr std::chrono::milliseconds kRollbackDeadline{5000};

tl::unexpected<WriteFailure> failure(Error error) {
    WriteFailure result;
    result.error = std::move(error);
    result.error.stage = Stage::Write;
    return tl::unexpected<WriteFailure>(std::move(result));
}

// What went wrong on a table of ours is never a message's fault: nothing is dead-lettered for it.
Error own_table_error(const pg::QueryError& failed) {
    auto error = failed.error;
    const auto& server = failed.server;
    if (error.kind == ErrorKind::Retry) return error;
    error.kind = ErrorKind::Configuration;
    if (server.sqlstate == "23514" && server.constraint.empty()) {
        error.code = "ledger_range";
        error.detail =
            "the SentTimestamp of a message is missing or outside the ledger's partitions; it is neither written nor "
            "deleted: "
            "look whether a partition of sqs2pg.ledger was dropped, whether the ledger's retention covers the queue's "
            "(`sqs2pg check`), and whether the queue's and the database's clocks agree";
    } else if (server.sqlstate == "42P01" || server.sqlstate == "3F000") {
        error.code = "no_schema";
        error.detail = "schema sqs2pg or a table of it is missing: run `sqs2pg migrate`";
    } else if (server.sqlstate == "42501") {
        error.detail =
            "the role lacks a right on schema sqs2pg: name it as `postgres: worker_role` and run `sqs2pg migrate`";
    } else {
        error.detail = fmt::format("schema sqs2pg refuses what is written to it: {}", error.detail);
    }
    return error;
}

tl::unexpected<WriteFailure> ledger_failure(const pg::QueryError& failed) {
    auto result = failure(own_table_error(failed));
    result.value().halve = pg::verdict_of(failed.server.sqlstate).halve;
    return result;
}

// The second round trip holds the COMMIT: whatever broke the connection may have come after it.
tl::unexpected<WriteFailure> copy_failure(const pg::QueryError& failed, const CopyPlan& plan) {
    const auto& server = failed.server;
    auto error = failed.error;
    if (server.sqlstate.empty() || server.fatal) {
        error.kind = ErrorKind::InDoubt;
        error.detail += "; whether the transaction was committed is not known";
        return failure(std::move(error));
    }
    bool own = server.schema == "sqs2pg" || (server.copy && server.copy == plan.dead_letter_copy);
    auto result = failure(own ? own_table_error(failed) : std::move(error));
    auto& value = result.value();
    value.halve = pg::verdict_of(server.sqlstate).halve;
    if (value.error.kind == ErrorKind::BadRow) {
        value.column = server.column;
        value.constraint = server.constraint;
        if (server.copy && server.copy_line) value.suspect = plan.entry_at(*server.copy, *server.copy_line);
    }
    return result;
}

}  // namespace

DatabaseOnPg::DatabaseOnPg(boost::asio::any_io_executor executor, pg::ConnectOptions options,
                           std::vector<pipeline::Target> targets, WriteLimits limits)
    : executor_(std::move(executor)),
      options_(std::move(options)),
      begin_sql_(begin_sql(targets, limits)),
      limits_(limits) {
    for (const auto& target : targets) target_copies_.push_back(copy_sql(target));
}

DatabaseOnPg::~DatabaseOnPg() = default;

awaitable<Status> DatabaseOnPg::ensure_connected() {
    if (connection_ && connection_->ok()) co_return Status{};
    connection_.reset();
    auto made = co_await pg::Connection::connect(executor_, options_);
    if (!made) co_return fail(std::move(made.error()));
    connection_ = std::move(*made);
    co_return Status{};
}

awaitable<void> DatabaseOnPg::end_failed_transaction(std::string sqlstate) {
    if (!connection_ || !connection_->ok()) co_return;
    if (sqlstate == "25006") {  // read-only by now: a failover; another host of the list may take writes
        connection_.reset();
        co_return;
    }
    auto ended = co_await connection_->query("ROLLBACK", kRollbackDeadline);
    if (!ended) connection_.reset();
}

awaitable<Written> DatabaseOnPg::write(std::span<const WriteEntry> entries) {
    WriteReport report;
    if (entries.empty()) co_return report;
    auto connected = co_await ensure_connected();
    if (!connected) co_return failure(std::move(connected.error()));

    auto ledger = co_await connection_->query(begin_sql_ + ledger_sql(entries), limits_.deadline);
    if (!ledger) {
        co_await end_failed_transaction(ledger.error().server.sqlstate);
        co_return ledger_failure(ledger.error());
    }
    std::optional<std::vector<Fate>> fates;
    if (!ledger->empty() && ledger->back().rows.size() == 1 && ledger->back().rows[0].size() == 2) {
        const auto& answer = ledger->back().rows[0];
        fates = read_fates(entries, answer[0], answer[1]);
    }
    CopyPlan plan;
    if (!fates || !fill_plan(plan, entries, *fates, target_copies_)) {
        co_await end_failed_transaction("");
        co_return failure(
            {ErrorKind::Configuration, Stage::Write, "bad_answer",
             fates ? "a row is meant for a table that the worker does not know"
                   : "the ledger's answer makes no sense: is sqs2pg.ledger the table that `migrate` made?"});
    }

    auto copied = co_await connection_->query_with_copies(plan.sql, std::move(plan.copies), limits_.deadline);
    if (!copied) {
        co_await end_failed_transaction(copied.error().server.sqlstate);
        co_return copy_failure(copied.error(), plan);
    }
    // COMMIT of an aborted transaction "succeeds" with the tag ROLLBACK.
    if (copied->empty() || copied->back().command_tag != "COMMIT") {
        connection_.reset();
        co_return failure(
            {ErrorKind::Retry, Stage::Write, "rollback", "the server rolled the transaction back at COMMIT"});
    }
    if (connection_->session_warned()) {
        co_return failure({ErrorKind::InDoubt, Stage::Write, "commit_warning",
                           "the server warned about the COMMIT: it may not have reached the standby"});
    }
    report.fates = std::move(*fates);
    co_return report;
}

awaitable<Status> DatabaseOnPg::maintain() {
    auto connection = co_await pg::Connection::connect(executor_, options_);
    if (!connection) co_return fail(std::move(connection.error()));
    auto done = co_await (*connection)->query("SELECT sqs2pg.maintain_ledger()", limits_.deadline);
    if (done) co_return Status{};
    auto error = own_table_error(done.error());
    error.detail = "the ledger's maintenance failed: " + error.detail;
    co_return fail(std::move(error));
}

}  // namespace sqs2pg::adapters
