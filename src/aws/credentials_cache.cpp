// Cached credentials, see credentials_cache.h.
#include "aws/credentials_cache.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "aws/refresh_policy.h"

namespace sqs2pg::aws {
namespace {

namespace asio = boost::asio;

// Somebody who waits for a fetch, on an event loop of his own.
struct Waiter {
    explicit Waiter(const asio::any_io_executor& executor) : timer(executor) { timer.expires_at(kNever); }
    static constexpr auto kNever = std::chrono::steady_clock::time_point::max();
    asio::steady_timer timer;
    bool done = false;  // on the waiter's own loop
};

}  // namespace

struct CredentialsCache::State : std::enable_shared_from_this<State> {
    State(asio::any_io_executor executor_in, std::unique_ptr<CredentialsProvider> provider_in, const Clock& clock_in,
          RefreshObserver observer_in)
        : executor(std::move(executor_in)),
          provider(std::move(provider_in)),
          clock(clock_in),
          observer(std::move(observer_in)) {}

    static awaitable<void> refresh(std::shared_ptr<State> self);
    static awaitable<Result<Kept>> keep(std::shared_ptr<State> self);
    void settle(Result<Credentials> fetched);
    Result<Kept> answer() const;  // under the lock
    void forget(const std::shared_ptr<Waiter>& waiter);

    const asio::any_io_executor executor;
    const std::unique_ptr<CredentialsProvider> provider;  // used by the one refresh only
    const Clock& clock;
    const RefreshObserver observer;

    std::mutex mutex;  // of everything below
    RefreshPolicy policy;
    std::shared_ptr<const Credentials> kept;  // replaced, never changed
    std::uint64_t number = 0;
    Error last_error;
    bool running = false;
    std::vector<std::shared_ptr<Waiter>> waiters;
};

// What is usable, else the last error.
Result<CredentialsCache::Kept> CredentialsCache::State::answer() const {
    if (kept && policy.usable(clock.wall_ms())) return Kept{*kept, number};
    return fail(last_error);
}

void CredentialsCache::State::settle(Result<Credentials> fetched) {
    bool keeps_older = false;
    {
        const std::lock_guard lock(mutex);
        auto now = clock.wall_ms();
        if (fetched && fetched->expires_at_ms && *fetched->expires_at_ms <= now + RefreshPolicy::kLastMoment) {
            fetched = fail(ErrorKind::Credentials, Stage::Start, "expired",
                           "the AWS credentials from " + fetched->source + " have expired: renew them at their source");
        }
        if (fetched) {
            kept = std::make_shared<const Credentials>(*fetched);
            ++number;
            policy.fetched(*fetched, now);
            // The answer when they end before the next fetch is due.
            last_error = Error{ErrorKind::Retry, Stage::Start, "expired",
                               "the AWS credentials from " + fetched->source + " lasted for a moment only"};
        } else {
            keeps_older = policy.usable(now);
            policy.failed(now);
            last_error = fetched.error();
        }
        running = false;
        // Under the lock: a waiter whose loop is being torn down waits for it before it lets go of its executor.
        for (auto& waiter : waiters) {
            asio::post(waiter->timer.get_executor(), [waiter] {
                waiter->done = true;
                waiter->timer.cancel();
            });
        }
        waiters.clear();
    }
    if (observer) observer(fetched, keeps_older);
}

void CredentialsCache::State::forget(const std::shared_ptr<Waiter>& waiter) {
    const std::lock_guard lock(mutex);
    std::erase(waiters, waiter);
}

awaitable<void> CredentialsCache::State::refresh(std::shared_ptr<State> self) {
    auto fetched = co_await self->provider->credentials();
    self->settle(std::move(fetched));
}

awaitable<Result<CredentialsCache::Kept>> CredentialsCache::State::keep(std::shared_ptr<State> self) {
    auto here = co_await asio::this_coro::executor;
    std::shared_ptr<Waiter> waiter;
    bool start = false;
    std::optional<Result<Kept>> answer;
    {
        const std::lock_guard lock(self->mutex);
        auto wish = self->policy.wish(self->clock.wall_ms());
        bool fetch = wish == RefreshPolicy::Wish::Renew || wish == RefreshPolicy::Wish::Fetch;
        start = fetch && !std::exchange(self->running, self->running || fetch);
        if (wish == RefreshPolicy::Wish::Fetch) {
            waiter = std::make_shared<Waiter>(here);
            self->waiters.push_back(waiter);
        } else {
            answer = self->answer();
        }
    }
    if (start) asio::co_spawn(self->executor, refresh(self), asio::detached);
    if (answer) co_return std::move(*answer);

    // The caller's loop may end while it waits; then this is destroyed, and nobody must wake it.
    struct Leaving {
        ~Leaving() { state->forget(waiter); }
        std::shared_ptr<State> state;
        std::shared_ptr<Waiter> waiter;
    };
    const Leaving leaving{self, waiter};
    boost::system::error_code ec;
    co_await waiter->timer.async_wait(asio::redirect_error(asio::use_awaitable, ec));
    if (!waiter->done) co_return fail(ErrorKind::Stopping, Stage::Start, "cancelled");
    const std::lock_guard lock(self->mutex);
    co_return self->answer();
}

CredentialsCache::CredentialsCache(asio::any_io_executor executor, std::unique_ptr<CredentialsProvider> provider,
                                   const Clock& clock, RefreshObserver observer)
    : state_(std::make_shared<State>(std::move(executor), std::move(provider), clock, std::move(observer))) {}

CredentialsCache::~CredentialsCache() = default;

awaitable<Result<CredentialsCache::Kept>> CredentialsCache::keep() { return State::keep(state_); }

awaitable<Result<Credentials>> CredentialsCache::credentials() {
    auto kept = co_await keep();
    if (!kept) co_return fail(std::move(kept.error()));
    co_return std::move(kept->credentials);
}

std::shared_ptr<const Credentials> CredentialsCache::at_hand(std::uint64_t& number) {
    const std::lock_guard lock(state_->mutex);
    if (state_->policy.wish(state_->clock.wall_ms()) != RefreshPolicy::Wish::Keep) return nullptr;
    number = state_->number;
    return state_->kept;
}

std::shared_ptr<const Credentials> CredentialsCache::at_hand() {
    std::uint64_t ignored = 0;
    return at_hand(ignored);
}

void CredentialsCache::refuse(std::uint64_t number) {
    const std::lock_guard lock(state_->mutex);
    if (number == state_->number) state_->policy.refused(state_->clock.wall_ms());
}

void CredentialsCache::invalidate() {
    const std::lock_guard lock(state_->mutex);
    state_->policy.refused(state_->clock.wall_ms());
}

}  // namespace sqs2pg::aws
