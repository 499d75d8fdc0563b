// The pooled HTTP/1.1 client, see http_client.h.
#include "net/http_client.h"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <vector>

#include "net/http_call.h"
#include "net/http_connection.h"
#include "net/http_dial.h"
#include "net/http_exchange.h"
#include "net/http_parse.h"

namespace sqs2pg::net {
namespace {

namespace asio = boost::asio;
using Time = std::chrono::steady_clock::time_point;

constexpr auto kPeekAfterIdle = std::chrono::milliseconds(500);  // a connection idle for longer is looked at before use
constexpr auto kPruneInterval = std::chrono::seconds(1);

// What may end a line, for one server or another. In pieces that a byte can count, so that the compiler looks at many
// characters at a time.
std::size_t line_breaks(std::string_view text) {
    std::size_t all = 0;
    for (; !text.empty(); text.remove_prefix(std::min<std::size_t>(text.size(), 255))) {
        std::uint8_t some = 0;
        for (char c : text.substr(0, 255)) some += static_cast<std::uint8_t>((c == '\r') | (c == '\n') | (c == '\0'));
        all += some;
    }
    return all;
}

// Start line, headers and body in one piece: one write. `proxy`: the one that is asked to pass the request on, with the
// whole URL in the start line.
Result<std::string> serialize(const HttpRequest& request, const Proxy* proxy) {
    std::string text;
    text.reserve(512 + request.url.target.size() + request.body.size());
    std::size_t lines = 2;  // the first and the empty one
    text.append(request.method).append(" ");
    if (proxy != nullptr) text.append(request.url.origin());
    text.append(request.url.target).append(" HTTP/1.1\r\n");
    bool has_host = false;
    bool has_length = false;
    auto header = [&](std::string_view name, std::string_view value) {
        text.append(name).append(": ").append(value).append("\r\n");
        ++lines;
    };
    for (const auto& [name, value] : request.headers) {
        has_host = has_host || same_ignoring_case(name, "host");
        has_length = has_length || same_ignoring_case(name, "content-length");
        header(name, value);
    }
    if (!has_host) header("Host", request.url.host_header());
    if (!has_length && (!request.body.empty() || (request.method != "GET" && request.method != "HEAD"))) {
        header("Content-Length", std::to_string(request.body.size()));
    }
    if (proxy != nullptr && !proxy->authorization.empty()) {
        header("Proxy-Authorization", proxy->authorization.reveal());
    }
    text.append("\r\n");
    if (line_breaks(text) != 2 * lines) {
        return fail(ErrorKind::Configuration, Stage::Start, "bad_request",
                    "the request's target or one of its headers holds a line break");
    }
    text.append(request.body);
    return text;
}

}  // namespace

const std::string* HttpReply::header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
        if (same_ignoring_case(key, name)) return &value;
    }
    return nullptr;
}

namespace {

// What all requests to one server have in common, and the connections to it.
struct Origin {
    Url url;  // without a target: that is each request's own, and may name what a message names
    bool direct = false;
    const Proxy* proxy = nullptr;                    // the client's; nullptr: none
    std::string place;                               // for errors
    std::deque<std::shared_ptr<Connection>> idle{};  // the freshest last

    bool is_of(const HttpRequest& request) const {
        return url.port == request.url.port && url.tls == request.url.tls && direct == request.direct &&
               url.host == request.url.host;
    }
    // Where the proxy passes requests on: to a server without TLS. To one with TLS it leads.
    const Proxy* forwarder() const noexcept { return url.tls ? nullptr : proxy; }
};

// A request as it goes out.
struct Outgoing {
    std::shared_ptr<Origin> origin;
    std::string text;
    std::chrono::milliseconds deadline{};
    std::size_t max_reply_bytes = 0;
    bool without_body = false;
    bool only_body_of_success = false;
};

}  // namespace

struct HttpClient::Impl : std::enable_shared_from_this<HttpClient::Impl> {
    Impl(const asio::any_io_executor& executor, HttpClientOptions options_in)
        : options(std::move(options_in)), deadlines(std::make_shared<Deadlines>(executor)), dialer(executor, options) {}

    Result<std::shared_ptr<Origin>> origin_of(const HttpRequest& request);
    Result<Outgoing> prepare(const HttpRequest& request);
    static awaitable<Result<HttpReply>> send(std::shared_ptr<Impl> self, Result<Outgoing> outgoing);
    std::shared_ptr<Connection> take_idle(Origin& origin);
    void keep(Origin& origin, std::shared_ptr<Connection> connection);
    bool too_old(const Connection& connection, Time now) const;
    void prune(Time now);

    HttpClientOptions options;
    std::shared_ptr<Deadlines> deadlines;
    Dialer dialer;
    std::vector<std::shared_ptr<Origin>> origins;  // a few; one that is unused goes with its last connection
    Time pruned_at{};
};

