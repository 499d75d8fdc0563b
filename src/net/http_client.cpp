// The pooled HTTP/1.1 client, see http_client.h. One timer serves the deadlines of all calls under way: it is set again
// only when a call ends earlier than all others would, so that a call in a busy client costs no timer operation.
#include "net/http_client.h"

#include <algorithm>
#include <deque>
#include <unordered_map>
#include <unordered_set>

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "net/http_connection.h"
#include "net/http_parse.h"
#include "net/resolve_cache.h"

namespace sqs2pg::net {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using Time = std::chrono::steady_clock::time_point;

constexpr auto kPeekAfterIdle = std::chrono::milliseconds(500);  // a connection idle for longer is looked at before use
constexpr auto kPruneInterval = std::chrono::seconds(1);
constexpr auto kLongestAttempt = std::chrono::seconds(5);  // to one of several addresses
constexpr auto kShortestAttempt = std::chrono::milliseconds(250);

tl::unexpected<Error> failed(std::string code, std::string detail) {
    return fail(ErrorKind::Retry, Stage::Start, std::move(code), std::move(detail));
}

bool has_line_break(std::string_view text) { return text.find_first_of(std::string_view("\r\n\0", 3)) != text.npos; }

// Start line, headers and body in one piece: one write.
Result<std::string> serialize(const HttpRequest& request) {
    auto refuse = [](std::string_view what) {
        return fail(ErrorKind::Configuration, Stage::Start, "bad_request",
                    "the request's " + std::string(what) + " holds a line break");
    };
    std::string text;
    text.reserve(512 + request.url.target.size() + request.body.size());
    if (has_line_break(request.method) || has_line_break(request.url.target)) return refuse("target");
    text.append(request.method).append(" ").append(request.url.target).append(" HTTP/1.1\r\n");
    bool has_host = false;
    bool has_length = false;
    for (const auto& [name, value] : request.headers) {
        if (has_line_break(name) || has_line_break(value)) return refuse("header");
        has_host = has_host || same_ignoring_case(name, "host");
        has_length = has_length || same_ignoring_case(name, "content-length");
        text.append(name).append(": ").append(value).append("\r\n");
    }
    if (!has_host) text.append("Host: ").append(request.url.host_header()).append("\r\n");
    if (!has_length && (!request.body.empty() || (request.method != "GET" && request.method != "HEAD"))) {
        text.append("Content-Length: ").append(std::to_string(request.body.size())).append("\r\n");
    }
    text.append("\r\n").append(request.body);
    return text;
}

}  // namespace

const std::string* HttpReply::header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
        if (same_ignoring_case(key, name)) return &value;
    }
    return nullptr;
}

struct HttpClient::Impl : std::enable_shared_from_this<HttpClient::Impl> {
    // One call under way, registered for its deadline as long as it lives (in the call's coroutine).
    struct Call {
        Call(Impl& client_in, Time deadline_in) : client(client_in), deadline(deadline_in) { client.enter(*this); }
        Call(const Call&) = delete;
        Call& operator=(const Call&) = delete;
        ~Call() { client.leave(*this); }

        void expire() {
            timed_out = true;
            if (connection) connection->abort();
        }

        void close() {
            closed = true;
            if (connection) connection->abort();
        }

        Impl& client;
        Time deadline;
        bool timed_out = false;
        bool closed = false;
        std::shared_ptr<Connection> connection;
    };

    Impl(asio::any_io_executor executor_in, HttpClientOptions options_in)
        : executor(std::move(executor_in)),
          options(std::move(options_in)),
          timer(executor),
          names(std::make_shared<ResolveCache>(executor)) {}

    static awaitable<Result<HttpReply>> send(std::shared_ptr<Impl> self, HttpRequest request);
    awaitable<Status> open(Call& call, const Url& url);
    awaitable<Status> connect(Call& call, const Url& url);
    awaitable<Result<HttpReply>> exchange(Call& call, std::string_view text, bool is_head, bool& any_reply_byte);
    Status make_tls_context();
    std::shared_ptr<Connection> take_idle(const std::string& origin);
    void keep(const std::string& origin, std::shared_ptr<Connection> connection);
    bool too_old(const Connection& connection, Time now) const;
    void prune(Time now);
    void enter(Call& call);
    void leave(Call& call);
    void arm();
    tl::unexpected<Error> lost(const Call& call, const Url& url, error_code ec, std::string_view doing) const;

    asio::any_io_executor executor;
    HttpClientOptions options;
    asio::steady_timer timer;
    Time armed_for = Time::max();
    std::unordered_set<Call*> calls;
    std::unordered_map<std::string, std::deque<std::shared_ptr<Connection>>> idle;  // an origin, the freshest last
    Time pruned_at{};
    std::shared_ptr<ResolveCache> names;
    std::unique_ptr<asio::ssl::context> tls;
};

