// Lets coroutines of one executor wait for each other without polling: wait for "something changed", with or without a
// deadline on the Clock port. Not thread-safe: everything happens on the worker's own event loop.
#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <functional>
#include <memory>
#include <vector>

#include "base/clock.h"

namespace sqs2pg::pipeline {

class Notifier {
   public:
    Notifier() = default;
    // Coroutines that still wait are destroyed, not resumed.
    ~Notifier();
    Notifier(const Notifier&) = delete;
    Notifier& operator=(const Notifier&) = delete;

    // Until the next notify_all(). A waiter looks at its condition again afterwards: it may be another's wake-up.
    awaitable<void> wait();

    // The same, until `deadline` at the latest. True when notified.
    awaitable<bool> wait_until(Clock& clock, Clock::Steady deadline);

    void notify_all();

   private:
    struct Waiter {
        std::move_only_function<void()> resume;
        boost::asio::cancellation_signal cancel_timer;
        bool done = false;
        bool notified = false;
    };
    static awaitable<void> expire(Clock& clock, Clock::Steady deadline, std::shared_ptr<Waiter> waiter);
    awaitable<void> suspend(std::shared_ptr<Waiter> waiter);

    std::vector<std::shared_ptr<Waiter>> waiters_;
};

}  // namespace sqs2pg::pipeline
