// The server's settings, see check_server.h.
#include "cli/check_server.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "cli/progress.h"

namespace sqs2pg::cli {

namespace {

constexpr std::chrono::seconds kDeadline{10};
constexpr int kOldestVersion = 130000;
constexpr std::int64_t kShortStatementMs = 10'000;
constexpr std::int64_t kClocksApartMs = 5'000;

// Sessions of other roles are counted by their database's id: the rest of their line is hidden from a plain role.
constexpr const char* kQuery = R"sql(
WITH used AS (
    SELECT count(datid) AS everywhere,
           count(*) FILTER (WHERE datname = pg_catalog.current_database()) AS here,
           count(*) FILTER (WHERE usename = session_user) AS mine
    FROM pg_catalog.pg_stat_activity
)
SELECT coalesce((SELECT ssl FROM pg_catalog.pg_stat_ssl WHERE pid = pg_catalog.pg_backend_pid()), false),
       coalesce(pg_catalog.inet_client_addr() << '127.0.0.0/8'::inet OR pg_catalog.inet_client_addr() = '::1'::inet,
                true),
       pg_catalog.pg_backend_pid(),
       pg_catalog.pg_is_in_recovery(),
       pg_catalog.current_setting('transaction_read_only') = 'on',
       pg_catalog.current_setting('fsync') = 'on',
       pg_catalog.current_setting('full_page_writes') = 'on',
       pg_catalog.current_setting('server_encoding'),
       pg_catalog.current_setting('log_min_messages'),
       pg_catalog.current_setting('log_error_verbosity'),
       (SELECT setting::bigint FROM pg_catalog.pg_settings WHERE name = 'statement_timeout'),
       least(pg_catalog.current_setting('max_connections')::bigint
                 - pg_catalog.current_setting('superuser_reserved_connections')::bigint - used.everywhere,
             (SELECT CASE WHEN datconnlimit >= 0 THEN datconnlimit - used.here END
              FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()),
             (SELECT CASE WHEN rolconnlimit >= 0 THEN rolconnlimit - used.mine END
              FROM pg_catalog.pg_roles WHERE rolname = session_user)),
       (extract(epoch FROM pg_catalog.clock_timestamp()) * 1000)::bigint
FROM used
)sql";

std::string text(const pg::Row& row, std::size_t column) { return row.at(column).value_or(""); }
bool flag(const pg::Row& row, std::size_t column) { return text(row, column) == "t"; }
std::int64_t number(const pg::Row& row, std::size_t column) {
    return std::strtoll(text(row, column).c_str(), nullptr, 10);
}

void judge_line(const ServerState& state, const std::string& where, Findings& findings) {
    if (state.tls) {
        findings.ok("database_tls", where, "connected with TLS");
    } else if (state.local) {
        findings.ok("database_tls", where, "connected without TLS, on this machine");
    } else {
        findings.warning("database_tls", where,
                         "connected without TLS over the network: add sslmode=verify-full to the URL");
    }
    if (state.pooled) {
        findings.warning("database_pooler", where,
                         "a connection pooler stands between: it must run in mode transaction or session, never "
                         "statement");
    }
}

void judge_log(const ServerState& state, const std::string& role, Findings& findings) {
    const auto& level = state.log_min_messages;
    if (level == "fatal" || level == "panic") {
        findings.ok("server_log", "server log",
                    "log_min_messages is " + level + ": values that the server refuses stay out of its log");
    } else {
        findings.warning("server_log", "server log",
                         fmt::format("values that only the server can refuse may stand in its log (log_min_messages is "
                                     "{}{}); as a superuser: ALTER ROLE \"{}\" SET log_min_messages = fatal",
                                     level,
                                     state.log_error_verbosity == "terse"
                                         ? "; log_error_verbosity = terse hides the row, not a type's own message"
                                         : "",
                                     role));
    }
}

void judge_writes(const ServerState& state, const std::string& where, Findings& findings) {
    if (state.recovery || state.read_only) {
        findings.error("database_read_only", where,
                       state.recovery
                           ? "is a standby and takes no rows: name the primary, or several hosts with "
                             "target_session_attrs=read-write"
                           : "sessions are read-only here (default_transaction_read_only): switch it off for "
                             "the role");
    }
    if (!state.fsync || !state.full_page_writes) {
        findings.warning(
            "database_durability", where,
            fmt::format("{} is off: a crash of the server may lose rows whose messages have been deleted; "
                        "ALTER SYSTEM SET {} = on",
                        state.fsync ? "full_page_writes" : "fsync", state.fsync ? "full_page_writes" : "fsync"));
    }
    if (state.statement_timeout_ms > 0 && state.statement_timeout_ms < kShortStatementMs) {
        findings.warning("database_timeout", where,
                         fmt::format("statement_timeout is {} ms: large batches may be cancelled, and are halved then; "
                                     "0 or some minutes are better for this role",
                                     state.statement_timeout_ms));
    }
}

}  // namespace

awaitable<Result<ServerState>> look_at_server(pg::Connection& connection, Clock& clock) {
    const std::string sql = kQuery;
    const auto before = clock.wall_ms();
    const auto result = co_await connection.query(sql, kDeadline);
    const auto after = clock.wall_ms();
    if (!result) co_return fail(result.error().error);
    const auto& row = result->at(0).rows.at(0);
    ServerState state;
    state.version = connection.server_version();
    state.tls = flag(row, 0);
    state.local = flag(row, 1);
    state.pooled = number(row, 2) != connection.backend_id();
    state.recovery = flag(row, 3);
    state.read_only = flag(row, 4);
    state.fsync = flag(row, 5);
    state.full_page_writes = flag(row, 6);
    state.encoding = text(row, 7);
    state.log_min_messages = text(row, 8);
    state.log_error_verbosity = text(row, 9);
    state.statement_timeout_ms = number(row, 10);
    state.free_connections = number(row, 11);
    state.clock_ahead_ms = number(row, 12) - (before + after) / 2;
    state.clock_uncertain_ms = (after - before) / 2 + 1;
    co_return state;
}

void judge_server(const ServerState& state, const std::string& where, const std::string& role, std::int64_t wanted,
                  Findings& findings) {
    if (state.version < kOldestVersion) {
        findings.warning("database_version", where,
                         fmt::format("is PostgreSQL {}: sqs2pg is made for 13 and later", state.version / 10000));
    }
    judge_line(state, where, findings);
    judge_log(state, role, findings);
    judge_writes(state, where, findings);
    if (state.encoding != "UTF8") {
        findings.warning("database_encoding", where,
                         fmt::format("its encoding is {}: messages with characters that it lacks become dead letters; "
                                     "a database with ENCODING 'UTF8' takes all",
                                     state.encoding));
    }
    if (state.free_connections < wanted) {
        findings.warning("database_connections", where,
                         fmt::format("{} connections are free and {} are wanted (a worker each): raise max_connections "
                                     "or the role's CONNECTION LIMIT, or run fewer --workers",
                                     std::max<std::int64_t>(0, state.free_connections), wanted));
    }
    const auto apart = std::abs(state.clock_ahead_ms);
    if (apart > kClocksApartMs + state.clock_uncertain_ms) {
        findings.warning("clock", where,
                         fmt::format("its clock is {} {} this machine's: synchronise both; the ledger goes by the "
                                     "database's, signatures by this one",
                                     duration_text(static_cast<double>(apart) / 1000.0),
                                     state.clock_ahead_ms > 0 ? "ahead of" : "behind"));
    }
}

}  // namespace sqs2pg::cli
