// Server and client against each other, and each against raw bytes, on loopback.
#include <string>

#include <gtest/gtest.h>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "net/http_client.h"
#include "net/http_server.h"
#include "unit/net/on_loop.h"

namespace sqs2pg::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;

awaitable<ServerReply> echo(ServerRequest request, RequestContext&) {
    ServerReply reply;
    reply.headers.emplace_back("X-Method", request.method);
    reply.headers.emplace_back("X-Target", request.target);
    reply.headers.emplace_back("X-Saw", std::string(request.header("x-THING")));
    reply.headers.emplace_back("X-Host", std::string(request.header("host")));
    reply.body = std::move(request.body);
    co_return reply;
}

awaitable<ServerReply> drop() {
    ServerReply reply;
    reply.drop_connection = true;
    co_return reply;
}

struct Http : testing::Test {
    void serve(Handler handler, HttpServerOptions options = {}) {
        server.emplace(loop.get_executor(), std::move(options), std::move(handler));
        auto started = server->start();
        ASSERT_TRUE(started) << describe(started.error());
    }

    HttpRequest request(std::string target = "/", std::string body = {}) {
        HttpRequest made;
        made.url = Url{false, "127.0.0.1", server->port(), std::move(target)};
        made.body = std::move(body);
        made.deadline = milliseconds(20000);
        return made;
    }

    Result<HttpReply> send(HttpRequest made) { return test::run(loop, client.send(std::move(made))); }

    // Writes raw bytes and returns everything until the server closes the connection.
    awaitable<std::string> raw(std::string bytes) {
        tcp::socket socket(loop);
        error_code ec;
        tcp::endpoint endpoint(asio::ip::make_address("127.0.0.1"), server->port());
        co_await socket.async_connect(endpoint, asio::use_awaitable);
        co_await asio::async_write(socket, asio::buffer(bytes), asio::redirect_error(asio::use_awaitable, ec));
        std::string answer;
        auto everything = asio::dynamic_buffer(answer);
        co_await asio::async_read(socket, everything, asio::redirect_error(asio::use_awaitable, ec));
        co_return answer;
    }

    asio::io_context loop{1};
    std::optional<HttpServer> server;
    HttpClient client{loop.get_executor()};
};

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t n = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++n;
    return n;
}

TEST_F(Http, CarriesMethodTargetHeadersAndBody) {
    serve(echo);
    auto made = request("/a/b?c=d", "hello");
    made.headers.emplace_back("X-Thing", "seen");
    auto reply = send(std::move(made));
    ASSERT_TRUE(reply) << describe(reply.error());
    EXPECT_EQ(reply->status, 200);
    EXPECT_EQ(reply->body, "hello");
    EXPECT_EQ(*reply->header("x-method"), "POST");
    EXPECT_EQ(*reply->header("x-target"), "/a/b?c=d");
    EXPECT_EQ(*reply->header("x-saw"), "seen");
    EXPECT_EQ(*reply->header("x-host"), "127.0.0.1:" + std::to_string(server->port()));
    ASSERT_NE(reply->header("date"), nullptr);
    EXPECT_TRUE(reply->header("date")->ends_with(" GMT"));
    EXPECT_EQ(reply->header("no-such"), nullptr);
}

TEST_F(Http, ABodyOfMegabytesComesBackWhole) {
    serve(echo);
    std::string large(12'000'000, 'x');
    for (std::size_t i = 0; i < large.size(); i += 1000) large[i] = static_cast<char>('a' + i / 1000 % 26);
    auto reply = send(request("/", large));
    ASSERT_TRUE(reply) << describe(reply.error());
    EXPECT_TRUE(reply->body == large);
}

TEST_F(Http, OneConnectionServesManyCalls) {
    std::size_t calls = 0;
    serve(
        [&calls](ServerRequest request, RequestContext& context) {
            ++calls;
            return echo(std::move(request), context);
        },
        HttpServerOptions{.max_connections = 1});
    for (int i = 0; i < 50; ++i) {
        auto reply = send(request("/", std::to_string(i)));
        ASSERT_TRUE(reply) << describe(reply.error());
        ASSERT_EQ(reply->status, 200) << "a second connection would be refused with 503";
        EXPECT_EQ(reply->body, std::to_string(i));
    }
    EXPECT_EQ(calls, 50u);
}

