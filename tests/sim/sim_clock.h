// Virtual time: sleeping coroutines wait in a heap, and the driver jumps to the next deadline when nothing else can
// run.
#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <map>

#include "base/clock.h"

namespace sqs2pg::sim {

class SimClock final : public Clock {
   public:
    Steady now() const override { return now_; }
    std::int64_t wall_ms() const override {
        return kStartMs + std::chrono::duration_cast<std::chrono::milliseconds>(now_.time_since_epoch()).count();
    }

    awaitable<void> sleep_until(Steady deadline) override {
        auto store = [this](auto handler, Steady until) {
            const void* loop =
                &boost::asio::query(boost::asio::get_associated_executor(handler), boost::asio::execution::context);
            sleeping_.emplace(until, Sleeper{loop, [kept = std::move(handler)]() mutable {
                                                 auto executor = boost::asio::get_associated_executor(kept);
                                                 boost::asio::post(executor, std::move(kept));
                                             }});
        };
        co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void()>(
            store, boost::asio::use_awaitable, deadline);
    }

    // Jumps to the next deadline; false when nobody sleeps.
    bool advance() {
        if (sleeping_.empty()) return false;
        auto first = sleeping_.begin();
        if (first->first > now_) now_ = first->first;
        auto wake = std::move(first->second.wake);
        sleeping_.erase(first);
        wake();
        return true;
    }

    void forget_sleepers() { sleeping_.clear(); }
    void forget_sleepers_of(const boost::asio::io_context& loop) {
        const boost::asio::execution_context* context = &loop;
        std::erase_if(sleeping_, [&](const auto& one) { return one.second.loop == context; });
    }

    static constexpr std::int64_t kStartMs = 1'790'000'000'000;

   private:
    struct Sleeper {
        const void* loop;
        std::move_only_function<void()> wake;
    };

    Steady now_{};
    std::multimap<Steady, Sleeper> sleeping_;
};

}  // namespace sqs2pg::sim
