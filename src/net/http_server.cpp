// The HTTP/1.1 server, see http_server.h. One coroutine a connection; one sweep timer closes all that are idle, so that
// the fast path sets no timer; a handler's view of the client (RequestContext) costs nothing until a callback is
// registered.
#include "net/http_server.h"

#include <array>
#include <ctime>
#include <unordered_set>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/status.hpp>

#include "net/http_parse.h"
#include "net/http_session.h"
#include "net/tls_context.h"

namespace sqs2pg::net {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using SteadyTime = std::chrono::steady_clock::time_point;

constexpr std::size_t kTlsRecordBytes = 16 * 1024;
constexpr auto kSweepInterval = std::chrono::milliseconds(500);
constexpr auto kHandshake = std::chrono::seconds(15);
constexpr auto kLinger = std::chrono::seconds(2);  // after a refusal: lets the client read the reply before the close

void append_header(std::string& head, std::string_view name, std::string_view value) {
    // A line break in a value would let it write headers of its own.
    if (name.find_first_of("\r\n") != name.npos || value.find_first_of("\r\n") != value.npos) return;
    head.append(name).append(": ").append(value).append("\r\n");
}

int status_of(error_code ec) {
    if (ec == http::error::body_limit) return 413;
    if (ec == http::error::header_limit) return 431;
    return 400;
}

}  // namespace

std::string_view ServerRequest::header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
        if (same_ignoring_case(key, name)) return value;
    }
    return {};
}

struct HttpServer::Impl : std::enable_shared_from_this<HttpServer::Impl> {
    enum class Read { Request, Closed, Refused };

    Impl(asio::any_io_executor executor_in, HttpServerOptions options_in, Handler handler_in)
        : executor(std::move(executor_in)),
          options(std::move(options_in)),
          handler(std::move(handler_in)),
          acceptor(executor),
          sweep_timer(executor),
          retry_timer(executor) {}

    Status start();
    void stop();
    static awaitable<void> accept_loop(std::shared_ptr<Impl> self);
    static awaitable<void> serve(std::shared_ptr<Impl> self, std::shared_ptr<Session> session);
    awaitable<bool> secure(Session& session);
    awaitable<void> exchange(Session& session);
    awaitable<Read> read_request(Session& session, RequestParser& parser, int& refusal);
    Stream::Parts parts_of(Session& session, const ServerReply& reply, bool keep_alive, bool with_body);
    awaitable<bool> write_reply(Session& session, const ServerReply& reply, bool keep_alive, bool with_body);
    awaitable<void> refuse(Session& session, int status);
    void sweep();
    std::string_view http_date();

    // In `sessions` as long as it lives, whichever way the coroutine ends.
    struct Enrolled {
        Enrolled(Impl& server_in, Session& session_in) : server(server_in), session(session_in) {
            server.sessions.insert(&session);
        }
        Enrolled(const Enrolled&) = delete;
        Enrolled& operator=(const Enrolled&) = delete;
        ~Enrolled() {
            server.sessions.erase(&session);
            if (server.sessions.empty()) server.sweep_timer.cancel();
        }
        Impl& server;
        Session& session;
    };

    asio::any_io_executor executor;
    HttpServerOptions options;
    Handler handler;
    tcp::acceptor acceptor;
    asio::steady_timer sweep_timer;
    asio::steady_timer retry_timer;
    std::unordered_set<Session*> sessions;
    bool sweeping = false;
    bool stopped = false;
    std::uint16_t port = 0;
    TlsContext tls;
    std::time_t date_second = 0;
    std::array<char, 40> date{};
};

Status HttpServer::Impl::start() {
    if (!options.tls_certificate.empty() || !options.tls_key.empty()) {
        auto made = make_server_context(options.tls_certificate, options.tls_key);
        if (!made) return fail(std::move(made.error()));
        tls = std::move(*made);
    }
    error_code ec;
    auto cannot = [&](error_code why) {
        return fail(ErrorKind::Configuration, Stage::Serve, "cannot_listen",
                    "cannot listen on " + options.host + ":" + std::to_string(options.port) + ": " + why.message());
    };
    auto address = asio::ip::make_address(options.host, ec);
    if (ec) {
        tcp::resolver resolver(executor);
        auto found = resolver.resolve(options.host, std::to_string(options.port), ec);
        if (ec) return cannot(ec);
        address = found.begin()->endpoint().address();
    }
    tcp::endpoint endpoint(address, options.port);
    acceptor.open(endpoint.protocol(), ec);
    if (!ec) acceptor.set_option(tcp::acceptor::reuse_address(true), ec);
    if (!ec) acceptor.bind(endpoint, ec);
    if (!ec) acceptor.listen(asio::socket_base::max_listen_connections, ec);
    if (!ec) port = acceptor.local_endpoint(ec).port();
    if (ec) {
        error_code ignored;
        acceptor.close(ignored);
        return cannot(ec);
    }
    asio::co_spawn(executor, accept_loop(shared_from_this()), asio::detached);
    return {};
}

