// One client's connection of http_server.cpp, and the handler's view of the client (RequestContext): whether it has
// gone is looked at only while a handler asks for it. Included only there.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include "net/http_parse.h"
#include "net/http_server.h"
#include "net/stream.h"

namespace sqs2pg::net {

class Session final : public RequestContext, public std::enable_shared_from_this<Session> {
   public:
    using Socket = boost::asio::ip::tcp::socket;

    explicit Session(Socket accepted) : stream(std::move(accepted)) { buffer.reserve(kReadBufferBytes); }

    bool gone() const override { return gone_; }

    void on_gone(std::function<void()> callback) override {
        callback_ = std::move(callback);
        if (!callback_) return;
        if (gone_) {
            boost::asio::post(stream.socket.get_executor(), [self = shared_from_this()] { self->tell(); });
        } else {
            watch();
        }
    }

    // The handler is done: its callback must not be called any more.
    void end_of_handler() {
        callback_ = nullptr;
        if (!watching_) return;
        watching_ = false;
        ++watch_number_;
        boost::system::error_code ignored;
        stream.socket.cancel(ignored);
    }

    // A connection that rests keeps no large body.
    void let_go_of_large_body() {
        if (request.body.capacity() > kReadBufferBytes)
            std::string().swap(request.body);  // an assignment would keep it
    }

    void close() {
        stream.close();
        gone_ = true;
        tell();
    }

    Stream stream;
    boost::beast::flat_buffer buffer;
    // Of the read or write that is waited for; the epoch while a handler runs.
    std::chrono::steady_clock::time_point deadline{};
    std::string remote_address;
    ServerRequest request;  // reused: see Handler
    std::string head;       // reused: start line and headers of the reply

   private:
    void tell() {
        if (!callback_) return;
        auto callback = std::move(callback_);
        callback_ = nullptr;
        callback();
    }

    void watch() {
        if (watching_) return;
        watching_ = true;
        auto number = ++watch_number_;
        stream.socket.async_wait(Socket::wait_read, [self = shared_from_this(), number](boost::system::error_code ec) {
            if (number != self->watch_number_) return;
            self->watching_ = false;
            if (!ec) self->look();
        });
    }

    // Readable while a handler runs: the end of the stream, or the client's next request, which is kept for its turn.
    void look() {
        auto room = room_behind(buffer);
        if (room.size() == 0) return;
        boost::system::error_code ec;
        auto bytes = stream.try_read(room, ec);
        buffer.commit(bytes);
        if (ec && ec != boost::asio::error::would_block && ec != boost::asio::error::try_again) {
            gone_ = true;
            tell();
            return;
        }
        if (callback_) watch();
    }

    std::function<void()> callback_;
    bool gone_ = false;
    bool watching_ = false;
    std::uint64_t watch_number_ = 0;
};

}  // namespace sqs2pg::net
