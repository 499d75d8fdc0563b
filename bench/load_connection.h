// A client that costs little beside the server it loads: one keep-alive connection on plain system calls, whole
// requests in, the body of each reply out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sqs2pg::bench {

class LoadConnection {
   public:
    // Throws std::runtime_error.
    LoadConnection(const std::string& host, std::uint16_t port);
    ~LoadConnection();
    LoadConnection(LoadConnection&& other) noexcept;
    LoadConnection& operator=(LoadConnection&&) = delete;

    int socket() const noexcept { return socket_; }

    // All of it, waiting up to ten seconds for the server to read. Throws std::runtime_error.
    void send(std::string_view request);

    // Reads what there is. True: the reply is complete, and `body()` is it until the next send. Throws
    // std::runtime_error when its status is not 200 or the connection ended.
    bool receive();
    std::string_view body() const noexcept;

   private:
    bool read_head();

    int socket_ = -1;
    std::string buffer_;
    std::size_t used_ = 0;
    std::size_t body_at_ = 0;  // 0: the head is not complete
    std::size_t body_size_ = 0;
};

}  // namespace sqs2pg::bench
