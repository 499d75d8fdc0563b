// The HTTP client against servers of raw bytes: every shape of a reply, whole, cut and wrong.
#include <string>

#include <gtest/gtest.h>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "net/http_client.h"
#include "unit/net/on_loop.h"

namespace sqs2pg::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// A server of raw bytes: one connection, one answer, then the end of the stream.
Result<HttpReply> answer_with(asio::io_context& loop, std::string bytes, std::string method = "GET",
                              bool only_body_of_success = false) {
    tcp::acceptor acceptor(loop, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0));
    auto serve_once = [](tcp::acceptor* listening, std::string text) -> awaitable<void> {
        error_code ec;
        auto socket = co_await listening->async_accept(asio::use_awaitable);
        std::string seen;
        auto buffer = asio::dynamic_buffer(seen);
        co_await asio::async_read_until(socket, buffer, "\r\n\r\n", asio::redirect_error(asio::use_awaitable, ec));
        co_await asio::async_write(socket, asio::buffer(text), asio::redirect_error(asio::use_awaitable, ec));
    };
    asio::co_spawn(loop, serve_once(&acceptor, std::move(bytes)), asio::detached);
    HttpClient client(loop.get_executor());
    HttpRequest request;
    request.method = std::move(method);
    request.only_body_of_success = only_body_of_success;
    request.url = Url{false, "127.0.0.1", acceptor.local_endpoint().port(), "/"};
    return test::run(loop, client.send(std::move(request)));
}

TEST(HttpClient, ReadsEveryShapeOfABody) {
    asio::io_context loop{1};
    auto to_eof = answer_with(loop, "HTTP/1.1 200 OK\r\n\r\nuntil the end");
    ASSERT_TRUE(to_eof) << describe(to_eof.error());
    EXPECT_EQ(to_eof->body, "until the end");
    auto chunked =
        answer_with(loop, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1;x=y\r\nd\r\n0\r\n\r\n");
    ASSERT_TRUE(chunked) << describe(chunked.error());
    EXPECT_EQ(chunked->body, "abcd");
    auto empty = answer_with(loop, "HTTP/1.1 204 No Content\r\n\r\n");
    ASSERT_TRUE(empty) << describe(empty.error());
    EXPECT_EQ(empty->status, 204);
}

TEST(HttpClient, KeepsOnlyTheBodyOfASuccessWhereThatIsAskedFor) {
    asio::io_context loop{1};
    const std::string rest = "Content-Length: 3\r\nX-Kind: a\r\n\r\nabc";
    auto success = answer_with(loop, "HTTP/1.1 200 OK\r\n" + rest, "GET", true);
    ASSERT_TRUE(success) << describe(success.error());
    EXPECT_EQ(success->body, "abc");
    EXPECT_TRUE(success->headers.empty());
    auto failure = answer_with(loop, "HTTP/1.1 400 Bad Request\r\n" + rest, "GET", true);
    ASSERT_TRUE(failure) << describe(failure.error());
    EXPECT_EQ(failure->body, "abc");
    ASSERT_NE(failure->header("x-kind"), nullptr);
    EXPECT_EQ(*failure->header("x-kind"), "a");
    // The headers of an interim reply are none of the reply's.
    auto after_interim = answer_with(loop, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n" + rest, "GET", true);
    ASSERT_TRUE(after_interim) << describe(after_interim.error());
    EXPECT_EQ(after_interim->body, "abc");
}

TEST(HttpClient, ATruncatedReplyIsConnectionClosedAndGarbageIsBadReply) {
    asio::io_context loop{1};
    for (const auto* text : {"", "HTTP/1.1 20", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
                             "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"}) {
        auto reply = answer_with(loop, text);
        ASSERT_FALSE(reply) << text;
        EXPECT_EQ(reply.error().code, "connection_closed") << text;
    }
    auto garbage = answer_with(loop, "SSH-2.0-OpenSSH_9.2\r\n\r\n");
    ASSERT_FALSE(garbage);
    EXPECT_EQ(garbage.error().code, "bad_reply");
}

TEST(HttpClient, AnUnknownNameIsResolveFailed) {
    asio::io_context loop{1};
    HttpClient client(loop.get_executor());
    HttpRequest request;
    request.url = Url{false, "no-such-host.invalid", 80, "/"};
    auto reply = test::run(loop, client.send(std::move(request)));
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, "resolve_failed");
}

}  // namespace
}  // namespace sqs2pg::net
