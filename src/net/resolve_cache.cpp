// Name look-ups, see resolve_cache.h.
#include "net/resolve_cache.h"

#include <algorithm>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace sqs2pg::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr auto kKeep = std::chrono::seconds(30);  // AWS's DNS records live for about a minute

// v6, v4, v6, v4 …: an unreachable family costs one attempt, not all of them.
ResolveCache::Endpoints alternate_families(const tcp::resolver::results_type& found) {
    ResolveCache::Endpoints same, other, mixed;
    for (const auto& item : found) {
        auto endpoint = item.endpoint();
        bool first_family = same.empty() || same.front().protocol() == endpoint.protocol();
        (first_family ? same : other).push_back(endpoint);
    }
    for (std::size_t i = 0; i < std::max(same.size(), other.size()); ++i) {
        if (i < same.size()) mixed.push_back(same[i]);
        if (i < other.size()) mixed.push_back(other[i]);
    }
    return mixed;
}

}  // namespace

awaitable<void> ResolveCache::look_up(std::shared_ptr<ResolveCache> self, Key key, std::shared_ptr<Entry> entry) {
    tcp::resolver resolver(self->executor_);
    error_code ec;
    auto service = std::to_string(key.second);
    auto token = asio::redirect_error(asio::use_awaitable, ec);
    auto found = co_await resolver.async_resolve(key.first, service, tcp::resolver::numeric_service, token);
    entry->running = false;
    entry->why = ec ? ec.message() : std::string();
    entry->endpoints.clear();
    if (!ec) {
        entry->endpoints = alternate_families(found);
        entry->good_until = std::chrono::steady_clock::now() + kKeep;
    }
    auto waiters = std::move(entry->waiters);
    entry->waiters.clear();
    for (auto& waiter : waiters) waiter->cancel();
}

awaitable<Result<ResolveCache::Endpoints>> ResolveCache::resolve(std::string host, std::uint16_t port, Time deadline) {
    error_code is_name;
    auto address = asio::ip::make_address(host, is_name);
    if (!is_name) co_return Endpoints{tcp::endpoint(address, port)};

    Key key(host, port);
    auto& slot = entries_[key];
    if (!slot) slot = std::make_shared<Entry>();
    auto entry = slot;
    if (entry->good_until > std::chrono::steady_clock::now()) co_return entry->endpoints;
    if (!entry->running) {
        entry->running = true;
        asio::co_spawn(executor_, look_up(shared_from_this(), key, entry), asio::detached);
    }
    auto waiter = std::make_shared<asio::steady_timer>(executor_, deadline);
    entry->waiters.push_back(waiter);
    error_code expired;
    auto token = asio::redirect_error(asio::use_awaitable, expired);
    co_await waiter->async_wait(token);
    if (!expired) {
        std::erase(entry->waiters, waiter);
        co_return fail(ErrorKind::Retry, Stage::Start, "timeout", "looking up " + host + " took too long");
    }
    if (entry->endpoints.empty()) {
        co_return fail(ErrorKind::Retry, Stage::Start, "resolve_failed", "cannot resolve " + host + ": " + entry->why);
    }
    co_return entry->endpoints;
}

void ResolveCache::prefer(const std::string& host, const tcp::endpoint& endpoint) {
    auto found = entries_.find(Key(host, endpoint.port()));
    if (found == entries_.end()) return;
    auto& endpoints = found->second->endpoints;
    auto place = std::find(endpoints.begin(), endpoints.end(), endpoint);
    if (place != endpoints.end()) std::rotate(endpoints.begin(), place, place + 1);
}

void ResolveCache::forget(const std::string& host, std::uint16_t port) {
    auto found = entries_.find(Key(host, port));
    if (found != entries_.end()) found->second->good_until = {};
}

}  // namespace sqs2pg::net
