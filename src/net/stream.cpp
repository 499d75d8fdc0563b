// Sockets with and without TLS, see stream.h.
#include "net/stream.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace sqs2pg::net {
namespace {

namespace asio = boost::asio;
using Socket = Stream::Socket;
using ErrorCode = Stream::ErrorCode;

bool would_block(const ErrorCode& ec) { return ec == asio::error::would_block || ec == asio::error::try_again; }

// OpenSSL's own socket BIO would raise SIGPIPE, and would not notice that the socket has been closed: its descriptor
// may be another connection's by then.
Socket& socket_of(BIO* bio) { return *static_cast<Socket*>(BIO_get_data(bio)); }

int settle(BIO* bio, ssize_t done, int retry) {
    BIO_clear_retry_flags(bio);
    bool again = done < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
    if (again) BIO_set_flags(bio, retry | BIO_FLAGS_SHOULD_RETRY);
    return static_cast<int>(done);
}

int bio_write(BIO* bio, const char* data, int size) {
    auto& socket = socket_of(bio);
    errno = EBADF;
    if (!socket.is_open()) return -1;
    return settle(bio, ::send(socket.native_handle(), data, static_cast<std::size_t>(size), MSG_NOSIGNAL),
                  BIO_FLAGS_WRITE);
}

int bio_read(BIO* bio, char* into, int size) {
    auto& socket = socket_of(bio);
    errno = EBADF;
    if (!socket.is_open()) return -1;
    auto done = ::recv(socket.native_handle(), into, static_cast<std::size_t>(size), 0);
    if (done == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    return settle(bio, done, BIO_FLAGS_READ);
}

long bio_control(BIO* bio, int command, long, void*) {
    if (command == BIO_CTRL_FLUSH) return 1;
    if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
    return 0;
}

BIO_METHOD* socket_method() {
    static BIO_METHOD* const kMethod = [] {
        auto* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "sqs2pg socket");
        BIO_meth_set_write(method, bio_write);
        BIO_meth_set_read(method, bio_read);
        BIO_meth_set_ctrl(method, bio_control);
        return method;
    }();
    return kMethod;
}

}  // namespace

void Stream::Free::operator()(SSL* ssl) const noexcept {
    // Without it OpenSSL would take the session for a broken one and never resume it.
    if (SSL_is_init_finished(ssl) == 1) SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(ssl);
}

Stream::~Stream() {
    // The upper layer reads and writes through the lower one.
    while (!layers_.empty()) layers_.pop_back();
}

SSL* Stream::add_tls(SSL_CTX* context) {
    std::unique_ptr<SSL, Free> made(SSL_new(context));
    if (!made) return nullptr;
    BIO* below = BIO_new(layers_.empty() ? socket_method() : BIO_f_ssl());
    if (below == nullptr) return nullptr;
    if (layers_.empty()) {
        BIO_set_data(below, &socket);
        BIO_set_init(below, 1);
    } else {
        BIO_set_ssl(below, top(), BIO_NOCLOSE);
    }
    SSL_set_bio(made.get(), below, below);
    layers_.push_back(std::move(made));
    return top();
}

Stream::Want Stream::judge(int returned, ErrorCode& ec) {
    auto saved_errno = errno;
    ec = {};
    switch (SSL_get_error(top(), returned)) {
        case SSL_ERROR_NONE:
            return Want::Nothing;
        case SSL_ERROR_WANT_READ:
            return Want::Read;
        case SSL_ERROR_WANT_WRITE:
            return Want::Write;
        case SSL_ERROR_ZERO_RETURN:
            ec = asio::error::eof;
            return Want::Nothing;
        default:
            break;
    }
    auto why = ERR_get_error();
    ERR_clear_error();
    if (!socket.is_open()) {
        ec = asio::error::operation_aborted;
    } else if (ERR_GET_REASON(why) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
        ec = asio::ssl::error::stream_truncated;
    } else if (why != 0) {
        ec = ErrorCode(static_cast<int>(why), asio::error::get_ssl_category());
    } else {
        ec = saved_errno != 0 ? ErrorCode(saved_errno, boost::system::system_category()) : asio::error::eof;
    }
    return Want::Nothing;
}

