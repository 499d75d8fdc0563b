// libpq on the event loop: one connection, one statement at a time, a deadline on every wait. Names are resolved
// asynchronously and passed as hostaddr (libpq's own look-up blocks). Errors carry SQLSTATE and the schema, table,
// column and constraint fields; never the server's message text, which can hold row values.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "base/result.h"
#include "base/secret.h"
#include "pg/connection_budget.h"
#include "pg/password_source.h"

namespace sqs2pg::pg {

struct ConnectOptions {
    std::string conninfo;                         // URL or keyword string as for psql; empty: the PG* environment
    Secret password;                              // wins over the conninfo's when not empty
    std::shared_ptr<PasswordSource> passwords{};  // asked for each host that is tried; wins over both
    std::string application_name = "sqs2pg";
    std::chrono::milliseconds connect_deadline{10000};
    std::shared_ptr<ConnectionBudget> budget;  // what the process may have; null: no bound
    std::chrono::milliseconds budget_deadline{60000};
};

// What the server said, without what it said it about.
struct ServerError {
    std::string sqlstate;  // empty: the connection went away without one
    std::string schema, table, column, constraint;
    std::optional<std::size_t> copy_line;  // 1-based, parsed out of the context; its text is dropped
    std::optional<std::size_t> statement;  // 0-based, of those in the call: the one that failed
    std::optional<std::size_t> copy;       // 0-based, of the call's COPYs: the one that failed, when a COPY did
    std::size_t copies_begun = 0;          // of the call's COPYs: those that the server asked the rows of
    bool fatal = false;                    // the server closed the connection with it
};

// Rows as text; nullopt is NULL.
using Row = std::vector<std::optional<std::string>>;
struct StatementResult {
    std::vector<Row> rows;
    std::string command_tag;  // "COMMIT", "INSERT 0 5"
};

struct QueryError {
    Error error;  // kind by pg/sqlstate
    ServerError server;
};
template <class T>
using QueryResult = tl::expected<T, QueryError>;

class Connection {
   public:
    // Kinds: Retry (refused, timeout, 57P03 …), Configuration (28xxx, 3Dxxx, bad conninfo). The detail names host,
    // port, database and role, never the password.
    // With a budget: waits in its line first; kind Retry, code "max_connections", when that takes too long.
    static awaitable<Result<std::unique_ptr<Connection>>> connect(boost::asio::any_io_executor executor,
                                                                  ConnectOptions options);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // Simple query protocol; may hold several statements. One result a statement. `deadline` bounds the whole call;
    // when it passes, the connection is broken (ok() is false) and the kind is Retry with code "timeout".
    awaitable<QueryResult<std::vector<StatementResult>>> query(std::string sql, std::chrono::milliseconds deadline);

    // One statement with text parameters (extended protocol).
    awaitable<QueryResult<StatementResult>> query_params(std::string sql,
                                                         std::vector<std::optional<std::string>> params,
                                                         std::chrono::milliseconds deadline);

    // Simple query of several statements in which each `COPY … FROM STDIN`, in order, is fed with one of `copies`
    // (COPY text rows, borrowed until the call returns). One result a statement.
    awaitable<QueryResult<std::vector<StatementResult>>> query_with_copies(
        std::string sql, std::vector<std::vector<std::string_view>> copies, std::chrono::milliseconds deadline);

    bool ok() const;                                // usable for another statement
    std::string parameter(const char* name) const;  // PQparameterStatus: server_version, TimeZone …
    int server_version() const;                     // 150020
    int backend_id() const;  // as told at the connect; behind a pooler another than pg_backend_pid() says
    std::string user() const;
    std::string database() const;
    std::string where() const;    // "host:port/database as role", for humans
    bool session_warned() const;  // a WARNING came with the last statement of the last call (a COMMIT: in doubt)

   private:
    struct Impl;
    static awaitable<Result<std::unique_ptr<Connection>>> connect_now(boost::asio::any_io_executor executor,
                                                                      ConnectOptions options);
    explicit Connection(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

// The conninfo without its password, for humans.
std::string redacted(const std::string& conninfo);

}  // namespace sqs2pg::pg
