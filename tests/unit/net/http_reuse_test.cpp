// The server reads a connection's requests into the same memory: nothing of one may be seen in the next.
#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "net/http_server.h"
#include "unit/net/on_loop.h"

namespace sqs2pg::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

// What the handler saw, in the reply's body; it leaves the request as it is.
awaitable<ServerReply> show(ServerRequest& request, RequestContext&) {
    ServerReply reply;
    reply.body = "<" + request.method + " " + request.target;
    for (const auto& [name, value] : request.headers) reply.body += "|" + name + "=" + value;
    reply.body += "|" + request.body + ">";
    co_return reply;
}

awaitable<std::string> talk(std::uint16_t port, std::string bytes) {
    tcp::socket socket(co_await asio::this_coro::executor);
    boost::system::error_code ec;
    tcp::endpoint endpoint(asio::ip::make_address("127.0.0.1"), port);
    co_await socket.async_connect(endpoint, asio::use_awaitable);
    co_await asio::async_write(socket, asio::buffer(bytes), asio::use_awaitable);
    std::string answer;
    auto everything = asio::dynamic_buffer(answer);
    co_await asio::async_read(socket, everything, asio::redirect_error(asio::use_awaitable, ec));
    co_return answer;
}

TEST(HttpReuse, ARequestShowsNothingOfTheOneBefore) {
    asio::io_context loop(1);
    HttpServer server(loop.get_executor(), {}, show);
    ASSERT_TRUE(server.start());
    std::string large(200'000, 'x');  // more than a connection keeps
    auto answer = test::run(loop, talk(server.port(),
                                       "POST /first HTTP/1.1\r\nHost: a\r\nX-One: 1\r\nContent-Length: 4\r\n\r\nbody"
                                       "GET /second HTTP/1.1\r\nHost: b\r\n\r\n"
                                       "POST /third HTTP/1.1\r\nHost: c\r\nContent-Length: 200000\r\n\r\n" +
                                           large + "GET /last HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n"));
    EXPECT_NE(answer.find("<POST /first|Host=a|X-One=1|Content-Length=4|body>"), answer.npos);
    EXPECT_NE(answer.find("<GET /second|Host=b|>"), answer.npos);
    EXPECT_NE(answer.find("<POST /third|Host=c|Content-Length=200000|" + large + ">"), answer.npos);
    EXPECT_NE(answer.find("<GET /last|Host=d|Connection=close|>"), answer.npos);
}

}  // namespace
}  // namespace sqs2pg::net