TEST_F(Http, ManyCallsRunAtOnceOnOneThread) {
    serve(echo);
    int done = 0;
    for (int i = 0; i < 64; ++i) {
        asio::co_spawn(loop, client.send(request("/", std::to_string(i))),
                       [&done, i](std::exception_ptr, Result<HttpReply> reply) {
                           done += reply && reply->body == std::to_string(i);
                       });
    }
    test::run_until(loop, [&] { return done == 64; });
}

TEST_F(Http, BeyondTheBoundOfConnectionsIs503) {
    serve(echo, HttpServerOptions{.max_connections = 0});
    auto reply = send(request());
    ASSERT_TRUE(reply) << describe(reply.error());
    EXPECT_EQ(reply->status, 503);
}

TEST_F(Http, ABodyBeyondTheLimitIs413WithoutReachingTheHandler) {
    bool reached = false;
    serve(
        [&reached](ServerRequest request, RequestContext& context) {
            reached = true;
            return echo(std::move(request), context);
        },
        HttpServerOptions{.max_body_bytes = 1000});
    auto reply = send(request("/", std::string(1001, 'x')));
    ASSERT_TRUE(reply) << describe(reply.error());
    EXPECT_EQ(reply->status, 413);
    EXPECT_FALSE(reached);
    auto within = send(request("/", std::string(1000, 'x')));
    ASSERT_TRUE(within) << describe(within.error());
    EXPECT_EQ(within->status, 200);
}

TEST_F(Http, AChunkedBodyIsReadAndIsBoundedToo) {
    serve(echo, HttpServerOptions{.max_body_bytes = 10});
    std::string head = "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
    auto fits = test::run(loop, raw(head + "5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n"));
    EXPECT_TRUE(fits.starts_with("HTTP/1.1 200 OK\r\n")) << fits;
    EXPECT_TRUE(fits.ends_with("\r\n\r\nhelloworld")) << fits;
    auto beyond = test::run(loop, raw(head + "5\r\nhello\r\n6\r\nworld!\r\n0\r\n\r\n"));
    EXPECT_TRUE(beyond.starts_with("HTTP/1.1 413 ")) << beyond;
}

