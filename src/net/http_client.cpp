// The pooled HTTP/1.1 client, see http_client.h.
#include "net/http_client.h"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <unordered_map>

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

struct HttpClient::Impl : std::enable_shared_from_this<HttpClient::Impl> {
    Impl(const asio::any_io_executor& executor, HttpClientOptions options_in)
        : options(std::move(options_in)), deadlines(std::make_shared<Deadlines>(executor)), dialer(executor, options) {}

    static awaitable<Result<HttpReply>> send(std::shared_ptr<Impl> self, HttpRequest request);
    std::shared_ptr<Connection> take_idle(const std::string& origin);
    void keep(const std::string& origin, std::shared_ptr<Connection> connection);
    bool too_old(const Connection& connection, Time now) const;
    void prune(Time now);

    HttpClientOptions options;
    std::shared_ptr<Deadlines> deadlines;
    Dialer dialer;
    std::unordered_map<std::string, std::deque<std::shared_ptr<Connection>>> idle;  // an origin, the freshest last
    Time pruned_at{};
};

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

awaitable<Result<HttpReply>> HttpClient::Impl::send(std::shared_ptr<Impl> self, HttpRequest request) {
    const Proxy* proxy = nullptr;
    if (!request.direct && self->options.proxies) {
        auto chosen = self->options.proxies->choose(request.url);
        if (!chosen) co_return fail(std::move(chosen.error()));
        proxy = *chosen;
    }
    bool forwarded = proxy != nullptr && !request.url.tls;
    auto text = serialize(request, forwarded ? proxy : nullptr);
    if (!text) co_return fail(std::move(text.error()));
    std::string().swap(request.body);  // an assignment would keep the memory
    request.headers = decltype(request.headers)();
    const auto origin = request.url.origin();
    const auto direct_key = request.direct ? "direct " + origin : std::string();
    const auto& key = request.direct ? direct_key : origin;
    auto most_bytes = self->options.max_reply_bytes;
    if (request.max_reply_bytes > 0) most_bytes = std::min(most_bytes, request.max_reply_bytes);
    const auto way = forwarded ? origin + " through " + proxy->shown() : std::string();
    const auto& place = forwarded ? way : origin;
    const ExchangeOptions options{request.method == "HEAD", request.only_body_of_success, most_bytes,
                                  self->options.timeouts, place};
    HttpCall call(self->deadlines, request.deadline);
    auto connection = self->take_idle(key);
    bool pooled = connection != nullptr;
    for (;;) {
        if (!connection) {
            auto opened = co_await self->dialer.open(call, request.url, proxy);
            if (!opened) co_return fail(std::move(opened.error()));
            connection = std::move(*opened);
        }
        call.wait_on(connection);
        if (call.over()) co_return call.ended(place);
        bool any_reply_byte = false;
        auto exchanged = co_await exchange(call, *connection, *text, options, any_reply_byte);
        if (exchanged) {
            if (exchanged->reusable && !call.over()) self->keep(key, std::move(connection));
            auto status = exchanged->reply.status;
            if (forwarded && status == 407) co_return proxy_refusal(*proxy, status, origin);
            co_return std::move(exchanged->reply);
        }
        if (call.over()) co_return call.ended(place);
        bool stale = pooled && !any_reply_byte && exchanged.error().code == "connection_closed";
        if (!stale) co_return fail(std::move(exchanged.error()));
        pooled = false;
        connection.reset();
    }
}

HttpClient::HttpClient(asio::any_io_executor executor, HttpClientOptions options)
    : impl_(std::make_shared<Impl>(executor, std::move(options))) {}

HttpClient::~HttpClient() { close(); }

awaitable<Result<HttpReply>> HttpClient::send(HttpRequest request) { return Impl::send(impl_, std::move(request)); }

void HttpClient::close() {
    impl_->idle.clear();
    impl_->deadlines->close_all();
}

}  // namespace sqs2pg::net