Result<std::shared_ptr<Origin>> HttpClient::Impl::origin_of(const HttpRequest& request) {
    auto found = std::ranges::find_if(origins, [&](const auto& origin) { return origin->is_of(request); });
    if (found != origins.end()) return *found;
    const Url server{request.url.tls, request.url.host, request.url.port};
    auto made = std::make_shared<Origin>(Origin{.url = server, .direct = request.direct, .place = {}});
    if (!request.direct && options.proxies) {
        auto chosen = options.proxies->choose(request.url);
        if (!chosen) return fail(std::move(chosen.error()));
        made->proxy = *chosen;
    }
    if (const auto now = std::chrono::steady_clock::now(); now - pruned_at > kPruneInterval) prune(now);
    made->place = made->url.origin();
    if (made->forwarder() != nullptr) made->place += " through " + made->proxy->shown();
    return origins.emplace_back(std::move(made));
}

bool HttpClient::Impl::too_old(const Connection& connection, Time now) const {
    return now - connection.idle_since > options.max_idle || now - connection.opened_at > options.max_age;
}

std::shared_ptr<Connection> HttpClient::Impl::take_idle(Origin& origin) {
    auto now = std::chrono::steady_clock::now();
    auto& connections = origin.idle;
    while (!connections.empty()) {
        auto connection = std::move(connections.back());
        connections.pop_back();
        if (too_old(*connection, now)) continue;
        if (now - connection->idle_since > kPeekAfterIdle && connection->is_stale()) continue;
        return connection;
    }
    return nullptr;
}

void HttpClient::Impl::keep(Origin& origin, std::shared_ptr<Connection> connection) {
    auto now = std::chrono::steady_clock::now();
    connection->idle_since = now;
    auto& connections = origin.idle;
    connections.push_back(std::move(connection));
    if (connections.size() > options.max_idle_connections) connections.pop_front();
    if (now - pruned_at > kPruneInterval) prune(now);
}

void HttpClient::Impl::prune(Time now) {
    pruned_at = now;
    for (const auto& origin : origins) {
        std::erase_if(origin->idle, [&](const auto& connection) { return too_old(*connection, now); });
    }
    std::erase_if(origins, [](const auto& origin) { return origin->idle.empty() && origin.use_count() == 1; });
}

Result<Outgoing> HttpClient::Impl::prepare(const HttpRequest& request) {
    auto origin = origin_of(request);
    if (!origin) return fail(std::move(origin.error()));
    auto text = serialize(request, (*origin)->forwarder());
    if (!text) return fail(std::move(text.error()));
    auto most_bytes = options.max_reply_bytes;
    if (request.max_reply_bytes > 0) most_bytes = std::min(most_bytes, request.max_reply_bytes);
    return Outgoing{std::move(*origin), std::move(*text),         request.deadline,
                    most_bytes,         request.method == "HEAD", request.only_body_of_success};
}

awaitable<Result<HttpReply>> HttpClient::Impl::send(std::shared_ptr<Impl> self, Result<Outgoing> outgoing) {
    if (!outgoing) co_return fail(std::move(outgoing.error()));
    auto& origin = *outgoing->origin;
    const ExchangeOptions options{outgoing->without_body, outgoing->only_body_of_success, outgoing->max_reply_bytes,
                                  self->options.timeouts, origin.place};
    HttpCall call(self->deadlines, outgoing->deadline);
    auto connection = self->take_idle(origin);
    bool pooled = connection != nullptr;
    for (;;) {
        if (!connection) {
            auto opened = co_await self->dialer.open(call, origin.url, origin.proxy);
            if (!opened) co_return fail(std::move(opened.error()));
            connection = std::move(*opened);
        }
        call.wait_on(connection);
        if (call.over()) co_return call.ended(origin.place);
        bool any_reply_byte = false;
        auto exchanged = co_await exchange(call, *connection, outgoing->text, options, any_reply_byte);
        if (exchanged) {
            if (exchanged->reusable && !call.over()) self->keep(origin, std::move(connection));
            auto status = exchanged->reply.status;
            if (status == 407 && origin.forwarder() != nullptr) {
                co_return proxy_refusal(*origin.proxy, status, origin.url.origin());
            }
            co_return std::move(exchanged->reply);
        }
        if (call.over()) co_return call.ended(origin.place);
        bool stale = pooled && !any_reply_byte && exchanged.error().code == "connection_closed";
        if (!stale) co_return fail(std::move(exchanged.error()));
        pooled = false;
        connection.reset();
    }
}

HttpClient::HttpClient(asio::any_io_executor executor, HttpClientOptions options)
    : impl_(std::make_shared<Impl>(executor, std::move(options))) {}

HttpClient::~HttpClient() { close(); }

awaitable<Result<HttpReply>> HttpClient::send(const HttpRequest& request) {
    return Impl::send(impl_, impl_->prepare(request));
}

void HttpClient::close() {
    for (const auto& origin : impl_->origins) origin->idle.clear();
    impl_->deadlines->close_all();
}

}  // namespace sqs2pg::net
