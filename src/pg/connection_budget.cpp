// The line of those who wait for a connection, see connection_budget.h.
#include "pg/connection_budget.h"

#include <algorithm>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace sqs2pg::pg {

struct ConnectionBudget::Waiter {
    explicit Waiter(const boost::asio::any_io_executor& executor) : timer(executor) {}

    boost::asio::steady_timer timer;  // used on its own executor only
    bool granted = false;             // under the budget's mutex
};

ConnectionBudget::Place& ConnectionBudget::Place::operator=(Place&& other) noexcept {
    std::swap(budget_, other.budget_);
    return *this;
}

ConnectionBudget::Place::~Place() {
    if (budget_) budget_->give_back();
}

awaitable<Result<ConnectionBudget::Place>> ConnectionBudget::take(std::chrono::milliseconds deadline) {
    auto self = shared_from_this();
    auto executor = co_await boost::asio::this_coro::executor;
    auto waiter = std::make_shared<Waiter>(executor);
    {
        const std::lock_guard lock(mutex_);
        if (free_ > 0 && waiting_.empty()) {
            --free_;
            co_return Place(std::move(self));
        }
        waiting_.push_back(waiter);
    }
    // However the wait ends, the frame's destruction included: out of the line, and a place that came too late goes on.
    struct Leave {
        ConnectionBudget& budget;
        std::shared_ptr<Waiter> waiter;
        bool taken = false;
        ~Leave() {
            bool granted = false;
            {
                const std::lock_guard lock(budget.mutex_);
                std::erase(budget.waiting_, waiter);
                granted = waiter->granted;
            }
            if (granted && !taken) budget.give_back();
        }
    } leave{*self, waiter};
    waiter->timer.expires_after(deadline);
    boost::system::error_code ignored;
    auto token = boost::asio::redirect_error(boost::asio::use_awaitable, ignored);
    co_await waiter->timer.async_wait(token);
    {
        const std::lock_guard lock(mutex_);
        leave.taken = waiter->granted;
    }
    if (leave.taken) co_return Place(std::move(self));
    co_return fail(
        ErrorKind::Retry, Stage::Start, "max_connections",
        "all of the process' database connections are in use: raise `max_connections`, or run fewer workers");
}

void ConnectionBudget::give_back() {
    std::shared_ptr<Waiter> next;
    {
        const std::lock_guard lock(mutex_);
        if (waiting_.empty()) {
            ++free_;
            return;
        }
        next = std::move(waiting_.front());
        waiting_.pop_front();
        next->granted = true;
    }
    // Its coroutine waits on another loop, perhaps.
    boost::asio::post(next->timer.get_executor(), [next] { next->timer.cancel(); });
}

bool ConnectionBudget::wanted() const {
    const std::lock_guard lock(mutex_);
    return !waiting_.empty();
}

}  // namespace sqs2pg::pg
