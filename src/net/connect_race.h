// Connecting to a name with several addresses: the next one is tried when the one before has failed or has not answered
// for a quarter of a second, and the first that answers wins. So an IPv6 or an address that is dead costs 250 ms, not
// the deadline. Source: RFC 8305 ("happy eyeballs").
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "net/http_call.h"
#include "net/http_connection.h"

namespace sqs2pg::net {

class ConnectRace final : public Abortable, public std::enable_shared_from_this<ConnectRace> {
   public:
    using Endpoint = boost::asio::ip::tcp::endpoint;

    ConnectRace(const boost::asio::any_io_executor& executor, std::vector<Endpoint> addresses);

    // The connection that won, or nullptr: see error and attempts. Runs once.
    awaitable<std::shared_ptr<Connection>> run();

    // Ends all attempts; run() returns nullptr.
    void abort() override;

    const Endpoint& winner() const { return addresses_[won_]; }
    bool all_refused() const;
    // "203.0.113.9:443 (Connection refused), [2001:db8::1]:443 (no answer)"; for people.
    std::string attempts() const;

   private:
    struct Attempt {
        std::shared_ptr<Connection> connection;
        boost::system::error_code ec;
        bool ended = false;
    };
    static awaitable<void> attempt(std::shared_ptr<ConnectRace> self, std::size_t index);

    boost::asio::any_io_executor executor_;
    boost::asio::steady_timer news_;  // cancelled when an attempt has ended
    std::vector<Endpoint> addresses_;
    std::vector<Attempt> attempts_;
    std::size_t running_ = 0;
    std::size_t won_ = 0;
    bool decided_ = false;
    bool aborted_ = false;
};

}  // namespace sqs2pg::net
