// How many receives feed a writer well: not so few that it waits or commits scraps, not so many that messages only lie
// about. Measured by its transactions, so that it fits a queue next door and one 20 ms away without a setting. Pure.
#pragma once

#include <cstddef>

#include "base/clock.h"

namespace sqs2pg::pipeline {

// What the writer would have of the polls: told once a transaction, heeded by the next full reply. AFew: more, but only
// where there are few of them.
enum class Appetite { Same, More, Less, AFew };

// Not thread-safe: one a writer.
class AppetiteGauge {
   public:
    // The writer has nothing to write and waits.
    void waits() noexcept { waited_ = true; }

    // The writer has less to write than is worth a transaction, and rests (pace.h).
    void rests() noexcept { rested_ = true; }

    // A transaction of so many rows begins; it may hold at most `most`. `at_hand` of them were there before the rest.
    Appetite begins(std::size_t rows, std::size_t at_hand, std::size_t most) noexcept;

    // It was committed, and took so long.
    void committed(Clock::Duration took) noexcept;

   private:
    bool waited_ = true;             // since the last transaction began
    bool rested_ = false;            // likewise
    std::size_t usual_rows_ = 0;     // of a transaction, the last ones weighing most
    std::size_t usual_at_hand_ = 0;  // likewise
    Clock::Duration took_{};         // the last one
    Clock::Duration quickest_{};     // of them
};

// How long receives take that find enough: many at a time are worth it where they wait for the distance, not where they
// wait for each other, or for a CPU. Not thread-safe: one a worker.
class AnswerTimes {
   public:
    // A full reply came after so long.
    void full_reply(Clock::Duration took) noexcept;

    // Replies take so much longer than the quickest that more receives would bring nothing.
    bool crowded() const noexcept;

    // Most of the time is spent on the way: it takes many to fill it.
    bool far() const noexcept;

   private:
    Clock::Duration usual_{};     // the last ones weighing most
    Clock::Duration quickest_{};  // of them
};

}  // namespace sqs2pg::pipeline
