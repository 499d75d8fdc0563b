// The system's clocks behind the Clock port, see clock.h.
#include "base/clock.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace sqs2pg {

Clock::Steady SystemClock::now() const { return std::chrono::steady_clock::now(); }

std::int64_t SystemClock::wall_ms() const {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

awaitable<void> SystemClock::sleep_until(Steady deadline) {
    auto executor = co_await boost::asio::this_coro::executor;
    boost::asio::steady_timer timer(executor, deadline);
    boost::system::error_code ignored;
    auto token = boost::asio::redirect_error(boost::asio::use_awaitable, ignored);
    co_await timer.async_wait(token);
}

}  // namespace sqs2pg
