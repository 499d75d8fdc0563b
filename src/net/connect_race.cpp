// Connecting to several addresses, see connect_race.h.
#include "net/connect_race.h"

#include <algorithm>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace sqs2pg::net {
namespace {

namespace asio = boost::asio;

constexpr auto kHeadStart = std::chrono::milliseconds(250);
constexpr std::size_t kMostAddresses = 16;
constexpr std::size_t kMostTold = 4;

std::string text_of(const asio::ip::tcp::endpoint& endpoint) {
    auto address = endpoint.address().to_string();
    if (endpoint.address().is_v6()) address = "[" + address + "]";
    return address + ":" + std::to_string(endpoint.port());
}

}  // namespace

ConnectRace::ConnectRace(const asio::any_io_executor& executor, std::vector<Endpoint> addresses)
    : executor_(executor), news_(executor), addresses_(std::move(addresses)) {
    if (addresses_.size() > kMostAddresses) addresses_.resize(kMostAddresses);
    attempts_.reserve(addresses_.size());
}

awaitable<void> ConnectRace::attempt(std::shared_ptr<ConnectRace> self, std::size_t index) {
    auto connection = self->attempts_[index].connection;
    auto endpoint = self->addresses_[index];
    auto ec = co_await connection->connect(endpoint);
    auto& mine = self->attempts_[index];
    mine.ec = ec;
    mine.ended = true;
    --self->running_;
    if (!ec && !self->decided_ && !self->aborted_) {
        self->decided_ = true;
        self->won_ = index;
    } else {
        connection->abort();
    }
    self->news_.cancel();
}

awaitable<std::shared_ptr<Connection>> ConnectRace::run() {
    auto self = shared_from_this();
    while (!decided_ && !aborted_) {
        bool more = attempts_.size() < addresses_.size();
        if (more) {
            attempts_.push_back({std::make_shared<Connection>(executor_), {}, false});
            ++running_;
            asio::co_spawn(executor_, attempt(self, attempts_.size() - 1), asio::detached);
            more = attempts_.size() < addresses_.size();
        } else if (running_ == 0) {
            break;
        }
        // An attempt may have ended before the wait begins: its cancel would go unheard.
        if (decided_ || aborted_ || running_ == 0) continue;
        if (more) {
            news_.expires_after(kHeadStart);
        } else {
            news_.expires_after(std::chrono::hours(1));  // the deadline of the call ends it
        }
        boost::system::error_code ignored;
        auto token = asio::redirect_error(asio::use_awaitable, ignored);
        co_await news_.async_wait(token);
    }
    for (std::size_t i = 0; i < attempts_.size(); ++i) {
        bool lost = !decided_ || i != won_;
        if (lost && !attempts_[i].ended) attempts_[i].connection->abort();
    }
    if (!decided_ || aborted_) co_return nullptr;
    co_return attempts_[won_].connection;
}

void ConnectRace::abort() {
    aborted_ = true;
    for (auto& attempt : attempts_) attempt.connection->abort();
    news_.cancel();
}

bool ConnectRace::all_refused() const {
    return !attempts_.empty() && std::all_of(attempts_.begin(), attempts_.end(), [](const Attempt& attempt) {
        return attempt.ended && attempt.ec == asio::error::connection_refused;
    });
}

std::string ConnectRace::attempts() const {
    std::string text;
    for (std::size_t i = 0; i < attempts_.size() && i < kMostTold; ++i) {
        const auto& one = attempts_[i];
        bool answered = one.ended && one.ec != asio::error::operation_aborted;
        text += (i > 0 ? ", " : "") + text_of(addresses_[i]) + " (" + (answered ? one.ec.message() : "no answer") + ")";
    }
    if (attempts_.size() > kMostTold) text += " and " + std::to_string(attempts_.size() - kMostTold) + " more";
    return text;
}

}  // namespace sqs2pg::net
