// Server errors of a writing transaction as the pipeline's failures, see write_failures.h.
#include "adapters/write_failures.h"

#include <fmt/format.h>

#include "pg/sqlstate.h"

namespace sqs2pg::adapters {

using pipeline::WriteFailure;

tl::unexpected<WriteFailure> write_failure(Error error) {
    WriteFailure result;
    result.error = std::move(error);
    result.error.stage = Stage::Write;
    return tl::unexpected<WriteFailure>(std::move(result));
}

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
            "the role lacks a right on schema sqs2pg: name it as `postgres: worker_role` (or `replayer_role`) and run "
            "`sqs2pg migrate`";
    } else {
        error.detail = fmt::format("schema sqs2pg refuses what is written to it: {}", error.detail);
    }
    return error;
}

tl::unexpected<WriteFailure> own_table_failure(const pg::QueryError& failed) {
    auto result = write_failure(own_table_error(failed));
    result.value().halve = pg::verdict_of(failed.server.sqlstate).halve;
    result.value().ids_held = failed.server.sqlstate == "55P03";
    return result;
}

bool claimed_before(const pg::QueryError& failed, const CopyPlan& plan) {
    return plan.claim && failed.server.sqlstate == "23505" && failed.server.statement == *plan.claim;
}

tl::unexpected<WriteFailure> copy_failure(const pg::QueryError& failed, const CopyPlan& plan) {
    const auto& server = failed.server;
    auto error = failed.error;
    if (server.sqlstate.empty() || server.fatal) {
        // COMMIT stands behind the COPYs, and none ends before its rows have come.
        if (server.copies_begun < plan.entries.size()) return write_failure(std::move(error));
        error.kind = ErrorKind::InDoubt;
        error.detail += "; whether the transaction was committed is not known";
        return write_failure(std::move(error));
    }
    if (plan.claim && server.statement <= *plan.claim) return own_table_failure(failed);
    bool own = server.schema == "sqs2pg" || (server.copy && server.copy == plan.dead_letter_copy);
    auto result = write_failure(own ? own_table_error(failed) : std::move(error));
    auto& value = result.value();
    value.halve = pg::verdict_of(server.sqlstate).halve;
    if (value.error.kind == ErrorKind::BadRow) {
        value.column = server.column;
        value.constraint = server.constraint;
        if (server.copy && server.copy_line) value.suspect = plan.entry_at(*server.copy, *server.copy_line);
    }
    return result;
}

}  // namespace sqs2pg::adapters
