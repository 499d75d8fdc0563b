// How a running `bench` is ended early, by a signal or by its time: what is under way is cancelled, and what was made
// outside can still be taken away. On one event loop.
#pragma once

#include <exception>
#include <optional>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/result.h"

namespace sqs2pg::cli {

class Interrupt {
   public:
    // The first reason counts.
    void ask(Error why) {
        if (why_) return;
        why_ = std::move(why);
        signal_.emit(boost::asio::cancellation_type::terminal);
    }

    const std::optional<Error>& why() const noexcept { return why_; }

    // `work`, or the reason of an interruption, which ends it at its present wait; destructors have run then. One at a
    // time. This object outlives the call.
    awaitable<Status> guard(awaitable<Status> work) {
        namespace asio = boost::asio;
        if (why_) co_return fail(*why_);
        auto executor = co_await asio::this_coro::executor;
        auto token = asio::bind_cancellation_slot(signal_.slot(), asio::as_tuple(asio::use_awaitable));
        auto spawned = asio::co_spawn(executor, std::move(work), token);
        auto [thrown, status] = co_await std::move(spawned);
        if (thrown && why_) co_return fail(*why_);
        if (thrown) std::rethrow_exception(thrown);
        co_return std::move(status);
    }

   private:
    boost::asio::cancellation_signal signal_;
    std::optional<Error> why_;
};

}  // namespace sqs2pg::cli
