// A histogram's counts with fixed bounds. Not locked: it lives inside a pipeline's figures and is copied with them.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace sqs2pg::telemetry {

class Histogram {
   public:
    // `bounds` ascend and outlive the histogram (they are constants); +Inf is added.
    explicit Histogram(std::span<const double> bounds) : bounds_(bounds), counts_(bounds.size() + 1, 0) {}

    void observe(double value) {
        const auto place = std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin();
        ++counts_[static_cast<std::size_t>(place)];
        sum_ += value;
    }

    std::span<const double> bounds() const noexcept { return bounds_; }
    const std::vector<std::uint64_t>& counts() const noexcept { return counts_; }  // not cumulative; the last is +Inf
    double sum() const noexcept { return sum_; }

   private:
    std::span<const double> bounds_;
    std::vector<std::uint64_t> counts_;
    double sum_ = 0;
};

inline constexpr std::array kBatchRowBounds{1.0,   2.0,   5.0,    10.0,   20.0,   50.0,   100.0,
                                            200.0, 500.0, 1000.0, 2000.0, 5000.0, 10000.0};
inline constexpr std::array kTransactionBounds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                               0.25,  0.5,    1.0,   2.5,  5.0,   10.0, 30.0};
// From a message written at once to a backlog of days.
inline constexpr std::array kLagBounds{0.01, 0.05, 0.1,   0.25,  0.5,    1.0,     2.5,     5.0,     10.0,
                                       30.0, 60.0, 300.0, 900.0, 3600.0, 21600.0, 86400.0, 604800.0};
// A long poll lasts up to 20 s.
inline constexpr std::array kRequestBounds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                           0.5,   1.0,    2.5,   5.0,  10.0,  20.0, 30.0};

}  // namespace sqs2pg::telemetry
