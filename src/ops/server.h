// The ops port: the routes on a thread and an event loop of their own, so that a busy or stuck worker cannot silence
// them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "ops/routes.h"

namespace sqs2pg::ops {

struct ListenAddress {
    std::string host;  // an IP address or "localhost", without brackets
    std::uint16_t port = 0;
};

// "HOST:PORT", "[::1]:9464"; "off" is nullopt. Configuration error otherwise.
Result<std::optional<ListenAddress>> parse_listen(std::string_view text);

class Server {
   public:
    // Binds and serves until destroyed. Error: code "cannot_listen", for a busy port as for a foreign address; says
    // what to do. What `sources` reach outlives the server.
    static Result<std::unique_ptr<Server>> start(const ListenAddress& address, Sources sources);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    std::uint16_t port() const;  // the real one, when 0 was asked for

   private:
    struct Impl;
    explicit Server(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace sqs2pg::ops
