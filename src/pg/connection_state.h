// What a Connection holds, and its waits on the event loop; shared by connection.cpp (statements) and
// connection_connect.cpp (the way there). Private to this module.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <libpq-fe.h>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "pg/connection.h"
#include "pg/conninfo.h"

namespace sqs2pg::pg {

// A moment after which waits on a socket end. One timer a call instead of one a wait.
class SocketDeadline {
   public:
    SocketDeadline(boost::asio::posix::stream_descriptor& socket, std::chrono::steady_clock::time_point at);
    ~SocketDeadline();
    SocketDeadline(const SocketDeadline&) = delete;
    SocketDeadline& operator=(const SocketDeadline&) = delete;

    bool passed() const;

   private:
    struct State {
        boost::asio::posix::stream_descriptor* socket;  // nullptr once the call is over
        bool passed = false;
    };
    std::shared_ptr<State> state_;
    boost::asio::steady_timer timer_;
};

enum class Readiness { Read, Write, Either };

// Returns when the socket is ready, when the deadline has passed or when the wait was cancelled; the caller looks
// again. Both references belong to the awaiting caller and outlive the wait.
awaitable<void> wait_for(boost::asio::posix::stream_descriptor& socket, const SocketDeadline& deadline, Readiness what);

struct PqClear {
    void operator()(PGresult* result) const noexcept { PQclear(result); }
};
using PqResult = std::unique_ptr<PGresult, PqClear>;

struct PqFinish {
    void operator()(PGconn* conn) const noexcept { PQfinish(conn); }
};
using PqConn = std::unique_ptr<PGconn, PqFinish>;

struct Connection::Impl {
    explicit Impl(boost::asio::any_io_executor executor) : socket(executor) {}

    // One attempt at one address, the first of `left` that share the time `until` then. Both references belong to the
    // awaiting caller.
    awaitable<Status> open(ConnectOptions options, const ConnectPlan& plan, const Attempt& attempt,
                           std::chrono::steady_clock::time_point until, std::size_t left);

    // A duplicate of libpq's descriptor: it can be closed and opened anew without a look at what libpq does with its
    // own.
    bool adopt_socket();
    void break_off();

    using Copies = std::vector<std::vector<std::string_view>>;
    // Sends nothing itself: the statement is under way. Reads all its results, feeding `copies`.
    awaitable<QueryResult<std::vector<StatementResult>>> collect(const Copies& copies,
                                                                 std::chrono::milliseconds deadline);
    awaitable<bool> flush(const SocketDeadline& deadline);
    awaitable<bool> feed(const std::vector<std::string_view>& copy, const SocketDeadline& deadline);
    static void on_notice(void* self, const PGresult* notice);
    QueryError error_of(const PGresult* result) const;
    QueryError lost(bool timed_out) const;
    // libpq hands notices over ahead of the result before them: a warning that comes between two statements may belong
    // to either. One that was raised inside a statement (a trigger's, say) has a context, one of COMMIT's own has none.
    void note_warning(bool has_context) {
        warned_statement = finished_statements;
        warned_bare = !has_context;
    }

    ConnectionBudget::Place budget_place;  // given back after the connection is closed
    PqConn conn;
    boost::asio::posix::stream_descriptor socket;
    std::string place;  // "host:port/database as role"
    bool busy = false;  // a call is under way, or was given up half-way
    std::size_t finished_statements = 0;
    std::size_t started_copies = 0;
    bool in_copy = false;
    std::optional<std::size_t> warned_statement;
    bool warned_bare = false;
};

}  // namespace sqs2pg::pg
