// The writer's rests, see pace.h.
#include "pipeline/pace.h"

#include <algorithm>

namespace sqs2pg::pipeline {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kWorthATransaction = 2000;

// Fewer rows than that cost little, however they are written: what comes at such a rate comes without a delay.
constexpr std::size_t kFewRows = 50;

constexpr int kRestForWork = 2;
constexpr Clock::Duration kLongestRest = 25ms;

// What has waited for so many times as long in the queue does not suffer from it. A clock that is wrong costs no more
// than a rest, or the want of one.
constexpr int kPatience = 10;

}  // namespace

std::size_t worth_a_transaction(std::size_t most) noexcept { return std::min(kWorthATransaction, most); }

void Pace::committed(std::size_t rows, Clock::Duration took, Clock::Steady now) noexcept {
    since_ = now;
    rest_ = rows < kFewRows ? Clock::Duration{} : std::min(kRestForWork * took, kLongestRest);
}

Clock::Steady Pace::rests_until(Clock::Duration age) const noexcept {
    return since_ + std::min(rest_, age / kPatience);
}

}  // namespace sqs2pg::pipeline
