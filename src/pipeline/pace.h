// When a writer begins its next transaction. At once while little comes, or what comes is fresh; where a queue is full
// it rests first, for a bounded while, so that more rows share what a transaction costs: 400 rows each cost the
// server 4.3 us a row, 1,600 rows 3.7, 3,200 rows 3.2, and 150 rows, which is what four workers on two cores come to
// without a rest, 5.2 (docs/performance.md). Pure.
#pragma once

#include <cstddef>

#include "base/clock.h"

namespace sqs2pg::pipeline {

// Rows that are worth a transaction without any rest, where one may hold `most`.
std::size_t worth_a_transaction(std::size_t most) noexcept;

// Not thread-safe: one a writer.
class Pace {
   public:
    // A transaction of so many rows was committed `now`, and took so long.
    void committed(std::size_t rows, Clock::Duration took, Clock::Steady now) noexcept;

    // Until when the next one waits for more rows, unless there are enough of them before. `age`: of the messages at
    // hand, since they were sent.
    Clock::Steady rests_until(Clock::Duration age) const noexcept;

   private:
    Clock::Steady since_{};
    Clock::Duration rest_{};
};

}  // namespace sqs2pg::pipeline
