// A connected TCP socket, with TLS on it when it is asked for, for the client and the server. TLS runs on OpenSSL
// directly: it reads and writes the socket itself, and this waits for the socket only when OpenSSL has to. A second TLS
// layer may lie on the first: TLS to a server through a proxy that is itself reached by TLS.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "base/result.h"

using SSL_CTX = struct ssl_ctx_st;
using SSL = struct ssl_st;

namespace sqs2pg::net {

class Stream {
   public:
    using Socket = boost::asio::ip::tcp::socket;
    using ErrorCode = boost::system::error_code;
    using Parts = std::array<boost::asio::const_buffer, 2>;

    explicit Stream(const boost::asio::any_io_executor& executor) : socket(executor) {}
    explicit Stream(Socket connected) : socket(std::move(connected)) {}
    ~Stream();
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    bool has_tls() const noexcept { return !layers_.empty(); }

    // One more TLS layer, before its handshake: host name, session and the like are set on what it returns, which lives
    // as long as this. nullptr when OpenSSL has no memory. The socket is non-blocking.
    SSL* add_tls(SSL_CTX* context);
    awaitable<ErrorCode> handshake_as_client();
    awaitable<ErrorCode> handshake_as_server();

    // What of `data` can be written without waiting; leaves the rest.
    ErrorCode write_at_once(Parts& data);
    // All of `data`, which outlives the call.
    awaitable<ErrorCode> write(Parts data);

    // What fits of what is there, at least a byte; waits for it. asio's eof at an orderly end, "stream truncated" when
    // TLS was cut. `into` and `ec` outlive the call.
    awaitable<std::size_t> read_some(boost::asio::mutable_buffer into, ErrorCode& ec);

    // The same without waiting: would_block when nothing is there.
    std::size_t try_read(boost::asio::mutable_buffer into, ErrorCode& ec);
    // What can be written at once.
    std::size_t try_write(boost::asio::const_buffer data, ErrorCode& ec);

    // Says goodbye on TLS as far as that needs no waiting, and sends the end of the stream.
    void finish();
    // Ends whatever is waited for; safe to call at any time and again.
    void close();

    Socket socket;

   private:
    struct Free {
        void operator()(SSL* ssl) const noexcept;
    };
    enum class Want { Nothing, Read, Write };

    awaitable<ErrorCode> handshake(bool as_client);
    awaitable<ErrorCode> wait_for(Want want);
    // Judges what an OpenSSL call returned: an error, or what to wait for.
    Want judge(int returned, ErrorCode& ec);
    SSL* top() const noexcept { return layers_.back().get(); }

    std::vector<std::unique_ptr<SSL, Free>> layers_;
    Want waiting_for_ = Want::Nothing;
};

}  // namespace sqs2pg::net
