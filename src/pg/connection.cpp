// Statements on a libpq connection without blocking the event loop, see connection.h.
#include "pg/connection.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstring>

#include <fmt/format.h>
#include <unistd.h>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "pg/connection_state.h"
#include "pg/sqlstate.h"

namespace sqs2pg::pg {
namespace {

namespace asio = boost::asio;
using Descriptor = asio::posix::stream_descriptor;

// Small rows are gathered up to this before libpq sees them: a CopyData message a row would cost more than the row.
constexpr std::size_t kCopyChunk = 128 * 1024;

std::string field(const PGresult* result, int code) {
    const char* text = PQresultErrorField(result, code);
    return text == nullptr ? "" : text;
}

// The context's line "COPY table, line 7, column c: "value"": the number is all that is taken. The word for line
// depends on the server's lc_messages, so the first number after the table's name counts.
std::optional<std::size_t> copy_line_of(const PGresult* result) {
    const char* context = PQresultErrorField(result, PG_DIAG_CONTEXT);
    if (context == nullptr) return std::nullopt;
    std::string_view text(context);
    auto start = text.starts_with("COPY ") ? 0 : text.find("\nCOPY ");
    if (start == std::string_view::npos) return std::nullopt;
    auto comma = text.find(", ", start);
    if (comma == std::string_view::npos) return std::nullopt;
    auto digit = std::find_if(text.begin() + static_cast<std::ptrdiff_t>(comma), text.end(),
                              [](unsigned char c) { return std::isdigit(c) != 0 || c == '\n' || c == '"'; });
    std::size_t line = 0;
    auto parsed = std::from_chars(std::to_address(digit), text.data() + text.size(), line);
    if (parsed.ec != std::errc{} || line == 0) return std::nullopt;
    return line;
}

StatementResult take_rows(const PGresult* result) {
    StatementResult taken;
    taken.command_tag = PQcmdStatus(const_cast<PGresult*>(result));
    int rows = PQntuples(result);
    int columns = PQnfields(result);
    taken.rows.reserve(static_cast<std::size_t>(rows));
    for (int r = 0; r < rows; ++r) {
        Row row(static_cast<std::size_t>(columns));
        for (int c = 0; c < columns; ++c) {
            if (PQgetisnull(result, r, c) != 0) continue;
            auto length = static_cast<std::size_t>(PQgetlength(result, r, c));
            row[static_cast<std::size_t>(c)].emplace(PQgetvalue(result, r, c), length);
        }
        taken.rows.push_back(std::move(row));
    }
    return taken;
}

awaitable<void> wait_once(Descriptor& socket, Descriptor::wait_type what) {
    boost::system::error_code ignored;
    auto token = asio::redirect_error(asio::use_awaitable, ignored);
    co_await socket.async_wait(what, token);
}

}  // namespace

SocketDeadline::SocketDeadline(Descriptor& socket, std::chrono::steady_clock::time_point at)
    : state_(std::make_shared<State>(State{&socket})), timer_(socket.get_executor(), at) {
    timer_.async_wait([state = state_](const boost::system::error_code& error) {
        if (error || state->socket == nullptr) return;
        state->passed = true;
        boost::system::error_code ignored;
        state->socket->cancel(ignored);
    });
}

SocketDeadline::~SocketDeadline() { state_->socket = nullptr; }

bool SocketDeadline::passed() const { return state_->passed || timer_.expiry() <= std::chrono::steady_clock::now(); }

awaitable<void> wait_for(Descriptor& socket, const SocketDeadline& deadline, Readiness what) {
    if (deadline.passed() || !socket.is_open()) co_return;
    if (what == Readiness::Either) {
        using namespace asio::experimental::awaitable_operators;
        auto readable = wait_once(socket, Descriptor::wait_read);
        auto writable = wait_once(socket, Descriptor::wait_write);
        auto either = std::move(readable) || std::move(writable);
        co_await std::move(either);
        co_return;
    }
    auto wait = wait_once(socket, what == Readiness::Read ? Descriptor::wait_read : Descriptor::wait_write);
    co_await std::move(wait);
}

bool Connection::Impl::adopt_socket() {
    boost::system::error_code ignored;
    socket.close(ignored);
    int own = PQsocket(conn.get());
    int copy = own < 0 ? -1 : dup(own);
    if (copy < 0) return false;
    socket.assign(copy, ignored);
    if (ignored) close(copy);
    return !ignored;
}

void Connection::Impl::break_off() {
    boost::system::error_code ignored;
    socket.close(ignored);
    conn.reset();
}

void Connection::Impl::on_notice(void* self, const PGresult* notice) {
    if (field(notice, PG_DIAG_SEVERITY_NONLOCALIZED) != "WARNING") return;
    static_cast<Impl*>(self)->note_warning(PQresultErrorField(notice, PG_DIAG_CONTEXT) != nullptr);
}

QueryError Connection::Impl::error_of(const PGresult* result) const {
    QueryError error;
    auto& server = error.server;
    server.sqlstate = field(result, PG_DIAG_SQLSTATE);
    server.statement = finished_statements;
    server.copies_begun = started_copies;
    auto severity = field(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    server.fatal = severity == "FATAL" || severity == "PANIC";
    if (server.sqlstate.empty()) return lost(false);
    server.schema = field(result, PG_DIAG_SCHEMA_NAME);
    server.table = field(result, PG_DIAG_TABLE_NAME);
    server.column = field(result, PG_DIAG_COLUMN_NAME);
    server.constraint = field(result, PG_DIAG_CONSTRAINT_NAME);
    if (in_copy && started_copies > 0) {
        server.copy = started_copies - 1;
        server.copy_line = copy_line_of(result);
    }
    Circumstance circumstance{!server.constraint.empty(), server.fatal};
    auto detail = std::string(meaning_of(server.sqlstate, circumstance));
    if (!server.table.empty()) {
        detail += server.schema.empty() ? fmt::format(" (table {}", server.table)
                                        : fmt::format(" (table {}.{}", server.schema, server.table);
        if (!server.column.empty()) detail += fmt::format(", column {}", server.column);
        if (!server.constraint.empty()) detail += fmt::format(", constraint {}", server.constraint);
        detail += ')';
    }
    error.error = Error{verdict_of(server.sqlstate, circumstance).kind, Stage::Write, server.sqlstate, detail};
    return error;
}

QueryError Connection::Impl::lost(bool timed_out) const {
    auto code = timed_out ? "timeout" : "connection_lost";
    auto what = timed_out ? "did not answer in time" : "closed the connection";
    QueryError error;
    error.error = Error{ErrorKind::Retry, Stage::Write, code, fmt::format("PostgreSQL at {} {}", place, what)};
    error.server.statement = finished_statements;
    error.server.copies_begun = started_copies;
    return error;
}

awaitable<bool> Connection::Impl::flush(const SocketDeadline& deadline) {
    for (;;) {
        int pending = PQflush(conn.get());
        if (pending <= 0) co_return pending == 0;
        co_await wait_for(socket, deadline, Readiness::Either);
        if (deadline.passed()) co_return false;
        // Read while writing: a server that is stuck sending notices would never read the rest.
        if (PQconsumeInput(conn.get()) == 0) co_return false;
    }
}

awaitable<bool> Connection::Impl::feed(const std::vector<std::string_view>& copy, const SocketDeadline& deadline) {
    std::string chunk;
    chunk.reserve(kCopyChunk);
    for (std::size_t i = 0; i <= copy.size(); ++i) {
        bool last = i == copy.size();
        if (!last && chunk.size() + copy[i].size() <= kCopyChunk) {
            chunk += copy[i];
            continue;
        }
        if (!chunk.empty()) {
            if (PQputCopyData(conn.get(), chunk.data(), static_cast<int>(chunk.size())) < 1) co_return false;
            chunk.clear();
            bool sent = co_await flush(deadline);
            if (!sent) co_return false;
        }
        if (last) break;
        for (auto rest = copy[i]; !rest.empty();) {
            auto part = rest.substr(0, kCopyChunk);
            rest.remove_prefix(part.size());
            if (rest.empty() && part.size() < kCopyChunk) {
                chunk += part;
                break;
            }
            if (PQputCopyData(conn.get(), part.data(), static_cast<int>(part.size())) < 1) co_return false;
            bool sent = co_await flush(deadline);
            if (!sent) co_return false;
        }
    }
    if (PQputCopyEnd(conn.get(), nullptr) < 1) co_return false;
    bool sent = co_await flush(deadline);
    co_return sent;
}

awaitable<QueryResult<std::vector<StatementResult>>> Connection::Impl::collect(const Copies& copies,
                                                                               std::chrono::milliseconds limit) {
    SocketDeadline deadline(socket, std::chrono::steady_clock::now() + limit);
    std::vector<StatementResult> results;
    std::optional<QueryError> error;
    bool alive = co_await flush(deadline);
    while (alive) {
        while (PQisBusy(conn.get()) != 0 && alive) {
            co_await wait_for(socket, deadline, Readiness::Read);
            if (deadline.passed()) {
                alive = false;
            } else if (PQconsumeInput(conn.get()) == 0) {
                break;  // the connection is gone; what the server said last is still to be read
            }
        }
        if (!alive) break;
        PqResult result(PQgetResult(conn.get()));
        if (result == nullptr) break;
        auto status = PQresultStatus(result.get());
        if (status == PGRES_COPY_IN) {
            in_copy = true;
            auto index = started_copies++;
            if (index < copies.size()) {
                alive = co_await feed(copies[index], deadline);
            } else {
                // More COPYs than data: our own bug. An error message is the only end that stores nothing.
                alive = PQputCopyEnd(conn.get(), "no data was prepared for this COPY") == 1 && co_await flush(deadline);
            }
            continue;
        }
        if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY) {
            results.push_back(take_rows(result.get()));
            ++finished_statements;
            in_copy = false;
        } else if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE) {
            if (!error) error = error_of(result.get());
            in_copy = false;
            // One protocol error result repeats for ever on a dead connection.
            if (PQstatus(conn.get()) == CONNECTION_BAD) break;
        } else if (status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) {
            alive = false;  // COPY TO is not for this class
        }
    }
    bool timed_out = !alive && deadline.passed();
    if (!alive && !error) {
        // A failed send: the server may have said why before it hung up.
        error = lost(timed_out);
    }
    if (!alive || PQstatus(conn.get()) == CONNECTION_BAD) break_off();
    busy = false;
    if (error) co_return tl::unexpected<QueryError>(*std::move(error));
    co_return results;
}

