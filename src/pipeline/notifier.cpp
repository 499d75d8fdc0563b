// Waiting coroutines as stored completion handlers, see notifier.h.
#include "pipeline/notifier.h"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace sqs2pg::pipeline {

namespace asio = boost::asio;

Notifier::~Notifier() {
    // A waiter owns its coroutine's handler, and the coroutine's frame owns the waiter: the circle is opened here.
    for (auto& waiter : std::exchange(waiters_, {})) {
        waiter->done = true;
        auto destroyed = std::exchange(waiter->resume, nullptr);
    }
}

awaitable<void> Notifier::suspend(std::shared_ptr<Waiter> waiter) {
    auto store = [this](auto handler, std::shared_ptr<Waiter> stored) {
        stored->resume = [kept = std::move(handler)]() mutable {
            auto executor = asio::get_associated_executor(kept);
            asio::post(executor, std::move(kept));
        };
        waiters_.push_back(std::move(stored));
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(store, asio::use_awaitable, std::move(waiter));
}

awaitable<void> Notifier::wait() {
    auto waiter = std::make_shared<Waiter>();
    co_await suspend(waiter);
}

awaitable<void> Notifier::expire(Clock& clock, Clock::Steady deadline, std::shared_ptr<Waiter> waiter) {
    co_await clock.sleep_until(deadline);
    if (waiter->done) co_return;
    waiter->done = true;
    if (waiter->resume) waiter->resume();
}

awaitable<bool> Notifier::wait_until(Clock& clock, Clock::Steady deadline) {
    if (deadline <= clock.now()) co_return false;
    auto executor = co_await asio::this_coro::executor;
    auto waiter = std::make_shared<Waiter>();
    // The signal lives in the waiter, which the timer's coroutine shares: asio keeps the cancellation state inside it.
    auto timer = expire(clock, deadline, waiter);
    asio::co_spawn(executor, std::move(timer),
                   asio::bind_cancellation_slot(waiter->cancel_timer.slot(), asio::detached));
    co_await suspend(waiter);
    if (waiter->notified) waiter->cancel_timer.emit(asio::cancellation_type::terminal);
    std::erase(waiters_, waiter);
    co_return waiter->notified;
}

void Notifier::notify_all() {
    auto waiting = std::exchange(waiters_, {});
    for (auto& waiter : waiting) {
        if (waiter->done) continue;
        waiter->done = true;
        waiter->notified = true;
        waiter->resume();
    }
}

}  // namespace sqs2pg::pipeline
