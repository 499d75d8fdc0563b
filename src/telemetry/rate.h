// Messages a second over the last moments, from a counter that is looked at now and then. Pure: time is passed in.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>

namespace sqs2pg::telemetry {

class Rate {
   public:
    using Time = std::chrono::steady_clock::time_point;

    explicit Rate(std::chrono::milliseconds window = std::chrono::seconds(10)) : window_(window) {}

    // Tells the counter's value at `now`; times must not fall.
    void look(Time now, std::uint64_t count) {
        samples_.push_back({now, count});
        // One sample from before the window stays: the rate is then over the whole window.
        while (samples_.size() > 2 && now - samples_[1].at >= window_) samples_.pop_front();
    }

    double a_second() const {
        if (samples_.size() < 2) return 0;
        const std::chrono::duration<double> span = samples_.back().at - samples_.front().at;
        if (span.count() <= 0) return 0;
        return static_cast<double>(samples_.back().count - samples_.front().count) / span.count();
    }

   private:
    struct Sample {
        Time at;
        std::uint64_t count;
    };
    std::chrono::milliseconds window_;
    std::deque<Sample> samples_;
};

}  // namespace sqs2pg::telemetry
