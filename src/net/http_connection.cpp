// One client connection, see http_connection.h.
#include "net/http_connection.h"

#include <sys/socket.h>

#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace sqs2pg::net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

bool would_block(error_code ec) { return ec == asio::error::would_block || ec == asio::error::try_again; }

}  // namespace

Connection::Connection(const asio::any_io_executor& executor) : socket(executor) { buffer.reserve(kReadBufferBytes); }

awaitable<error_code> Connection::connect(asio::ip::tcp::endpoint endpoint) {
    error_code ec;
    tls_.reset();
    if (socket.is_open()) socket.close(ec);
    auto token = asio::redirect_error(asio::use_awaitable, ec);
    co_await socket.async_connect(endpoint, token);
    if (ec) co_return ec;
    error_code ignored;
    socket.set_option(asio::ip::tcp::no_delay(true), ignored);
    socket.non_blocking(true, ec);
    opened_at = std::chrono::steady_clock::now();
    co_return ec;
}

awaitable<Status> Connection::start_tls(asio::ssl::context& context, std::string host) {
    tls_.emplace(socket, context);
    auto* ssl = tls_->native_handle();
    error_code is_name;
    asio::ip::make_address(host, is_name);
    bool ready = false;
    if (is_name) {
        ready = SSL_set_tlsext_host_name(ssl, host.c_str()) == 1 && SSL_set1_host(ssl, host.c_str()) == 1;
    } else {
        ready = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1;
    }
    if (!ready) co_return fail(ErrorKind::Configuration, Stage::Start, "tls_failed", "the host name cannot be checked");
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    error_code ec;
    auto token = asio::redirect_error(asio::use_awaitable, ec);
    co_await tls_->async_handshake(asio::ssl::stream_base::client, token);
    if (!ec) co_return Status{};
    auto verdict = SSL_get_verify_result(ssl);
    if (verdict != X509_V_OK) {
        co_return fail(ErrorKind::Configuration, Stage::Start, "tls_failed",
                       "the certificate of " + host + " was refused: " + X509_verify_cert_error_string(verdict));
    }
    co_return fail(ErrorKind::Retry, Stage::Start, "tls_failed",
                   "the TLS handshake with " + host + " failed: " + ec.message());
}

awaitable<error_code> Connection::write(std::string_view data) {
    error_code ec;
    std::size_t sent = 0;
    if (!tls_) {
        // Almost always there is room: one system call, and no turn of the event loop.
        sent = socket.write_some(asio::buffer(data), ec);
        if (would_block(ec)) ec = {};
        if (ec || sent == data.size()) co_return ec;
    }
    auto rest = asio::buffer(data.substr(sent));
    auto token = asio::redirect_error(asio::use_awaitable, ec);
    if (tls_) {
        co_await asio::async_write(*tls_, rest, token);
    } else {
        co_await asio::async_write(socket, rest, token);
    }
    co_return ec;
}

awaitable<error_code> Connection::read() {
    error_code ec;
    std::size_t bytes = 0;
    auto room = buffer.prepare(kReadBufferBytes - buffer.size());
    auto token = asio::redirect_error(asio::use_awaitable, ec);
    if (tls_) {
        bytes = co_await tls_->async_read_some(room, token);
    } else {
        bytes = co_await socket.async_read_some(room, token);
    }
    buffer.commit(bytes);
    co_return ec;
}

bool Connection::is_stale() {
    char byte = 0;
    auto got = ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (got < 0) return errno != EAGAIN && errno != EWOULDBLOCK;
    // TLS 1.3 servers send session tickets unasked; only the stream's end is telling there.
    return got == 0 || !tls_;
}

void Connection::abort() {
    error_code ignored;
    socket.close(ignored);
}

}  // namespace sqs2pg::net
