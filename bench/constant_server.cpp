// What the embedded queue is held against: a plain Beast server on one thread that reads a request and answers a
// constant reply of 4.3 KB, the size of a receive of ten logins. Prints {"port":…} first and serves until SIGTERM or
// SIGINT.
#include <cstdio>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t kReadBufferBytes = 64 * 1024;
using Reply = http::response<http::string_body>;

// Without a deadline: a program of a benchmark, on loopback. `reply` outlives it.
asio::awaitable<void> serve(tcp::socket socket, Reply& reply) {
    boost::beast::flat_buffer buffer;
    buffer.reserve(kReadBufferBytes);
    for (;;) {
        error_code ec;
        http::request<http::string_body> request;
        co_await http::async_read(socket, buffer, request, asio::redirect_error(asio::use_awaitable, ec));
        if (ec) co_return;
        co_await http::async_write(socket, reply, asio::redirect_error(asio::use_awaitable, ec));
        if (ec || !request.keep_alive()) co_return;
    }
}

asio::awaitable<void> accept(tcp::acceptor& acceptor, Reply& reply) {
    for (;;) {
        error_code ec;
        auto socket = co_await acceptor.async_accept(asio::redirect_error(asio::use_awaitable, ec));
        if (ec) co_return;
        socket.set_option(tcp::no_delay(true), ec);
        asio::co_spawn(acceptor.get_executor(), serve(std::move(socket), reply), asio::detached);
    }
}

}  // namespace

int main(int argc, char** argv) {
    std::uint16_t port = 0;
    std::size_t bytes = 4300;
    CLI::App app("A Beast server with a constant reply");
    app.add_option("--port", port, "0: any free one")->capture_default_str();
    app.add_option("--bytes", bytes, "Size of the reply's body")->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    try {
        asio::io_context loop(1);
        tcp::acceptor acceptor(loop, {asio::ip::make_address("127.0.0.1"), port});
        Reply reply(http::status::ok, 11);
        reply.set(http::field::content_type, "application/x-amz-json-1.0");
        reply.body() = std::string(bytes, 'x');
        reply.prepare_payload();
        asio::signal_set signals(loop, SIGTERM, SIGINT);
        signals.async_wait([&](error_code, int) { loop.stop(); });
        asio::co_spawn(loop, accept(acceptor, reply), asio::detached);
        fmt::print("{{\"port\":{}}}\n", acceptor.local_endpoint().port());
        std::fflush(stdout);
        loop.run();
    } catch (const std::exception& error) {
        fmt::print(stderr, "constant_server: {}\n", error.what());
        return 1;
    }
    return 0;
}
