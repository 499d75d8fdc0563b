// Judging transactions, see appetite.h.
#include "pipeline/appetite.h"

#include <algorithm>
#include <utility>

#include "pipeline/pace.h"

namespace sqs2pg::pipeline {

namespace {

// Below this a transaction costs the server more a row; beyond what is worth one without a rest, more polls only cost
// memory and CPU: what is held at a time no longer fits the CPU's caches (docs/performance.md).
constexpr std::size_t kSmallTransaction = 1000;

// A transaction that takes less than so many times the quickest one's time pays for its round trip, and not for its
// rows: it may be as large as it likes.
constexpr int kMostlyRows = 3;

// Times of SQS spread about as much among themselves; a receive among others that fill the cores takes longer.
constexpr int kCrowded = 8;

// A queue on the same machine answers within less, SQS rarely does.
constexpr Clock::Duration kFar = std::chrono::milliseconds(5);

// The least of what was seen, forgotten slowly: things may have moved further away.
void take_least(Clock::Duration& least, Clock::Duration seen, int forgotten_after) {
    least = least == Clock::Duration::zero() ? seen : std::min(seen, least + least / forgotten_after);
}

}  // namespace

// By the usual number of rows: the operating system lets a writer wait at times, and the transaction after that says
// nothing. What came during a rest does not say that the polls are too many: it ends when there is enough.
Appetite AppetiteGauge::begins(std::size_t rows, std::size_t at_hand, std::size_t most) noexcept {
    const bool waited = std::exchange(waited_, false);
    const bool rested = std::exchange(rested_, false);
    usual_rows_ = (3 * usual_rows_ + rows) / 4;
    usual_at_hand_ = (3 * usual_at_hand_ + at_hand) / 4;
    if (usual_at_hand_ >= worth_a_transaction(most)) {
        return waited || took_ < kMostlyRows * quickest_ ? Appetite::Same : Appetite::Less;
    }
    const auto small = std::min(kSmallTransaction, most / 2);
    if (waited || (rows < small && usual_rows_ < small)) return Appetite::More;
    return rested ? Appetite::AFew : Appetite::Same;
}

void AppetiteGauge::committed(Clock::Duration took) noexcept {
    took_ = took;
    take_least(quickest_, took, 10'000);
}

void AnswerTimes::full_reply(Clock::Duration took) noexcept {
    usual_ = (7 * usual_ + took) / 8;
    take_least(quickest_, took, 100'000);
}

bool AnswerTimes::crowded() const noexcept { return usual_ > kCrowded * quickest_; }

bool AnswerTimes::far() const noexcept { return quickest_ >= kFar; }

}  // namespace sqs2pg::pipeline
