// One client connection, see http_connection.h.
#include "net/http_connection.h"

#include <sys/socket.h>

#include <cerrno>

#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace sqs2pg::net {

namespace asio = boost::asio;

awaitable<Connection::ErrorCode> Connection::connect(asio::ip::tcp::endpoint endpoint) {
    ErrorCode ec;
    auto token = asio::redirect_error(asio::use_awaitable, ec);
    co_await stream.socket.async_connect(endpoint, token);
    if (!ec && !stream.socket.is_open()) ec = asio::error::operation_aborted;
    if (ec) co_return ec;
    ErrorCode ignored;
    stream.socket.set_option(asio::ip::tcp::no_delay(true), ignored);
    stream.socket.non_blocking(true, ec);
    opened_at = std::chrono::steady_clock::now();
    buffer.reserve(kReadBufferBytes);
    co_return ec;
}

awaitable<Status> Connection::start_tls(std::shared_ptr<TlsClient> client, std::string host, std::uint16_t port) {
    auto& peer = stream.has_tls() ? second_ : first_;
    peer.host = std::move(host);
    peer.session_key = peer.host + ":" + std::to_string(port);
    auto* ssl = stream.add_tls(client->context());
    if (ssl == nullptr || !client->prepare(ssl, peer)) {
        co_return fail(ErrorKind::Configuration, Stage::Start, "tls_failed",
                       "the host name " + peer.host + " cannot be checked against a certificate");
    }
    auto ec = co_await stream.handshake_as_client();
    if (!ec) co_return Status{};
    co_return tls_error(peer, peer.session_key, ec);
}

Connection::ErrorCode Connection::write_at_once(std::string_view& data) {
    Stream::Parts parts{asio::buffer(data), asio::const_buffer()};
    auto ec = stream.write_at_once(parts);
    data.remove_prefix(data.size() - parts[0].size());
    return ec;
}

awaitable<Connection::ErrorCode> Connection::write(std::string_view data) {
    return stream.write(Stream::Parts{asio::buffer(data), asio::const_buffer()});
}

awaitable<Connection::ErrorCode> Connection::read() {
    ErrorCode ec;
    auto bytes = co_await stream.read_some(room_behind(buffer), ec);
    buffer.commit(bytes);
    co_return ec;
}

bool Connection::is_stale() {
    char byte = 0;
    auto got = ::recv(stream.socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (got < 0) return errno != EAGAIN && errno != EWOULDBLOCK;
    // TLS 1.3 servers send session tickets unasked; only the stream's end is telling there.
    return got == 0 || !stream.has_tls();
}

}  // namespace sqs2pg::net
