// The HTTP client through a proxy: the tunnel and its TLS, passwords, and every way in which a proxy fails.
#include <gtest/gtest.h>

#include "net/http_client.h"
#include "unit/net/fake_proxy.h"
#include "unit/net/on_loop.h"
#include "unit/net/tls_server.h"

namespace sqs2pg::net {
namespace {

namespace asio = boost::asio;
using Habit = test::FakeProxy::Habit;

#define EXPECT_SAYS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)

struct ThroughProxy : testing::Test {
    ThroughProxy() {
        ca = test::make_identity({.name = "test CA", .is_ca = true});
        folder.write("ca.pem", ca);
        server.serve(test::make_identity({.alternative_names = "DNS:sqs.example.com"}, &ca));
        proxy.tunnel_to = server.port();
        settings.https = proxy.url();
        settings.https_from = "HTTPS_PROXY";
        settings.http = proxy.url();
        settings.http_from = "HTTP_PROXY";
        settings.no_proxy_from = "NO_PROXY";
    }

    HttpClientOptions options() const {
        HttpClientOptions made;
        made.ca_file = folder.path("ca.pem");
        made.proxies = std::make_shared<ProxyRules>(settings);
        return made;
    }

    Result<HttpReply> get(const std::string& url, HttpClient& client, int deadline_ms = 20000, bool direct = false) {
        HttpRequest request;
        request.method = "GET";
        request.url = *parse_url(url);
        request.deadline = std::chrono::milliseconds(deadline_ms);
        request.direct = direct;
        return test::run(loop, client.send(std::move(request)));
    }
    Result<HttpReply> get(const std::string& url, int deadline_ms = 20000, bool direct = false) {
        HttpClient client(loop.get_executor(), options());
        return get(url, client, deadline_ms, direct);
    }
    Error failure(const std::string& url, int deadline_ms = 20000) {
        auto reply = get(url, deadline_ms);
        EXPECT_FALSE(reply) << "an answer where none was expected";
        return reply ? Error{} : reply.error();
    }

