// One client connection of http_client.cpp: a TCP socket, TLS on it when the origin asks for it, and its read buffer.
// Included only by the client's files.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include "base/result.h"
#include "net/http_parse.h"

namespace sqs2pg::net {

class Connection {
   public:
    using Socket = boost::asio::ip::tcp::socket;
    using Time = std::chrono::steady_clock::time_point;

    explicit Connection(const boost::asio::any_io_executor& executor);

    // One attempt; on success the socket is connected, non-blocking and without Nagle's delay.
    awaitable<boost::system::error_code> connect(boost::asio::ip::tcp::endpoint endpoint);

    // Handshake with SNI, chain and host name checked. Errors: "tls_failed"; Configuration when the certificate is
    // refused. `context` and the connection outlive the call.
    awaitable<Status> start_tls(boost::asio::ssl::context& context, std::string host);

    // All of `data`, which outlives the call.
    awaitable<boost::system::error_code> write(std::string_view data);

    // Some bytes more into `buffer`.
    awaitable<boost::system::error_code> read();

    // Whether the peer has ended it, or said something unasked, while it was idle. Plain peek, never blocks.
    bool is_stale();

    // Ends whatever is waited for; safe to call at any time and again.
    void abort();

    Socket socket;
    boost::beast::flat_buffer buffer;
    Time opened_at{};
    Time idle_since{};

   private:
    std::optional<boost::asio::ssl::stream<Socket&>> tls_;
};

}  // namespace sqs2pg::net
