// One connection of the load generator, see load_connection.h.
#include "load_connection.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cerrno>
#include <charconv>
#include <stdexcept>
#include <utility>

namespace sqs2pg::bench {
namespace {

constexpr std::size_t kBufferBytes = 256 * 1024;
constexpr int kWriteDeadlineMs = 10'000;

}  // namespace

LoadConnection::LoadConnection(const std::string& host, std::uint16_t port) : buffer_(kBufferBytes, '\0') {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    if (inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1) throw std::runtime_error("the URL takes an IPv4");
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    if (socket_ < 0 || connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        throw std::runtime_error("cannot connect to the server");
    }
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(socket_, F_SETFL, O_NONBLOCK);
}

LoadConnection::~LoadConnection() {
    if (socket_ >= 0) close(socket_);
}

LoadConnection::LoadConnection(LoadConnection&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)),
      buffer_(std::move(other.buffer_)),
      used_(other.used_),
      body_at_(other.body_at_),
      body_size_(other.body_size_) {}

void LoadConnection::send(std::string_view request) {
    used_ = body_at_ = body_size_ = 0;
    while (!request.empty()) {
        auto wrote = ::send(socket_, request.data(), request.size(), MSG_NOSIGNAL);
        if (wrote > 0) {
            request.remove_prefix(static_cast<std::size_t>(wrote));
            continue;
        }
        pollfd writable{socket_, POLLOUT, 0};
        if (errno == EAGAIN && poll(&writable, 1, kWriteDeadlineMs) == 1) continue;
        throw std::runtime_error("the server takes no request");
    }
}

bool LoadConnection::receive() {
    if (used_ == buffer_.size()) throw std::runtime_error("a reply is too large");
    auto got = recv(socket_, buffer_.data() + used_, buffer_.size() - used_, 0);
    if (got < 0 && errno == EAGAIN) return false;
    if (got <= 0) throw std::runtime_error("the server closed the connection");
    used_ += static_cast<std::size_t>(got);
    if (body_at_ == 0 && !read_head()) return false;
    return used_ >= body_at_ + body_size_;
}

bool LoadConnection::read_head() {
    const std::string_view seen(buffer_.data(), used_);
    auto end = seen.find("\r\n\r\n");
    if (end == seen.npos) return false;
    if (!seen.starts_with("HTTP/1.1 200")) {
        throw std::runtime_error("the server answered " + std::string(seen.substr(0, seen.find('\r'))));
    }
    constexpr std::string_view kLength = "\r\nContent-Length: ";
    auto at = seen.find(kLength);
    if (at >= end) throw std::runtime_error("a reply says no Content-Length");
    const auto* digits = seen.data() + at + kLength.size();
    std::from_chars(digits, seen.data() + end, body_size_);
    body_at_ = end + 4;
    return true;
}

std::string_view LoadConnection::body() const noexcept { return {buffer_.data() + body_at_, body_size_}; }

}  // namespace sqs2pg::bench
