// The server's side of `check`: what the database's settings mean for a pipeline's rows.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "cli/findings.h"
#include "pg/connection.h"

namespace sqs2pg::cli {

struct ServerState {
    int version = 150000;
    bool tls = false;
    bool local = false;   // a unix socket, or loopback
    bool pooled = false;  // a pooler stands between: the session has another backend than the connection was told
    bool recovery = false;
    bool read_only = false;
    bool fsync = true;
    bool full_page_writes = true;
    std::string encoding = "UTF8";
    std::string log_min_messages;
    std::string log_error_verbosity;
    std::int64_t statement_timeout_ms = 0;
    std::int64_t free_connections = 0;    // of server, database and role: the least
    std::int64_t clock_ahead_ms = 0;      // the server's clock before this machine's
    std::int64_t clock_uncertain_ms = 0;  // half of the round trip that told
};

// One round trip. The connection and the clock outlive it.
awaitable<Result<ServerState>> look_at_server(pg::Connection& connection, Clock& clock);

// `where` names the connection, `role` the worker; `wanted` connections will be made. Pure.
void judge_server(const ServerState& state, const std::string& where, const std::string& role, std::int64_t wanted,
                  Findings& findings);

}  // namespace sqs2pg::cli