void HttpServer::Impl::stop() {
    stopped = true;
    error_code ignored;
    acceptor.close(ignored);
    sweep_timer.cancel();
    retry_timer.cancel();
    std::vector<std::shared_ptr<Session>> open;
    for (auto* session : sessions) open.push_back(session->shared_from_this());
    for (auto& session : open) session->close();
}

awaitable<void> HttpServer::Impl::accept_loop(std::shared_ptr<Impl> self) {
    while (!self->stopped) {
        error_code ec;
        auto socket = co_await self->acceptor.async_accept(asio::redirect_error(asio::use_awaitable, ec));
        if (self->stopped) co_return;
        if (ec) {
            // Out of file descriptors, most likely: come back rather than spin.
            self->retry_timer.expires_after(std::chrono::milliseconds(100));
            co_await self->retry_timer.async_wait(asio::redirect_error(asio::use_awaitable, ec));
            continue;
        }
        socket.set_option(tcp::no_delay(true), ec);
        socket.non_blocking(true, ec);
        auto session = std::make_shared<Session>(std::move(socket));
        asio::co_spawn(self->executor, serve(self, std::move(session)), asio::detached);
    }
}

awaitable<void> HttpServer::Impl::serve(std::shared_ptr<Impl> self, std::shared_ptr<Session> session) {
    if (self->stopped) co_return;
    if (self->sessions.size() >= self->options.max_connections) {
        ServerReply busy{.status = 503, .headers = {}, .body = "too many connections\n"};
        if (!self->tls) co_await self->write_reply(*session, busy, false, true);
        co_return;
    }
    error_code ec;
    auto remote = session->stream.socket.remote_endpoint(ec);
    if (!ec) session->remote_address = remote.address().to_string();
    Enrolled enrolled(*self, *session);
    self->sweep();
    bool ready = co_await self->secure(*session);
    if (!ready) co_return;
    co_await self->exchange(*session);
    session->stream.finish();
}

// The TLS handshake, where there is one. `session` is kept alive by serve().
awaitable<bool> HttpServer::Impl::secure(Session& session) {
    if (!tls) co_return true;
    if (session.stream.add_tls(tls.get()) == nullptr) co_return false;
    session.deadline = std::chrono::steady_clock::now() + kHandshake;
    auto ec = co_await session.stream.handshake_as_server();
    co_return !ec;
}

// Requests and replies, one after the other, until one side ends the connection. `session` is kept alive by serve().
awaitable<void> HttpServer::Impl::exchange(Session& session) {
    for (;;) {
        auto& request = session.request;
        RequestParser parser(request, options.max_body_bytes);
        int refusal = 0;
        auto read = co_await read_request(session, parser, refusal);
        if (read == Read::Refused) co_await refuse(session, refusal);
        if (read != Read::Request) co_return;
        bool keep_alive = parser.keep_alive();
        bool with_body = request.method != "HEAD";
        request.remote_address = session.remote_address;
        session.deadline = {};
        ServerReply reply;
        try {
            reply = co_await handler(request, session);
        } catch (...) {
            // What it says may hold anything; the reply does not repeat it.
            reply = ServerReply{.status = 500, .headers = {}, .body = "internal error\n", .close = true};
        }
        session.end_of_handler();
        session.let_go_of_large_body();
        if (reply.drop_connection || session.gone() || stopped) {
            session.stream.close();
            co_return;
        }
        keep_alive = keep_alive && !reply.close;
        auto parts = parts_of(session, reply, keep_alive, with_body);
        session.deadline = std::chrono::steady_clock::now() + options.idle_timeout;
        auto ec = session.stream.write_at_once(parts);
        if (!ec && asio::buffer_size(parts) > 0) ec = co_await session.stream.write(parts);
        if (ec || !keep_alive) co_return;
    }
}

