// The way to a connection: every host in turn, names resolved on the event loop, one deadline over all, and an error
// that says what to do. See connection.h.
#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "pg/connection.h"
#include "pg/connection_state.h"
#include "pg/conninfo.h"
#include "pg/sqlstate.h"

namespace sqs2pg::pg {
namespace {

namespace asio = boost::asio;
using Steady = std::chrono::steady_clock;
using asio::ip::tcp;

std::string place_of(const Attempt& attempt, const ConnectPlan& plan) {
    auto host = attempt.host.empty() ? std::string("the default host") : attempt.host;
    return fmt::format("{}:{}/{} as {}", host, attempt.port, plan.database, plan.user);
}

// The addresses of a name; empty when it does not resolve before `until`. The system's resolver cannot be interrupted:
// it is left behind in its thread when it is late.
awaitable<std::vector<std::string>> addresses_of(asio::any_io_executor executor, std::string host,
                                                 Steady::time_point until) {
    boost::system::error_code error;
    auto literal = asio::ip::make_address(host, error);
    if (!error) co_return std::vector<std::string>{literal.to_string()};

    struct Search {
        explicit Search(const asio::any_io_executor& on) : resolver(on), timer(on) {}
        tcp::resolver resolver;
        asio::steady_timer timer;
        std::vector<std::string> found;
    };
    auto search = std::make_shared<Search>(executor);
    search->timer.expires_at(until);
    search->resolver.async_resolve(host, "", [search](const boost::system::error_code& failed, const auto& entries) {
        for (const auto& entry : entries) {
            if (!failed) search->found.push_back(entry.endpoint().address().to_string());
        }
        search->timer.cancel();
    });
    auto token = asio::redirect_error(asio::use_awaitable, error);
    co_await search->timer.async_wait(token);
    auto found = search->found;
    // IPv4 first: a name such as localhost often has an IPv6 address that nobody listens on.
    std::ranges::sort(found, {}, [](const std::string& address) { return std::pair(address.contains(':'), address); });
    found.erase(std::ranges::unique(found).begin(), found.end());
    co_return found;
}

// What libpq says of a failed attempt, with verbosity PQERRORS_SQLSTATE: either its own words, which are about the
// network, or "FATAL:  28P01". Nothing of it is repeated.
struct Reason {
    ErrorKind kind;
    const char* code;
    const char* sentence;  // completes "PostgreSQL at … "
    const char* sign;      // what the text holds
};
constexpr Reason kReasons[] = {
    {ErrorKind::Retry, "connection_refused", "refuses the connection: is it running, and is the port right?",
     "Connection refused"},
    {ErrorKind::Retry, "connection_refused", "has no socket there: is it running, and is the folder right?",
     "No such file or directory"},
    {ErrorKind::Configuration, "socket_denied", "has a socket that this user may not open", "Permission denied"},
    {ErrorKind::Configuration, "no_password", "asks for a password and none is configured", "no password supplied"},
    {ErrorKind::Configuration, "tls", "does not speak TLS, which sslmode demands", "does not support SSL"},
    {ErrorKind::Configuration, "tls", "shows a certificate that is not trusted (see sslrootcert and sslmode)",
     "certificate"},
    {ErrorKind::Retry, "25006", "is read-only, and a server that takes writes is wanted", "session is read-only"},
    {ErrorKind::Retry, "25006", "is in recovery, and a server that takes writes is wanted", "hot standby"},
    {ErrorKind::Retry, "unreachable", "cannot be reached: no route to it", "No route to host"},
    {ErrorKind::Retry, "unreachable", "cannot be reached: no route to its network", "Network is unreachable"},
    {ErrorKind::Configuration, "conninfo", "has an option in its connection string with an impossible value",
     "invalid "},
};

Error connect_error(const PGconn* conn, const std::string& place) {
    std::string_view text = PQerrorMessage(conn);
    while (text.ends_with('\n')) text.remove_suffix(1);
    auto last_word = text.substr(text.find_last_of(" \n") + 1);
    if (is_sqlstate(last_word)) {
        auto kind = verdict_of(last_word, {.names_constraint = true, .fatal = true}).kind;
        auto meaning = meaning_of(last_word, {.names_constraint = true, .fatal = true});
        return {kind, Stage::Start, std::string(last_word), fmt::format("PostgreSQL at {}: {}", place, meaning)};
    }
    for (const auto& reason : kReasons) {
        if (!text.contains(reason.sign)) continue;
        return {reason.kind, Stage::Start, reason.code, fmt::format("PostgreSQL at {} {}", place, reason.sentence)};
    }
    return {ErrorKind::Retry, Stage::Start, "connection_lost",
            fmt::format("PostgreSQL at {} ended the connection before it was made", place)};
}

PqConn start(const ConnectOptions& options, const ConnectPlan& plan, const Attempt& attempt, const Secret& secret) {
    std::vector<const char*> keywords = {"dbname"};
    std::vector<const char*> values = {options.conninfo.c_str()};
    auto add = [&](const char* keyword, const char* value) {
        keywords.push_back(keyword);
        values.push_back(value);
    };
    std::string password(secret.reveal());
    if (!attempt.host.empty()) {
        add("host", attempt.host.c_str());
        add("port", attempt.port.c_str());
        if (!attempt.address.empty()) add("hostaddr", attempt.address.c_str());
    }
    if (!password.empty()) add("password", password.c_str());
    if (!plan.sslmode.empty()) add("sslmode", plan.sslmode.c_str());
    if (plan.writable_only) add("target_session_attrs", "read-write");
    add("client_encoding", "UTF8");
    add("fallback_application_name", options.application_name.c_str());
    add(nullptr, nullptr);
    PqConn conn(PQconnectStartParams(keywords.data(), values.data(), 1));
    std::ranges::fill(password, '\0');
    // From here on no text of the server's, which may hold row values, is even assembled.
    if (conn) PQsetErrorVerbosity(conn.get(), PQERRORS_SQLSTATE);
    return conn;
}

}  // namespace

awaitable<Result<std::unique_ptr<Connection>>> Connection::connect(asio::any_io_executor executor,
                                                                   ConnectOptions options) {
    ConnectionBudget::Place place;
    if (options.budget) {
        auto taken = co_await options.budget->take(options.budget_deadline);
        if (!taken) co_return fail(taken.error());
        place = std::move(*taken);
    }
    auto connection = co_await connect_now(std::move(executor), std::move(options));
    if (connection) (*connection)->impl_->budget_place = std::move(place);
    co_return connection;
}

namespace {

// Every address of every host; `last`, which is the awaiting caller's, says of those that have none why.
awaitable<std::vector<Attempt>> attempts_of(asio::any_io_executor executor, std::vector<Attempt> planned,
                                            Steady::time_point until, std::optional<Error>& last) {
    std::vector<Attempt> attempts;
    for (auto& attempt : planned) {
        if (attempt.host.empty() || is_socket_folder(attempt.host)) {
            attempts.push_back(attempt);
            continue;
        }
        auto addresses = co_await addresses_of(executor, attempt.host, until);
        for (auto& address : addresses) attempts.push_back({attempt.host, address, attempt.port});
        if (!addresses.empty()) continue;
        last = Error{ErrorKind::Retry, Stage::Start, "host_not_found",
                     fmt::format("the name of the PostgreSQL host {} does not resolve", attempt.host)};
    }
    co_return attempts;
}

bool is_refused_password(const Error& error) {
    return error.code == "28P01" || error.code == "28000" || error.code == "no_password";
}

awaitable<Result<Secret>> password_of(asio::any_io_executor executor, const ConnectOptions& options, PasswordFor whom) {
    if (options.passwords == nullptr) co_return Secret(std::string(options.password.reveal()));
    auto password = co_await options.passwords->password(std::move(executor), std::move(whom));
    co_return password;
}

}  // namespace

awaitable<Status> Connection::Impl::open(ConnectOptions options, const ConnectPlan& plan, const Attempt& attempt,
                                         Steady::time_point until, std::size_t left) {
    place = place_of(attempt, plan);
    auto executor = socket.get_executor();
    PasswordFor whom{attempt.host.empty() ? plan.host : attempt.host, attempt.port, plan.user};
    auto password = co_await password_of(executor, options, std::move(whom));
    if (!password) {
        password.error().detail = fmt::format("PostgreSQL at {}: {}", place, password.error().detail);
        co_return fail(std::move(password.error()));
    }
    // A host that swallows packets must leave time for those after it.
    const auto limit = Steady::now() + (until - Steady::now()) / static_cast<long>(left);
    conn = start(options, plan, attempt, *password);
    if (!conn) co_return fail(ErrorKind::Retry, Stage::Start, "memory", "no memory for a connection");
    auto next = PQstatus(conn.get()) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
    bool late = false;
    while (next != PGRES_POLLING_OK && next != PGRES_POLLING_FAILED && !late) {
        // libpq may have opened another socket since: adopt it anew each time.
        if (!adopt_socket()) break;
        SocketDeadline deadline(socket, limit);
        auto what = next == PGRES_POLLING_READING ? Readiness::Read : Readiness::Write;
        co_await wait_for(socket, deadline, what);
        late = deadline.passed();
        if (!late) next = PQconnectPoll(conn.get());
    }
    if (next == PGRES_POLLING_OK && adopt_socket()) {
        PQsetnonblocking(conn.get(), 1);
        PQsetNoticeReceiver(conn.get(), on_notice, this);
        co_return Status{};
    }
    if (late) {
        co_return fail(ErrorKind::Retry, Stage::Start, "timeout",
                       fmt::format("PostgreSQL at {} did not answer in time", place));
    }
    co_return fail(connect_error(conn.get(), place));
}

awaitable<Result<std::unique_ptr<Connection>>> Connection::connect_now(asio::any_io_executor executor,
                                                                       ConnectOptions options) {
    auto plan = plan_connection(options);
    if (!plan) co_return fail(plan.error());
    auto until = Steady::now() + options.connect_deadline;
    std::optional<Error> last;
    const auto attempts = co_await attempts_of(executor, plan->attempts, until, last);
    bool asked_again = false;
    for (std::size_t i = 0; i < attempts.size();) {
        auto impl = std::make_unique<Impl>(executor);
        auto opened = co_await impl->open(options, *plan, attempts[i], until, attempts.size() - i);
        if (opened) co_return std::unique_ptr<Connection>(new Connection(std::move(impl)));
        last = std::move(opened.error());
        const bool stale = options.passwords != nullptr && is_refused_password(*last) && options.passwords->refused();
        if (stale && !std::exchange(asked_again, true)) continue;
        if (last->kind == ErrorKind::Configuration || last->kind == ErrorKind::Credentials) break;
        ++i;
    }
    co_return fail(*std::move(last));
}

}  // namespace sqs2pg::pg
