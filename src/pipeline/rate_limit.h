// At most so many rows a second of one pipeline in one process: a token bucket that receives draw from. It makes
// receiving wait, so that messages stay in the queue and are not held. Pure: the caller brings the time. Thread-safe.
#pragma once

#include <algorithm>
#include <mutex>

#include "base/clock.h"

namespace sqs2pg::pipeline {

class RateLimit {
   public:
    // 0: no limit.
    explicit RateLimit(int rows_a_second) : rate_(rows_a_second), tokens_(chunk()) {}

    bool limited() const noexcept { return rate_ > 0; }

    // Messages that may be received now, 1 to 10, taken from the bucket; or 0, and `next` is when to ask again.
    int take(Clock::Steady now, Clock::Steady& next) {
        if (!limited()) return kMostAReceive;
        const std::lock_guard lock(mutex_);
        refill(now);
        const double wanted = chunk();
        if (tokens_ < wanted) {
            next = now + std::chrono::ceil<Clock::Duration>(std::chrono::duration<double>((wanted - tokens_) / rate_));
            return 0;
        }
        tokens_ -= wanted;
        return static_cast<int>(wanted);
    }

    // After a receive: what was taken and not used comes back; rows beyond what was taken (a message may become
    // several) are a debt that later receives wait for.
    void settle(int taken, std::size_t rows) {
        if (!limited()) return;
        const std::lock_guard lock(mutex_);
        tokens_ = std::min(most(), tokens_ + taken - static_cast<double>(rows));
    }

   private:
    static constexpr int kMostAReceive = 10;

    // Asking for fewer at a time than a receive can bring costs more requests: only a low rate does.
    double chunk() const noexcept { return std::clamp(rate_, 1, kMostAReceive); }
    // What an idle second saves up.
    double most() const noexcept { return std::max<double>(rate_, chunk()); }

    void refill(Clock::Steady now) {
        if (last_ != Clock::Steady{} && now > last_) {
            tokens_ = std::min(most(), tokens_ + rate_ * std::chrono::duration<double>(now - last_).count());
        }
        last_ = std::max(last_, now);
    }

    const int rate_;
    std::mutex mutex_;
    double tokens_;         // under mutex_
    Clock::Steady last_{};  // under mutex_
};

}  // namespace sqs2pg::pipeline