Connection::Connection(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Connection::~Connection() = default;

namespace {

QueryError not_sent(const std::string& place) {
    QueryError error;
    error.error = Error{ErrorKind::Retry, Stage::Write, "connection_lost",
                        fmt::format("the connection to PostgreSQL at {} is not usable any more", place)};
    return error;
}

}  // namespace

awaitable<QueryResult<std::vector<StatementResult>>> Connection::query(std::string sql,
                                                                       std::chrono::milliseconds deadline) {
    Impl::Copies none;
    auto answer = query_with_copies(std::move(sql), std::move(none), deadline);
    co_return co_await std::move(answer);
}

awaitable<QueryResult<StatementResult>> Connection::query_params(std::string sql,
                                                                 std::vector<std::optional<std::string>> params,
                                                                 std::chrono::milliseconds deadline) {
    if (!ok()) co_return tl::unexpected<QueryError>(not_sent(impl_->place));
    std::vector<const char*> values;
    for (const auto& param : params) values.push_back(param ? param->c_str() : nullptr);
    impl_->busy = true;
    impl_->finished_statements = impl_->started_copies = 0;
    impl_->in_copy = false;
    impl_->warned_statement.reset();
    if (PQsendQueryParams(impl_->conn.get(), sql.c_str(), static_cast<int>(values.size()), nullptr, values.data(),
                          nullptr, nullptr, 0) == 0) {
        impl_->break_off();
        co_return tl::unexpected<QueryError>(not_sent(impl_->place));
    }
    Impl::Copies none;
    auto results = co_await impl_->collect(none, deadline);
    if (!results) co_return tl::unexpected<QueryError>(std::move(results.error()));
    if (results->empty()) co_return StatementResult{};
    co_return std::move(results->front());
}

awaitable<QueryResult<std::vector<StatementResult>>> Connection::query_with_copies(
    std::string sql, std::vector<std::vector<std::string_view>> copies, std::chrono::milliseconds deadline) {
    if (!ok()) co_return tl::unexpected<QueryError>(not_sent(impl_->place));
    impl_->busy = true;
    impl_->finished_statements = impl_->started_copies = 0;
    impl_->in_copy = false;
    impl_->warned_statement.reset();
    if (PQsendQuery(impl_->conn.get(), sql.c_str()) == 0) {
        impl_->break_off();
        co_return tl::unexpected<QueryError>(not_sent(impl_->place));
    }
    auto results = co_await impl_->collect(copies, deadline);
    co_return results;
}

bool Connection::ok() const {
    return impl_->conn != nullptr && !impl_->busy && impl_->socket.is_open() &&
           PQstatus(impl_->conn.get()) == CONNECTION_OK;
}

std::string Connection::parameter(const char* name) const {
    const char* value = impl_->conn ? PQparameterStatus(impl_->conn.get(), name) : nullptr;
    return value == nullptr ? "" : value;
}

int Connection::backend_id() const { return impl_->conn ? PQbackendPID(impl_->conn.get()) : 0; }
int Connection::server_version() const { return impl_->conn ? PQserverVersion(impl_->conn.get()) : 0; }

std::string Connection::user() const { return impl_->conn ? PQuser(impl_->conn.get()) : ""; }

std::string Connection::database() const { return impl_->conn ? PQdb(impl_->conn.get()) : ""; }

std::string Connection::where() const { return impl_->place; }

bool Connection::session_warned() const {
    if (!impl_->warned_statement) return false;
    auto behind = impl_->finished_statements - *impl_->warned_statement;
    return behind <= 1 || (behind == 2 && impl_->warned_bare);
}

}  // namespace sqs2pg::pg