TEST_F(Http, PipelinedRequestsAreAnsweredInOrder) {
    serve(echo);
    auto answer =
        test::run(loop, raw("GET /1 HTTP/1.1\r\nHost: h\r\n\r\nPOST /2 HTTP/1.1\r\nHost: h\r\n"
                            "Content-Length: 2\r\n\r\nabGET /3 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
    EXPECT_EQ(count(answer, "HTTP/1.1 200 OK"), 3u) << answer;
    EXPECT_LT(answer.find("X-Target: /1"), answer.find("X-Target: /2"));
    EXPECT_LT(answer.find("X-Target: /2"), answer.find("X-Target: /3"));
    EXPECT_LT(answer.find("X-Target: /3"), answer.find("Connection: close"));
}

TEST_F(Http, WhatIsNotHttpIs400AndAnEndlessHeaderIs431) {
    serve(echo);
    EXPECT_TRUE(test::run(loop, raw("hello there\r\n\r\n")).starts_with("HTTP/1.1 400 "));
    auto endless = test::run(loop, raw("GET / HTTP/1.1\r\nX: " + std::string(40'000, 'x')));
    EXPECT_TRUE(endless.starts_with("HTTP/1.1 431 ")) << endless;
    auto chunk = test::run(
        loop, raw("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5;" + std::string(100'000, 'x')));
    EXPECT_TRUE(chunk.starts_with("HTTP/1.1 400 ")) << chunk;
}

TEST_F(Http, HeadHasNoBodyAndExpectContinueIsAnswered) {
    serve([](ServerRequest request, RequestContext& context) {
        if (request.method == "HEAD") request.body = "four";
        return echo(std::move(request), context);
    });
    auto head = request();
    head.method = "HEAD";
    auto reply = send(std::move(head));
    ASSERT_TRUE(reply) << describe(reply.error());
    EXPECT_EQ(reply->body, "");
    EXPECT_EQ(*reply->header("content-length"), "4");
    // The client, too, reads past an interim reply.
    auto expecting = request("/", "body");
    expecting.headers.emplace_back("Expect", "100-continue");
    auto second = send(std::move(expecting));
    ASSERT_TRUE(second) << describe(second.error());
    EXPECT_EQ(second->status, 200);
    EXPECT_EQ(second->body, "body");
}

TEST_F(Http, AThrowingHandlerIs500WithoutItsText) {
    serve([](ServerRequest, RequestContext&) -> awaitable<ServerReply> {
        throw std::runtime_error("secret value");
        co_return ServerReply{};
    });
    auto reply = send(request());
    ASSERT_TRUE(reply) << describe(reply.error());
    EXPECT_EQ(reply->status, 500);
    EXPECT_EQ(reply->body.find("secret"), std::string::npos);
}

TEST_F(Http, AHeaderCannotSmuggleALine) {
    serve([](ServerRequest, RequestContext&) -> awaitable<ServerReply> {
        ServerReply reply;
        reply.headers.emplace_back("X-Bad", "a\r\nX-Smuggled: b");
        co_return reply;
    });
    auto reply = send(request());
    ASSERT_TRUE(reply) << describe(reply.error());
    EXPECT_EQ(reply->header("x-smuggled"), nullptr);
    auto bad = request();
    bad.headers.emplace_back("X-Token", "a\r\nX-Smuggled: b");
    auto refused = send(std::move(bad));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "bad_request");
}

// Waits until the client goes away; counts how often it was told.
struct LongPoll {
    awaitable<ServerReply> operator()(ServerRequest, RequestContext& context) const { return wait(shared, &context); }
    struct Shared {
        int waiting = 0;
        int gone = 0;
    };
    static awaitable<ServerReply> wait(std::shared_ptr<Shared> shared, RequestContext* context) {
        auto executor = co_await asio::this_coro::executor;
        asio::steady_timer timer(executor, test::kPatience);
        bool told = false;
        context->on_gone([&timer, &told] {
            told = true;
            timer.cancel();
        });
        ++shared->waiting;
        error_code ec;
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ec));
        if (told && context->gone()) ++shared->gone;
        co_return ServerReply{};
    }
    std::shared_ptr<Shared> shared = std::make_shared<Shared>();
};

TEST_F(Http, TheDeadlineEndsACallAndTheHandlerNoticesThatTheClientHasGone) {
    LongPoll poll;
    serve(poll);
    auto made = request();
    made.deadline = milliseconds(200);
    auto before = std::chrono::steady_clock::now();
    auto reply = send(std::move(made));
    auto took = std::chrono::steady_clock::now() - before;
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, "timeout");
    EXPECT_EQ(reply.error().kind, ErrorKind::Retry);
    EXPECT_GE(took, milliseconds(200));
    EXPECT_LT(took, std::chrono::seconds(10));
    test::run_until(loop, [&] { return poll.shared->gone == 1; });
}

TEST_F(Http, APipelinedRequestBehindALongPollIsNotADisconnect) {
    LongPoll poll;
    serve(poll);
    tcp::socket socket(loop);
    socket.connect(tcp::endpoint(asio::ip::make_address("127.0.0.1"), server->port()));
    asio::write(socket, asio::buffer(std::string("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n")));
    test::run_until(loop, [&] { return poll.shared->waiting == 1; });
    asio::write(socket, asio::buffer(std::string("GET /2 HTTP/1.1\r\nHost: h\r\n\r\n")));
    for (int i = 0; i < 20; ++i) loop.poll();
    EXPECT_EQ(poll.shared->gone, 0);
    socket.close();
    test::run_until(loop, [&] { return poll.shared->gone == 1; });
}

TEST_F(Http, StoppingTheServerTellsWaitingHandlersAndEndsTheCall) {
    LongPoll poll;
    serve(poll);
    std::optional<Result<HttpReply>> reply;
    asio::co_spawn(loop, client.send(request()),
                   [&](std::exception_ptr, Result<HttpReply> value) { reply.emplace(std::move(value)); });
    test::run_until(loop, [&] { return poll.shared->waiting == 1; });
    server->stop();
    test::run_until(loop, [&] { return reply.has_value() && poll.shared->gone == 1; });
    ASSERT_FALSE(*reply);
    EXPECT_EQ(reply->error().code, "connection_closed");
}

TEST_F(Http, ClosingTheClientEndsACallUnderWay) {
    LongPoll poll;
    serve(poll);
    std::optional<Result<HttpReply>> reply;
    asio::co_spawn(loop, client.send(request()),
                   [&](std::exception_ptr, Result<HttpReply> value) { reply.emplace(std::move(value)); });
    test::run_until(loop, [&] { return poll.shared->waiting == 1; });
    client.close();
    test::run_until(loop, [&] { return reply.has_value(); });
    ASSERT_FALSE(*reply);
    EXPECT_EQ(reply->error().code, "connection_closed");
}

TEST_F(Http, AnIdleConnectionIsClosedByTheServerAndTheNextCallStillSucceeds) {
    serve(echo, HttpServerOptions{.idle_timeout = std::chrono::seconds(1)});
    ASSERT_TRUE(send(request()));
    // A raw connection beside it shows when the server's sweep has run.
    auto answer = test::run(loop, raw("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK"));
    auto reply = send(request("/", "again"));
    ASSERT_TRUE(reply) << describe(reply.error());
    EXPECT_EQ(reply->body, "again");
}

TEST_F(Http, AStalePooledConnectionIsReplacedOnce) {
    serve(echo);
    ASSERT_TRUE(send(request()));
    auto port = server->port();
    server.reset();
    serve(echo, HttpServerOptions{.port = port});
    auto reply = send(request("/", "fresh"));  // at once: the dead connection is found by using it
    ASSERT_TRUE(reply) << describe(reply.error());
    EXPECT_EQ(reply->body, "fresh");
}

TEST_F(Http, ADroppedConnectionOnAFreshConnectionIsAnErrorNotARepetition) {
    int calls = 0;
    serve([&calls](ServerRequest, RequestContext&) {
        ++calls;
        return drop();
    });
    auto reply = send(request());
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, "connection_closed");
    EXPECT_EQ(calls, 1);
}

TEST_F(Http, AReplyBeyondTheLimitIsRefused) {
    serve([](ServerRequest, RequestContext&) -> awaitable<ServerReply> {
        ServerReply reply;
        reply.body.assign(100'001, 'x');
        co_return reply;
    });
    HttpClient small(loop.get_executor(), HttpClientOptions{.max_reply_bytes = 100'000});
    auto reply = test::run(loop, small.send(request()));
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, "reply_too_large");
}

TEST_F(Http, NobodyListeningIsConnectionRefused) {
    serve(echo);
    auto made = request();
    server->stop();
    auto reply = send(std::move(made));
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, "connection_refused");
}

TEST_F(Http, LocalhostIsReachedWhicheverFamilyAnswers) {
    serve(echo);  // on 127.0.0.1 only; the name may give ::1 first
    for (int i = 0; i < 2; ++i) {
        auto made = request("/", "x");
        made.url.host = "localhost";
        auto reply = send(std::move(made));
        ASSERT_TRUE(reply) << describe(reply.error());
        EXPECT_EQ(reply->body, "x");
    }
}

TEST_F(Http, AnAddressInUseIsOneClearSentence) {
    serve(echo);
    HttpServer second(loop.get_executor(), HttpServerOptions{.port = server->port()}, echo);
    auto started = second.start();
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().kind, ErrorKind::Configuration);
    EXPECT_EQ(started.error().detail,
              "cannot listen on 127.0.0.1:" + std::to_string(server->port()) + ": Address already in use");
}

}  // namespace
}  // namespace sqs2pg::net
