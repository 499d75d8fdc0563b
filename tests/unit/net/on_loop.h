// Runs a coroutine on an event loop until it has its result: the bridge between GoogleTest and awaitables.
#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <optional>
#include <stdexcept>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "base/result.h"

namespace sqs2pg::test {

inline constexpr auto kPatience = std::chrono::seconds(30);

// Runs the loop until `condition` holds; throws when it does not within kPatience.
inline void run_until(boost::asio::io_context& loop, const std::function<bool()>& condition) {
    auto deadline = std::chrono::steady_clock::now() + kPatience;
    loop.restart();
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("gave up waiting for the condition");
        if (loop.stopped()) loop.restart();
        loop.run_one_for(std::chrono::milliseconds(10));
    }
}

// T must be default-constructible.
template <class T>
T run(boost::asio::io_context& loop, awaitable<T> task) {
    std::optional<T> result;
    std::exception_ptr thrown;
    boost::asio::co_spawn(loop, std::move(task), [&](std::exception_ptr error, T value) {
        thrown = error;
        result.emplace(std::move(value));
    });
    run_until(loop, [&] { return result.has_value(); });
    if (thrown) std::rethrow_exception(thrown);
    return std::move(*result);
}

}  // namespace sqs2pg::test
