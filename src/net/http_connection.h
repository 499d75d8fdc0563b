// One client connection of http_client.cpp: the stream, what came on it, whose certificate it saw, and how old it is.
// Included only by the client's files.
#pragma once

#include <chrono>
#include <memory>
#include <string_view>

#include "net/http_call.h"
#include "net/stream.h"
#include "net/tls_context.h"
#include "net/unread.h"

namespace sqs2pg::net {

class Connection final : public Abortable {
   public:
    using Time = std::chrono::steady_clock::time_point;
    using ErrorCode = Stream::ErrorCode;

    Connection(const boost::asio::any_io_executor& executor, std::shared_ptr<ReadRoom> room)
        : stream(executor), unread(std::move(room)) {}

    // One attempt; on success the socket is connected, non-blocking and without Nagle's delay.
    awaitable<ErrorCode> connect(boost::asio::ip::tcp::endpoint endpoint);

    // A TLS layer with SNI, chain and host name checked. `place` for the error: "tls_failed"; Configuration when the
    // certificate is refused.
    awaitable<Status> start_tls(std::shared_ptr<TlsClient> client, std::string host, std::uint16_t port);

    // All of `data`, which outlives the call.
    awaitable<ErrorCode> write(std::string_view data);

    // Some bytes more into `unread`.
    awaitable<ErrorCode> read();

    // Whether the peer has ended it, or said something unasked, while it was idle. Plain peek, never blocks.
    bool is_stale();

    void abort() override { stream.close(); }

   private:
    // In order: the stream's TLS layers refer to these until they are gone.
    TlsPeer first_;
    TlsPeer second_;

   public:
    Stream stream;
    Unread unread;
    Time opened_at{};
    Time idle_since{};
};

}  // namespace sqs2pg::net