void HttpClient::Impl::enter(Call& call) {
    calls.insert(&call);
    if (call.deadline < armed_for) arm();
}

void HttpClient::Impl::leave(Call& call) {
    calls.erase(&call);
    // A timer left running would keep the event loop of a finished program alive.
    if (calls.empty()) {
        armed_for = Time::max();
        timer.cancel();
    }
}

void HttpClient::Impl::arm() {
    auto next = Time::max();
    for (const auto* call : calls) {
        if (!call->timed_out) next = std::min(next, call->deadline);
    }
    armed_for = next;
    if (next == Time::max()) return;
    timer.expires_at(next);
    timer.async_wait([self = shared_from_this()](error_code ec) {
        if (ec) return;
        auto now = std::chrono::steady_clock::now();
        for (auto* call : self->calls) {
            if (!call->timed_out && call->deadline <= now) call->expire();
        }
        self->arm();
    });
}

// What an I/O error means for the caller.
tl::unexpected<Error> HttpClient::Impl::lost(const Call& call, const Url& url, error_code ec,
                                             std::string_view doing) const {
    auto place = url.origin();
    if (call.timed_out) return failed("timeout", place + " did not answer in time (" + std::string(doing) + ")");
    auto why = std::string(doing) + " " + place + ": " + ec.message();
    if (doing != "connecting to") return failed("connection_closed", std::move(why));
    if (ec == asio::error::operation_aborted) return failed("connection_closed", std::move(why));
    return failed(ec == asio::error::connection_refused ? "connection_refused" : "connect_failed", std::move(why));
}

bool HttpClient::Impl::too_old(const Connection& connection, Time now) const {
    return now - connection.idle_since > options.max_idle || now - connection.opened_at > options.max_age;
}

std::shared_ptr<Connection> HttpClient::Impl::take_idle(const std::string& origin) {
    auto found = idle.find(origin);
    if (found == idle.end()) return nullptr;
    auto now = std::chrono::steady_clock::now();
    auto& connections = found->second;
    while (!connections.empty()) {
        auto connection = std::move(connections.back());
        connections.pop_back();
        if (too_old(*connection, now)) continue;
        if (now - connection->idle_since > kPeekAfterIdle && connection->is_stale()) continue;
        return connection;
    }
    return nullptr;
}

void HttpClient::Impl::keep(const std::string& origin, std::shared_ptr<Connection> connection) {
    auto now = std::chrono::steady_clock::now();
    connection->idle_since = now;
    auto& connections = idle[origin];
    connections.push_back(std::move(connection));
    if (connections.size() > options.max_idle_connections) connections.pop_front();
    if (now - pruned_at > kPruneInterval) prune(now);
}

void HttpClient::Impl::prune(Time now) {
    pruned_at = now;
    for (auto it = idle.begin(); it != idle.end();) {
        std::erase_if(it->second, [&](const auto& connection) { return too_old(*connection, now); });
        it = it->second.empty() ? idle.erase(it) : std::next(it);
    }
}

Status HttpClient::Impl::make_tls_context() {
    if (tls) return {};
    auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_client);
    error_code ec;
    SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
    context->set_verify_mode(asio::ssl::verify_peer, ec);
    if (!ec && options.ca_file.empty()) context->set_default_verify_paths(ec);
    if (!ec && !options.ca_file.empty()) context->load_verify_file(options.ca_file, ec);
    if (ec) {
        auto which = options.ca_file.empty() ? std::string("the system's CA store") : "the CA file " + options.ca_file;
        return fail(ErrorKind::Configuration, Stage::Start, "tls_failed", "cannot read " + which + ": " + ec.message());
    }
    tls = std::move(context);
    return {};
}

// Connects to the first address that answers. Each gets a fair share of the time that is left.
awaitable<Status> HttpClient::Impl::connect(Call& call, const Url& url) {
    auto found = co_await names->resolve(url.host, url.port, call.deadline);
    if (!found) co_return fail(std::move(found.error()));
    error_code last = asio::error::host_not_found;
    for (std::size_t i = 0; i < found->size() && !call.timed_out && !call.closed; ++i) {
        auto connection = std::make_shared<Connection>(executor);
        call.connection = connection;
        asio::steady_timer attempt(executor);
        auto others = found->size() - i;
        if (others > 1) {
            using std::chrono::milliseconds;
            auto left = std::chrono::duration_cast<milliseconds>(call.deadline - std::chrono::steady_clock::now());
            auto share = std::clamp<milliseconds>(left / static_cast<int>(others), kShortestAttempt, kLongestAttempt);
            attempt.expires_after(share);
            attempt.async_wait([connection](error_code ec) {
                if (!ec) connection->abort();
            });
        }
        auto endpoint = (*found)[i];
        last = co_await connection->connect(endpoint);
        // Cancelled too late, the attempt's timer would still end a connection that has just been made.
        bool ran_out = others > 1 && attempt.cancel() == 0;
        if (!last && ran_out) last = asio::error::timed_out;
        if (!last) {
            if (i > 0) names->prefer(url.host, endpoint);
            co_return Status{};
        }
        if (last == asio::error::operation_aborted && ran_out) last = asio::error::timed_out;
    }
    names->forget(url.host, url.port);
    co_return lost(call, url, last, "connecting to");
}

