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
    std::vector<std::shared_ptr<Held>> due(Clock::Steady now) const;
    awaitable<void> extend_loop();
    awaitable<void> extend(std::vector<std::shared_ptr<Held>> batch);

    WalkState& state_;
    Spawn spawn_;
    std::vector<std::shared_ptr<Held>> to_extend_;  // the most urgent last
    int extending_ = 0;
    Notifier extended_;
};

}  // namespace sqs2pg::pipeline
