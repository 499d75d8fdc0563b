// Lets the first few of many equal log lines through each second and counts the rest. Pure: time is passed in.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace sqs2pg::telemetry {

class RateGate {
   public:
    using Time = std::chrono::steady_clock::time_point;

    explicit RateGate(std::uint64_t lines_a_second = 5) : burst_(lines_a_second) {}

    // Set: say it, and say that so many were left out since the last line. Empty: it was counted, say nothing.
    std::optional<std::uint64_t> pass(Time now) {
        if (!started_ || now - window_ >= std::chrono::seconds(1)) {
            started_ = true;
            window_ = now;
            said_ = 0;
        }
        if (said_ >= burst_) {
            ++left_out_;
            return std::nullopt;
        }
        ++said_;
        return take_left_out();
    }

    // What was counted and never said, for a closing line; starts from 0 again.
    std::uint64_t take_left_out() {
        const auto count = left_out_;
        left_out_ = 0;
        return count;
    }

   private:
    std::uint64_t burst_;
    bool started_ = false;
    Time window_{};
    std::uint64_t said_ = 0;
    std::uint64_t left_out_ = 0;
};

}  // namespace sqs2pg::telemetry