awaitable<Status> HttpClient::Impl::open(Call& call, const Url& url) {
    if (url.tls) {
        auto ready = make_tls_context();
        if (!ready) co_return ready;
    }
    auto connected = co_await connect(call, url);
    if (!connected || !url.tls) co_return connected;
    auto connection = call.connection;
    auto secured = co_await connection->start_tls(*tls, url.host);
    if (!secured && call.timed_out) co_return lost(call, url, {}, "TLS handshake with");
    co_return secured;
}

// Sends `text`, which outlives the call, and reads one reply. `any_reply_byte` tells whether the server had begun to
// answer.
awaitable<Result<HttpReply>> HttpClient::Impl::exchange(Call& call, std::string_view text, bool is_head,
                                                        bool& any_reply_byte) {
    auto& connection = *call.connection;
    connection.buffer.clear();
    auto closed = [](error_code ec) {
        return failed("connection_closed", "the connection ended before the whole reply: " + ec.message());
    };
    auto ec = co_await connection.write(text);
    if (ec) co_return closed(ec);
    for (;;) {
        HttpReply reply;
        ReplyParser parser(reply, options.max_reply_bytes);
        if (is_head) parser.skip(true);
        while (!parser.is_done()) {
            ec = {};
            if (connection.buffer.size() > 0) {
                connection.buffer.consume(parser.put(connection.buffer.data(), ec));
            } else {
                ec = http::error::need_more;
            }
            if (ec == http::error::need_more && connection.buffer.size() >= kReadBufferBytes) {
                co_return failed("bad_reply", "the reply has an endless chunk header");
            }
            if (ec == http::error::need_more) {
                ec = co_await connection.read();
                any_reply_byte = any_reply_byte || connection.buffer.size() > 0;
                if (!ec) continue;
                // The end of the stream may be the end of a body without a length.
                bool ended = ec == asio::error::eof && parser.got_some() && parser.is_header_done();
                auto why = ec;
                if (ended) parser.put_eof(ec);
                if (!ended || ec) co_return closed(why);
            }
            if (ec == http::error::body_limit || ec == http::error::header_limit) {
                co_return failed("reply_too_large", "the reply is larger than the limit");
            }
            if (ec) co_return failed("bad_reply", "the reply is not HTTP: " + ec.message());
        }
        if (reply.status / 100 == 1) continue;  // an interim reply; the real one follows
        bool reusable = parser.keep_alive() && connection.buffer.size() == 0;
        if (!reusable) connection.abort();
        co_return reply;
    }
}

awaitable<Result<HttpReply>> HttpClient::Impl::send(std::shared_ptr<Impl> self, HttpRequest request) {
    auto text = serialize(request);
    if (!text) co_return fail(std::move(text.error()));
    request.body = {};
    auto origin = request.url.origin();
    Call call(*self, std::chrono::steady_clock::now() + request.deadline);
    call.connection = self->take_idle(origin);
    bool pooled = call.connection != nullptr;
    for (;;) {
        if (!call.connection) {
            auto opened = co_await self->open(call, request.url);
            if (!opened) co_return fail(std::move(opened.error()));
            if (call.closed) co_return failed("connection_closed", "the client was closed");
        }
        bool any_reply_byte = false;
        auto reply = co_await self->exchange(call, *text, request.method == "HEAD", any_reply_byte);
        if (reply) {
            if (call.connection->socket.is_open() && !call.closed) self->keep(origin, std::move(call.connection));
            co_return reply;
        }
        if (call.timed_out) co_return self->lost(call, request.url, {}, "waiting for the reply");
        bool stale = pooled && !any_reply_byte && reply.error().code == "connection_closed";
        if (!stale || call.closed) co_return reply;
        pooled = false;
        call.connection.reset();
    }
}

HttpClient::HttpClient(asio::any_io_executor executor, HttpClientOptions options)
    : impl_(std::make_shared<Impl>(std::move(executor), std::move(options))) {}

HttpClient::~HttpClient() { close(); }

awaitable<Result<HttpReply>> HttpClient::send(HttpRequest request) { return Impl::send(impl_, std::move(request)); }

void HttpClient::close() {
    impl_->idle.clear();
    for (auto* call : impl_->calls) call->close();
}

}  // namespace sqs2pg::net
