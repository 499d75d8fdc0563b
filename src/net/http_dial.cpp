// Opening a connection, see http_dial.h.
#include "net/http_dial.h"

#include "net/connect_race.h"
#include "net/http_exchange.h"

namespace sqs2pg::net {
namespace {

constexpr std::size_t kMostProxyReplyBytes = 64 * 1024;

tl::unexpected<Error> failed(std::string code, std::string detail) {
    return fail(ErrorKind::Retry, Stage::Start, std::move(code), std::move(detail));
}

std::string authority_of(const Url& url) {
    auto host = url.host.find(':') == std::string::npos ? url.host : "[" + url.host + "]";
    return host + ":" + std::to_string(url.port);
}

}  // namespace

tl::unexpected<Error> proxy_refusal(const Proxy& proxy, int status, const std::string& target) {
    auto answered = proxy.shown() + " answered HTTP " + std::to_string(status) + " to a connection to " + target + ": ";
    auto refuse = [&](std::string code, std::string_view advice) {
        return fail(ErrorKind::Configuration, Stage::Start, std::move(code), answered + std::string(advice));
    };
    if (status == 407) {
        return refuse("proxy_authentication",
                      proxy.authorization.empty()
                          ? "it asks for a user and password; write them into the variable (http://USER:PASSWORD@HOST:"
                            "PORT, percent-encoded; Basic authentication)"
                          : "it does not accept the user and password of the variable (Basic authentication; special "
                            "characters must be percent-encoded)");
    }
    if (status == 403 || status == 405 || status == 401) {
        return refuse("proxy_refused",
                      "it does not allow that; have it allowed there, or name the host in NO_PROXY if "
                      "it can be reached directly");
    }
    if (status == 400 || status == 404 || status == 501) {
        return refuse("proxy_refused", "it is perhaps no proxy, or none for HTTPS (CONNECT); correct the variable");
    }
    return failed("proxy_failed", answered + "it could not reach it; if that stays so, look at the proxy's log");
}

Dialer::Dialer(const boost::asio::any_io_executor& executor, const HttpClientOptions& options)
    : executor_(executor), options_(options), names_(std::make_shared<ResolveCache>(executor)) {}

Result<std::shared_ptr<TlsClient>> Dialer::tls() {
    if (tls_) return tls_;
    auto made = TlsClient::make(CaBundle{options_.ca_file, options_.ca_file_from});
    if (made) tls_ = *made;
    return made;
}

awaitable<Result<std::shared_ptr<Connection>>> Dialer::connect(HttpCall& call, const Url& url,
                                                               const std::string& place) {
    call.begin("looking up the name", options_.timeouts.resolve);
    auto found = co_await names_->resolve(url.host, url.port, call.deadline());
    if (!found) {
        if (found.error().code == "resolve_failed") found.error().detail += " (for " + place + ")";
        co_return fail(std::move(found.error()));
    }
    call.begin("connecting", options_.timeouts.connect);
    auto race = std::make_shared<ConnectRace>(executor_, std::move(*found));
    call.wait_on(race);
    auto connection = co_await race->run();
    if (connection) {
        names_->prefer(url.host, race->winner());
        call.wait_on(connection);
        co_return connection;
    }
    names_->forget(url.host, url.port);
    if (call.over()) {
        auto ended = call.ended(place);
        ended.value().detail += "; tried " + race->attempts();
        co_return ended;
    }
    co_return failed(race->all_refused() ? "connection_refused" : "connect_failed",
                     "cannot connect to " + place + "; tried " + race->attempts());
}

awaitable<Status> Dialer::secure(HttpCall& call, std::shared_ptr<Connection> connection, const Url& url,
                                 const std::string& place) {
    call.begin("TLS handshake", options_.timeouts.tls);
    auto client = tls();
    if (!client) co_return fail(std::move(client.error()));
    auto secured = co_await connection->start_tls(*client, url.host, url.port);
    if (!secured && call.over()) co_return call.ended(place);
    co_return secured;
}

awaitable<Status> Dialer::tunnel(HttpCall& call, std::shared_ptr<Connection> connection, const Url& url,
                                 const Proxy& proxy) {
    auto target = authority_of(url);
    Secret text("CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\nUser-Agent: sqs2pg\r\n" +
                (proxy.authorization.empty()
                     ? std::string()
                     : "Proxy-Authorization: " + std::string(proxy.authorization.reveal()) + "\r\n") +
                "\r\n");
    const auto place = proxy.shown();
    auto timeouts = options_.timeouts;
    timeouts.send = timeouts.first_byte = timeouts.reply = timeouts.proxy;
    const ExchangeOptions options{true, false, kMostProxyReplyBytes, timeouts, place};
    bool ignored = false;
    auto exchanged = co_await exchange(call, *connection, text.reveal(), options, ignored);
    if (!exchanged && call.over()) co_return call.ended(proxy.shown() + ", asked for a connection to " + target + ",");
    if (!exchanged) {
        auto error = std::move(exchanged.error());
        error.detail += " (when asked for a connection to " + target + ")";
        co_return fail(std::move(error));
    }
    auto status = exchanged->reply.status;
    if (status / 100 != 2) co_return proxy_refusal(proxy, status, target);
    if (connection->buffer.size() > 0) co_return failed("bad_reply", proxy.shown() + " speaks before it is spoken to");
    co_return Status{};
}

awaitable<Result<std::shared_ptr<Connection>>> Dialer::open(HttpCall& call, const Url& url, const Proxy* proxy) {
    const auto& first = proxy == nullptr ? url : proxy->url;
    auto place = proxy == nullptr ? url.origin() : proxy->shown();
    auto connection = co_await connect(call, first, place);
    if (!connection) co_return connection;
    if (first.tls) {
        auto secured = co_await secure(call, *connection, first, place);
        if (!secured) co_return fail(std::move(secured.error()));
    }
    if (proxy == nullptr || !url.tls) co_return connection;
    auto tunnelled = co_await tunnel(call, *connection, url, *proxy);
    if (!tunnelled) co_return fail(std::move(tunnelled.error()));
    auto place_behind = url.origin() + " through " + proxy->shown();
    auto secured = co_await secure(call, *connection, url, place_behind);
    if (!secured) co_return fail(std::move(secured.error()));
    co_return connection;
}

}  // namespace sqs2pg::net