    asio::io_context loop{1};
    test::PemFolder folder;
    test::Identity ca;
    test::TlsServer server{loop};
    test::FakeProxy proxy{loop};
    ProxySettings settings;
};

TEST_F(ThroughProxy, HttpsGoesThroughATunnelThatIsKept) {
    HttpClient client(loop.get_executor(), options());
    for (int i = 0; i < 3; ++i) {
        auto reply = get("https://sqs.example.com/queue", client);
        ASSERT_TRUE(reply) << describe(reply.error());
        EXPECT_EQ(reply->body, "sqs.example.com");
    }
    ASSERT_EQ(proxy.asked.size(), 1u) << "one connection for all";
    EXPECT_TRUE(proxy.asked[0].starts_with("CONNECT sqs.example.com:443 HTTP/1.1\r\nHost: sqs.example.com:443\r\n"))
        << proxy.asked[0];
    EXPECT_EQ(proxy.asked[0].find("queue"), std::string::npos) << "the path is nothing for the proxy";
}

TEST_F(ThroughProxy, PlainHttpIsForwardedWithTheWholeUrl) {
    auto reply = get("http://queue.example.com:8080/a?b=c");
    ASSERT_TRUE(reply) << describe(reply.error());
    EXPECT_EQ(reply->body, "forwarded");
    EXPECT_TRUE(proxy.asked.at(0).starts_with("GET http://queue.example.com:8080/a?b=c HTTP/1.1\r\n"))
        << proxy.asked[0];
    EXPECT_SAYS(proxy.asked[0], "\r\nHost: queue.example.com:8080\r\n");
}

TEST_F(ThroughProxy, TheServersCertificateIsCheckedBehindTheProxy) {
    auto error = failure("https://other.example.com/");
    EXPECT_EQ(error.kind, ErrorKind::Configuration);
    EXPECT_SAYS(error.detail, "it is for sqs.example.com");
}

TEST_F(ThroughProxy, UserAndPasswordAreSentAndNeverShown) {
    proxy.habit = Habit::AskPassword;
    for (const auto* url : {"https://sqs.example.com/", "http://sqs.example.com/"}) {
        auto without = failure(url);
        EXPECT_EQ(without.kind, ErrorKind::Configuration);
        EXPECT_EQ(without.code, "proxy_authentication");
        EXPECT_SAYS(without.detail, "it asks for a user and password");
    }
    settings.https = settings.http = proxy.url("user:hunter2@");
    auto wrong = failure("https://sqs.example.com/");
    EXPECT_EQ(wrong.code, "proxy_authentication");
    EXPECT_SAYS(wrong.detail, "it does not accept the user and password");
    EXPECT_EQ(wrong.detail.find("hunter2"), std::string::npos);
    settings.https = settings.http = proxy.url("user:pass@");
    auto right = get("https://sqs.example.com/");
    ASSERT_TRUE(right) << describe(right.error());
    EXPECT_EQ(right->body, "sqs.example.com");
    EXPECT_EQ(get("http://sqs.example.com/")->body, "forwarded");
}

TEST_F(ThroughProxy, EveryRefusalSaysWhatToDo) {
    struct Row {
        Habit habit;
        ErrorKind kind;
        const char* code;
        const char* says;
    };
    for (const auto& row : {Row{Habit::Refuse, ErrorKind::Configuration, "proxy_refused", "name the host in NO_PROXY"},
                            Row{Habit::WebServer, ErrorKind::Configuration, "proxy_refused", "it is perhaps no proxy"},
                            Row{Habit::Unreachable, ErrorKind::Retry, "proxy_failed", "it could not reach it"},
                            Row{Habit::Rubbish, ErrorKind::Retry, "bad_reply", "what is not HTTP"},
                            Row{Habit::Close, ErrorKind::Retry, "connection_closed", "before the whole reply"},
                            Row{Habit::EndlessHeaders, ErrorKind::Retry, "reply_too_large", "more header lines"}}) {
        proxy.habit = row.habit;
        proxy.asked.clear();
        auto error = failure("https://sqs.example.com/");
        EXPECT_EQ(error.kind, row.kind) << error.detail;
        EXPECT_EQ(error.code, row.code) << error.detail;
        EXPECT_SAYS(error.detail, row.says);
        EXPECT_SAYS(error.detail, "the proxy " + proxy.url() + " (HTTPS_PROXY)");
        EXPECT_SAYS(error.detail, "sqs.example.com:443");
    }
}

TEST_F(ThroughProxy, AProxyThatHangsIsATimeoutOfItsOwnPhase) {
    proxy.habit = Habit::Hang;
    auto error = failure("https://sqs.example.com/", 300);
    EXPECT_EQ(error.code, "timeout");
    EXPECT_SAYS(error.detail, "did not answer in time (waiting for the reply");
    auto limited = options();
    limited.timeouts.proxy = std::chrono::milliseconds(200);
    HttpClient client(loop.get_executor(), limited);
    auto reply = get("https://sqs.example.com/", client, 20000);
    ASSERT_FALSE(reply);
    EXPECT_SAYS(reply.error().detail, "(waiting for the reply, 0.2 s)");
}

TEST_F(ThroughProxy, AnAbsentProxyIsNamedWithItsAddress) {
    asio::ip::tcp::acceptor gone(loop, asio::ip::tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0));
    auto port = std::to_string(gone.local_endpoint().port());
    gone.close();
    settings.https = "http://127.0.0.1:" + port;
    auto error = failure("https://sqs.example.com/");
    EXPECT_EQ(error.code, "connection_refused");
    EXPECT_SAYS(error.detail, "the proxy http://127.0.0.1:" + port + " (HTTPS_PROXY)");
    settings.https = "http://no-such-proxy.invalid:3128";
    auto unknown = failure("https://sqs.example.com/");
    EXPECT_EQ(unknown.code, "resolve_failed");
    EXPECT_SAYS(unknown.detail, "(HTTPS_PROXY)");
}

TEST_F(ThroughProxy, MetadataServicesLoopbackAndNoProxyGoPastIt) {
    settings.no_proxy = "example.org";
    auto local = std::to_string(server.port());
    auto loopback = get("https://localhost:" + local + "/");
    ASSERT_FALSE(loopback) << "its certificate is for another name";
    EXPECT_SAYS(loopback.error().detail, "localhost:" + local);
    auto direct = get("http://no-such-host.invalid/", 20000, true);
    ASSERT_FALSE(direct);
    EXPECT_EQ(direct.error().code, "resolve_failed");
    EXPECT_EQ(proxy.asked.size(), 0u);
}

TEST_F(ThroughProxy, AMistakeInTheProxysUrlIsAnErrorOfWhatNeedsIt) {
    settings.https = "socks5://127.0.0.1:1";
    auto error = failure("https://sqs.example.com/");
    EXPECT_EQ(error.code, "bad_proxy");
    EXPECT_TRUE(get("http://queue.example.com/"));
}

// The proxy itself behind TLS: two layers, one in the other.
TEST_F(ThroughProxy, AProxyThatIsReachedByTlsTunnelsTls) {
    test::FakeProxy inner(loop);
    inner.tunnel_to = server.port();
    asio::ssl::context context(asio::ssl::context::tls_server);
    auto identity = test::make_identity({.alternative_names = "IP:127.0.0.1"}, &ca);
    SSL_CTX_use_certificate(context.native_handle(), identity.certificate.get());
    SSL_CTX_use_PrivateKey(context.native_handle(), identity.key.get());
    asio::ip::tcp::acceptor acceptor(loop, asio::ip::tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0));
    using Secured = asio::ssl::stream<asio::ip::tcp::socket>;
    struct Wrapping {
        static awaitable<void> down(std::shared_ptr<Secured> from, std::shared_ptr<asio::ip::tcp::socket> to) {
            std::string bytes(16384, '\0');
            boost::system::error_code ec;
            auto token = asio::redirect_error(asio::use_awaitable, ec);
            while (!ec) {
                auto count = co_await from->async_read_some(asio::buffer(bytes), token);
                if (count > 0) co_await asio::async_write(*to, asio::buffer(bytes.data(), count), token);
            }
        }
        static awaitable<void> up(std::shared_ptr<asio::ip::tcp::socket> from, std::shared_ptr<Secured> to) {
            std::string bytes(16384, '\0');
            boost::system::error_code ec;
            auto token = asio::redirect_error(asio::use_awaitable, ec);
            while (!ec) {
                auto count = co_await from->async_read_some(asio::buffer(bytes), token);
                if (count > 0) co_await asio::async_write(*to, asio::buffer(bytes.data(), count), token);
            }
        }
        static awaitable<void> run(asio::ip::tcp::acceptor* from, asio::ssl::context* tls, std::uint16_t to) {
            auto executor = from->get_executor();
            auto socket = co_await from->async_accept(asio::use_awaitable);
            auto outside = std::make_shared<Secured>(std::move(socket), *tls);
            co_await outside->async_handshake(asio::ssl::stream_base::server, asio::use_awaitable);
            auto inside = std::make_shared<asio::ip::tcp::socket>(executor);
            asio::ip::tcp::endpoint endpoint(asio::ip::make_address("127.0.0.1"), to);
            co_await inside->async_connect(endpoint, asio::use_awaitable);
            asio::co_spawn(executor, down(outside, inside), asio::detached);
            asio::co_spawn(executor, up(inside, outside), asio::detached);
        }
    };
    asio::co_spawn(loop, Wrapping::run(&acceptor, &context, inner.port()), asio::detached);
    settings.https = "https://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port());
    HttpClient client(loop.get_executor(), options());
    for (int i = 0; i < 3; ++i) {
        auto reply = get("https://sqs.example.com/", client);
        ASSERT_TRUE(reply) << describe(reply.error());
        EXPECT_EQ(reply->body, "sqs.example.com");
    }
    EXPECT_EQ(inner.asked.size(), 1u);
}

}  // namespace
}  // namespace sqs2pg::net