awaitable<ErrorCode> Stream::wait_for(Want want) {
    ErrorCode ec;
    auto what = want == Want::Read ? Socket::wait_read : Socket::wait_write;
    auto token = asio::redirect_error(asio::use_awaitable, ec);
    co_await socket.async_wait(what, token);
    if (!ec && !socket.is_open()) ec = asio::error::operation_aborted;
    co_return ec;
}

awaitable<ErrorCode> Stream::handshake(bool as_client) {
    for (;;) {
        ErrorCode ec;
        ERR_clear_error();
        errno = 0;
        auto want = judge(as_client ? SSL_connect(top()) : SSL_accept(top()), ec);
        if (ec || want == Want::Nothing) co_return ec;
        ec = co_await wait_for(want);
        if (ec) co_return ec;
    }
}

awaitable<ErrorCode> Stream::handshake_as_client() { return handshake(true); }
awaitable<ErrorCode> Stream::handshake_as_server() { return handshake(false); }

std::size_t Stream::try_write(asio::const_buffer data, ErrorCode& ec) {
    if (!has_tls()) return socket.write_some(data, ec);
    std::size_t done = 0;
    ERR_clear_error();
    errno = 0;
    int returned = SSL_write_ex(top(), data.data(), data.size(), &done);
    if (returned == 1) {
        ec = {};
        return done;
    }
    waiting_for_ = judge(returned, ec);
    if (!ec) ec = asio::error::would_block;
    return 0;
}

std::size_t Stream::try_read(asio::mutable_buffer into, ErrorCode& ec) {
    if (!has_tls()) return socket.read_some(into, ec);
    std::size_t done = 0;
    ERR_clear_error();
    errno = 0;
    int returned = SSL_read_ex(top(), into.data(), into.size(), &done);
    if (returned == 1) {
        ec = {};
        return done;
    }
    waiting_for_ = judge(returned, ec);
    if (!ec) ec = asio::error::would_block;
    return 0;
}

Stream::ErrorCode Stream::write_at_once(Parts& data) {
    ErrorCode ec;
    if (!has_tls()) {
        auto sent = socket.write_some(data, ec);
        auto from_first = std::min(sent, data[0].size());
        data[0] += from_first;
        data[1] += sent - from_first;
    } else {
        for (auto& part : data) {
            while (!ec && part.size() > 0) part += try_write(part, ec);
        }
    }
    if (would_block(ec)) ec = {};
    return ec;
}

awaitable<ErrorCode> Stream::write(Parts data) {
    // Almost always there is room: one system call, and no turn of the event loop.
    auto ec = write_at_once(data);
    if (ec || asio::buffer_size(data) == 0) co_return ec;
    if (!has_tls()) {
        auto token = asio::redirect_error(asio::use_awaitable, ec);
        co_await asio::async_write(socket, data, token);
        co_return ec;
    }
    for (auto& part : data) {
        while (part.size() > 0) {
            part += try_write(part, ec);
            if (would_block(ec)) ec = co_await wait_for(waiting_for_);
            if (ec) co_return ec;
        }
    }
    co_return ec;
}

awaitable<std::size_t> Stream::read_some(asio::mutable_buffer into, ErrorCode& ec) {
    if (!has_tls()) {
        auto token = asio::redirect_error(asio::use_awaitable, ec);
        auto bytes = co_await socket.async_read_some(into, token);
        co_return bytes;
    }
    // The answer to what has just been written is not there yet: waiting at once saves a vain read.
    bool pending =
        std::any_of(layers_.begin(), layers_.end(), [](auto& ssl) { return SSL_has_pending(ssl.get()) == 1; });
    if (!pending) {
        ec = co_await wait_for(Want::Read);
        if (ec) co_return 0;
    }
    for (;;) {
        auto bytes = try_read(into, ec);
        if (!would_block(ec)) co_return bytes;
        ec = co_await wait_for(waiting_for_);
        if (ec) co_return 0;
    }
}

void Stream::finish() {
    if (!socket.is_open()) return;
    ErrorCode ignored;
    for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer) {
        ERR_clear_error();
        if (SSL_is_init_finished(layer->get()) == 1) SSL_shutdown(layer->get());
    }
    ERR_clear_error();
    socket.shutdown(Socket::shutdown_send, ignored);
}

void Stream::close() {
    ErrorCode ignored;
    socket.close(ignored);
}

}  // namespace sqs2pg::net
