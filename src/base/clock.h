// Time as a port: the real clock in production, a virtual one in the simulator. Nothing in `pipeline` asks the system.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/result.h"

namespace sqs2pg {

class Clock {
   public:
    // Monotonic; for deadlines, backoff, visibility. Never compared with wall time.
    using Steady = std::chrono::steady_clock::time_point;
    using Duration = std::chrono::steady_clock::duration;

    virtual ~Clock() = default;

    virtual Steady now() const = 0;

    // Milliseconds since 1970-01-01T00:00:00Z, as SQS's SentTimestamp counts them. May jump.
    virtual std::int64_t wall_ms() const = 0;

    // Returns when `deadline` has passed, on the executor of the calling coroutine. Honours asio cancellation by
    // returning early (it does not throw), so a caller in a loop looks at its own stop flag afterwards.
    virtual awaitable<void> sleep_until(Steady deadline) = 0;

    awaitable<void> sleep_for(Duration duration) { return sleep_until(now() + duration); }
};

// The system's clocks. Stateless; safe to share between threads.
class SystemClock final : public Clock {
   public:
    Steady now() const override;
    std::int64_t wall_ms() const override;
    awaitable<void> sleep_until(Steady deadline) override;
};

}  // namespace sqs2pg