awaitable<HttpServer::Impl::Read> HttpServer::Impl::read_request(Session& session, RequestParser& parser,
                                                                 int& refusal) {
    bool told_to_continue = false;
    for (;;) {
        error_code ec;
        while (session.buffer.size() > 0) {
            auto used = parser.put(session.buffer.data(), ec);
            session.buffer.consume(used);
            if (ec == http::error::need_more) {
                ec = {};
                break;
            }
            if (ec) {
                refusal = status_of(ec);
                co_return Read::Refused;
            }
            if (parser.is_done()) co_return Read::Request;
        }
        if (session.buffer.size() >= kMostReadBufferBytes) {  // an endless chunk header
            refusal = 400;
            co_return Read::Refused;
        }
        session.deadline = std::chrono::steady_clock::now() + options.idle_timeout;
        if (parser.is_header_done() && parser.expects_continue() && !told_to_continue) {
            told_to_continue = true;
            static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
            ec = co_await session.stream.write({asio::buffer(kContinue), asio::const_buffer()});
            if (ec) co_return Read::Closed;
        }
        auto bytes = co_await session.stream.read_some(room_behind(session.buffer), ec);
        if (ec) co_return Read::Closed;
        session.buffer.commit(bytes);
    }
}

// Head and body as they go out; they refer to the session's head and the reply's body.
Stream::Parts HttpServer::Impl::parts_of(Session& session, const ServerReply& reply, bool keep_alive, bool with_body) {
    auto& head = session.head;
    head.clear();
    head.append("HTTP/1.1 ").append(std::to_string(reply.status)).append(" ");
    auto reason = http::obsolete_reason(http::int_to_status(static_cast<unsigned>(reply.status)));
    head.append(reason.data(), reason.size()).append("\r\n");
    bool has_date = false;
    for (const auto& [name, value] : reply.headers) {
        has_date = has_date || same_ignoring_case(name, "date");
        append_header(head, name, value);
    }
    if (!has_date) append_header(head, "Date", http_date());
    if (!reply.content_type.empty()) append_header(head, "Content-Type", reply.content_type);
    append_header(head, "Content-Length", std::to_string(reply.body.size()));
    if (!keep_alive) head.append("Connection: close\r\n");
    head.append("\r\n");

    std::string_view body = with_body ? std::string_view(reply.body) : std::string_view();
    // One record, and one system call, where head and body fit into one.
    if (tls && head.size() + body.size() <= kTlsRecordBytes) {
        head.append(body);
        body = {};
    }
    return {asio::buffer(head), asio::buffer(body)};
}

awaitable<bool> HttpServer::Impl::write_reply(Session& session, const ServerReply& reply, bool keep_alive,
                                              bool with_body) {
    auto parts = parts_of(session, reply, keep_alive, with_body);
    session.deadline = std::chrono::steady_clock::now() + options.idle_timeout;
    auto ec = co_await session.stream.write(parts);
    co_return !ec;
}

// Answers a request that cannot be read, and reads on a little: closing with unread bytes would reset the connection
// and take the reply with it.
awaitable<void> HttpServer::Impl::refuse(Session& session, int status) {
    auto reason = http::obsolete_reason(http::int_to_status(static_cast<unsigned>(status)));
    ServerReply reply{.status = status, .headers = {}, .body = std::string(reason.data(), reason.size()) + "\n"};
    bool written = co_await write_reply(session, reply, false, true);
    if (!written) co_return;
    error_code ec;
    session.stream.finish();
    session.deadline = std::chrono::steady_clock::now() + kLinger;
    while (!ec) {
        session.buffer.clear();
        co_await session.stream.read_some(room_behind(session.buffer), ec);
    }
}

// Closes what has waited beyond its deadline; runs while there are connections.
void HttpServer::Impl::sweep() {
    if (sweeping || stopped) return;
    sweeping = true;
    sweep_timer.expires_after(kSweepInterval);
    sweep_timer.async_wait([self = shared_from_this()](error_code) {
        self->sweeping = false;
        auto now = std::chrono::steady_clock::now();
        for (auto* session : self->sessions) {
            if (session->deadline != SteadyTime{} && session->deadline < now) session->stream.close();
        }
        if (!self->sessions.empty()) self->sweep();
    });
}

// RFC 9110's date, made once a second.
std::string_view HttpServer::Impl::http_date() {
    auto now = std::time(nullptr);
    if (now != date_second) {
        date_second = now;
        std::tm parts{};
        gmtime_r(&now, &parts);
        std::strftime(date.data(), date.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    }
    return date.data();
}

HttpServer::HttpServer(asio::any_io_executor executor, HttpServerOptions options, Handler handler)
    : impl_(std::make_shared<Impl>(std::move(executor), std::move(options), std::move(handler))) {}

HttpServer::~HttpServer() { impl_->stop(); }

Status HttpServer::start() { return impl_->start(); }
bool HttpServer::has_tls() const { return impl_->tls != nullptr; }
std::uint16_t HttpServer::port() const { return impl_->port; }
void HttpServer::stop() { impl_->stop(); }

}  // namespace sqs2pg::net
