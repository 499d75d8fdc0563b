// A forward proxy with every habit that proxies have, in the process of the test.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "base/result.h"

namespace sqs2pg::test {

class FakeProxy {
   public:
    using Socket = boost::asio::ip::tcp::socket;
    enum class Habit { Tunnel, Refuse, AskPassword, Unreachable, Hang, Rubbish, Close, EndlessHeaders, WebServer };

    explicit FakeProxy(boost::asio::io_context& loop) : loop_(loop) {
        boost::asio::co_spawn(loop_, accept(this), boost::asio::detached);
    }

    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
    std::string url(const std::string& user = {}) const {
        return "http://" + user + "127.0.0.1:" + std::to_string(port());
    }

    Habit habit = Habit::Tunnel;
    std::uint16_t tunnel_to = 0;       // port on this machine, whatever host was asked for
    std::vector<std::string> asked{};  // the head of each request

   private:
    static awaitable<void> accept(FakeProxy* self) {
        for (;;) {
            auto socket = co_await self->acceptor_.async_accept(boost::asio::use_awaitable);
            boost::asio::co_spawn(self->loop_, serve(self, std::move(socket)), boost::asio::detached);
        }
    }

    static std::string refusal(Habit habit) {
        switch (habit) {
            case Habit::Refuse:
                return "HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\n\r\nno!\n";
            case Habit::AskPassword:
                return "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n";
            case Habit::Unreachable:
                return "HTTP/1.1 502 Bad Gateway\r\n\r\n";
            case Habit::Rubbish:
                return "SSH-2.0-OpenSSH_9.2\r\n\r\n";
            case Habit::WebServer:
                return "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
            default:
                return {};
        }
    }

    static awaitable<void> serve(FakeProxy* self, Socket socket) {
        boost::system::error_code ec;
        auto token = boost::asio::redirect_error(boost::asio::use_awaitable, ec);
        std::string head;
        auto buffer = boost::asio::dynamic_buffer(head);
        co_await boost::asio::async_read_until(socket, buffer, "\r\n\r\n", token);
        if (ec) co_return;
        self->asked.push_back(head);
        if (self->habit == Habit::Close) co_return;
        if (self->habit == Habit::Hang) {
            co_await socket.async_wait(Socket::wait_error, token);
            co_return;
        }
        while (self->habit == Habit::EndlessHeaders && !ec) {
            static constexpr std::string_view kMore = "HTTP/1.1 200 OK\r\nA: b\r\nC: d\r\nE: f\r\nG: h\r\n";
            auto text = boost::asio::buffer(self->asked.size() % 2 == 1 ? kMore : kMore.substr(17));
            self->asked.emplace_back();
            co_await boost::asio::async_write(socket, text, token);
        }
        bool wants_password =
            self->habit == Habit::AskPassword && head.find("Proxy-Authorization: Basic dXNlcjpwYXNz") == head.npos;
        auto answer = self->habit == Habit::AskPassword && !wants_password ? std::string() : refusal(self->habit);
        if (answer.empty() && !head.starts_with("CONNECT ")) {
            answer = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nforwarded";
        }
        if (!answer.empty()) {
            co_await boost::asio::async_write(socket, boost::asio::buffer(answer), token);
            co_return;
        }
        Socket target(self->loop_);
        boost::asio::ip::tcp::endpoint endpoint(boost::asio::ip::make_address("127.0.0.1"), self->tunnel_to);
        co_await target.async_connect(endpoint, token);
        answer = ec ? "HTTP/1.1 503 Service Unavailable\r\n\r\n" : "HTTP/1.0 200 Connection established\r\n\r\n";
        co_await boost::asio::async_write(socket, boost::asio::buffer(answer), token);
        if (ec) co_return;
        auto there = std::make_shared<Socket>(std::move(target));
        auto here = std::make_shared<Socket>(std::move(socket));
        boost::asio::co_spawn(self->loop_, pump(here, there), boost::asio::detached);
        boost::asio::co_spawn(self->loop_, pump(there, here), boost::asio::detached);
    }

    static awaitable<void> pump(std::shared_ptr<Socket> from, std::shared_ptr<Socket> to) {
        std::string bytes(16384, '\0');
        boost::system::error_code ec;
        auto token = boost::asio::redirect_error(boost::asio::use_awaitable, ec);
        while (!ec) {
            auto count = co_await from->async_read_some(boost::asio::buffer(bytes), token);
            if (count > 0) co_await boost::asio::async_write(*to, boost::asio::buffer(bytes.data(), count), token);
        }
        to->close(ec);
    }

    boost::asio::io_context& loop_;
    boost::asio::ip::tcp::acceptor acceptor_{
        loop_, boost::asio::ip::tcp::endpoint(boost::asio::ip::make_address("127.0.0.1"), 0)};
};

}  // namespace sqs2pg::test
