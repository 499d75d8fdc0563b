// Names to addresses for http_client.cpp: one look-up at a time a name, shared by all who wait, kept for a short while.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/result.h"

namespace sqs2pg::net {

// Not thread-safe: one an HTTP client.
class ResolveCache : public std::enable_shared_from_this<ResolveCache> {
   public:
    using Endpoints = std::vector<boost::asio::ip::tcp::endpoint>;
    using Time = std::chrono::steady_clock::time_point;

    explicit ResolveCache(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

    // The addresses of `host`, families alternating, the one that last worked first. Errors: "resolve_failed",
    // "timeout": the system's resolver cannot be interrupted, so the look-up goes on behind a deadline that has passed.
    awaitable<Result<Endpoints>> resolve(std::string host, std::uint16_t port, Time deadline);

    // `endpoint` answered: it is tried first from now on.
    void prefer(const std::string& host, const boost::asio::ip::tcp::endpoint& endpoint);

    // None of the addresses answered: look the name up anew next time.
    void forget(const std::string& host, std::uint16_t port);

   private:
    struct Entry {
        Endpoints endpoints;
        std::string why;  // of the last failure
        Time good_until{};
        bool running = false;
        std::vector<std::shared_ptr<boost::asio::steady_timer>> waiters;  // cancelled when the look-up ends
    };
    using Key = std::pair<std::string, std::uint16_t>;

    static awaitable<void> look_up(std::shared_ptr<ResolveCache> self, Key key, std::shared_ptr<Entry> entry);

    boost::asio::any_io_executor executor_;
    std::map<Key, std::shared_ptr<Entry>> entries_;
};

}  // namespace sqs2pg::net
