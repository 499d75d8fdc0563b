// The keeper: extends, at half time, the visibility of everything that is not settled, so that nothing comes again
// while we still work on it. What it cannot extend is marked lost: let go if it is not being written, else left to the
// ledger.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "pipeline/walk_state.h"

namespace sqs2pg::pipeline {

// SQS: 12 hours in total from the receive; a minute of it stays unused for clocks that differ.
inline constexpr std::chrono::seconds kVisibilityCap{12 * 3600 - 60};

class Keeper {
   public:
    using Spawn = std::function<void(awaitable<void>)>;
    Keeper(WalkState& state, Spawn spawn) : state_(state), spawn_(std::move(spawn)) {}

    // Until the state is finished.
    awaitable<void> run();

   private:
    // The messages of one look that are to be extended, the most urgent last; several calls share it.
    using Round = std::vector<std::shared_ptr<Held>>;

    bool half_over(const Held& held) const;
    Round due(Clock::Steady now) const;
    void begin_round(Round round);
    awaitable<void> extend_loop(std::shared_ptr<Round> round);
    awaitable<void> extend(std::vector<std::shared_ptr<Held>> batch);

    WalkState& state_;
    Spawn spawn_;
    std::size_t calls_ = 0;  // that run
};

}  // namespace sqs2pg::pipeline
