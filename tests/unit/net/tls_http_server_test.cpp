// Our own server over TLS with our own client: bodies of many records both ways, a client that goes away, files that
// are none.
#include <fstream>

#include <gtest/gtest.h>
#include <boost/asio/steady_timer.hpp>

#include "net/http_client.h"
#include "net/http_server.h"
#include "unit/net/on_loop.h"
#include "unit/net/tls_server.h"

namespace sqs2pg::net {
namespace {

namespace asio = boost::asio;

struct TlsHttpServer : testing::Test {
    TlsHttpServer() : identity(test::make_identity({.alternative_names = "DNS:localhost"})) {
        options.tls_certificate = folder.write("server.pem", identity);
        options.tls_key = folder.write_key("server.key", identity);
    }

    HttpClientOptions client_options() const { return HttpClientOptions{.ca_file = options.tls_certificate}; }
    HttpRequest request(const HttpServer& server, std::string body) const {
        HttpRequest made;
        made.url = Url{true, "localhost", server.port(), "/"};
        made.body = std::move(body);
        return made;
    }

    asio::io_context loop{1};
    test::PemFolder folder;
    test::Identity identity;
    HttpServerOptions options;
};

awaitable<ServerReply> echo(ServerRequest request, RequestContext&) {
    ServerReply reply;
    reply.body = std::move(request.body);
    co_return reply;
}

TEST_F(TlsHttpServer, BodiesOfEverySizeComeBackOnOneConnection) {
    HttpServer server(loop.get_executor(), options, echo);
    auto started = server.start();
    ASSERT_TRUE(started) << started.error().detail;
    HttpClient client(loop.get_executor(), client_options());
    for (std::size_t size : {0, 1, 100, 16'000, 16'384, 16'385, 70'000, 3'000'000}) {
        std::string body(size, 'a');
        for (std::size_t i = 0; i < size; i += 97) body[i] = static_cast<char>('b' + i % 20);
        auto reply = test::run(loop, client.send(request(server, body)));
        ASSERT_TRUE(reply) << size << ": " << describe(reply.error());
        EXPECT_TRUE(reply->body == body) << size;
    }
}

TEST_F(TlsHttpServer, ManyCallsAtOnceAreKeptApart) {
    HttpServer server(loop.get_executor(), options, echo);
    ASSERT_TRUE(server.start());
    HttpClient client(loop.get_executor(), client_options());
    int right = 0;
    for (int i = 0; i < 50; ++i) {
        auto body = std::string(static_cast<std::size_t>(i) * 1000, static_cast<char>('a' + i % 26));
        asio::co_spawn(loop, client.send(request(server, body)),
                       [&, body](std::exception_ptr, Result<HttpReply> reply) {
                           right += reply && reply->body == body ? 1 : -1000;
                       });
    }
    test::run_until(loop, [&] { return right >= 50 || right < 0; });
    EXPECT_EQ(right, 50);
}

TEST_F(TlsHttpServer, AHandlerThatWaitsHearsThatItsClientHasGone) {
    bool gone = false;
    bool waiting = false;
    auto wait = [&](ServerRequest, RequestContext& context) -> awaitable<ServerReply> {
        auto executor = co_await asio::this_coro::executor;
        asio::steady_timer timer(executor, std::chrono::seconds(60));
        context.on_gone([&] {
            gone = true;
            timer.cancel();
        });
        waiting = true;
        boost::system::error_code ignored;
        auto token = asio::redirect_error(asio::use_awaitable, ignored);
        co_await timer.async_wait(token);
        context.on_gone({});
        co_return ServerReply{};
    };
    HttpServer server(loop.get_executor(), options, wait);
    ASSERT_TRUE(server.start());
    HttpClient client(loop.get_executor(), client_options());
    bool ended = false;
    asio::co_spawn(loop, client.send(request(server, "x")),
                   [&](std::exception_ptr, Result<HttpReply>) { ended = true; });
    test::run_until(loop, [&] { return waiting; });
    client.close();
    test::run_until(loop, [&] { return gone && ended; });
}

TEST_F(TlsHttpServer, FilesThatAreNoCertificateOrNotItsKeyAreNamed) {
    auto refusal = [&](std::string certificate, std::string key) {
        options.tls_certificate = std::move(certificate);
        options.tls_key = std::move(key);
        auto started = HttpServer(loop.get_executor(), options, echo).start();
        EXPECT_FALSE(started);
        return started ? std::string() : started.error().detail;
    };
    auto other = folder.write_key("other.key", test::make_identity({}));
    auto certificate = options.tls_certificate;
    EXPECT_NE(refusal("/nowhere/a.pem", other).find("/nowhere/a.pem"), std::string::npos);
    EXPECT_NE(refusal(certificate, other).find(other), std::string::npos);
    EXPECT_NE(refusal(other, other).find("certificate"), std::string::npos);
}

}  // namespace
}  // namespace sqs2pg::net
