// One client connection of http_client.cpp: the stream, its read buffer, whose certificate it saw, and how old it is.
// Included only by the client's files.
#pragma once

#include <chrono>
#include <memory>
#include <string_view>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include "net/http_call.h"
#include "net/http_parse.h"
#include "net/stream.h"
#include "net/tls_context.h"

namespace sqs2pg::net {

class Connection final : public Abortable {
   public:
    using Time = std::chrono::steady_clock::time_point;
    using ErrorCode = Stream::ErrorCode;

    explicit Connection(const boost::asio::any_io_executor& executor) : stream(executor) {}

    // One attempt; on success the socket is connected, non-blocking and without Nagle's delay.
    awaitable<ErrorCode> connect(boost::asio::ip::tcp::endpoint endpoint);

    // A TLS layer with SNI, chain and host name checked. `place` for the error: "tls_failed"; Configuration when the
    // certificate is refused.
    awaitable<Status> start_tls(std::shared_ptr<TlsClient> client, std::string host, std::uint16_t port);

    // What of `data` can be written without waiting; leaves the rest.
    ErrorCode write_at_once(std::string_view& data);
    // All of `data`, which outlives the call.
    awaitable<ErrorCode> write(std::string_view data);

    // Some bytes more into `buffer`.
    awaitable<ErrorCode> read();
    // The same where there is no TLS, without a coroutine: awaited, an error and bytes for the caller to commit.
    auto read_in_clear() {
        return stream.socket.async_read_some(room_behind(buffer), boost::asio::as_tuple(boost::asio::deferred));
    }

    // Whether the peer has ended it, or said something unasked, while it was idle. Plain peek, never blocks.
    bool is_stale();

    void abort() override { stream.close(); }

   private:
    // In order: the stream's TLS layers refer to these until they are gone.
    TlsPeer first_;
    TlsPeer second_;

   public:
    Stream stream;
    boost::beast::flat_buffer buffer;
    Time opened_at{};
    Time idle_since{};
};

}  // namespace sqs2pg::net
