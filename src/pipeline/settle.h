// Settle: the last step of the walk. Deletes what a COMMIT covers, in tens and in parallel with the next transaction,
// and looks at each entry of the answer. What cannot be deleted comes again and is a duplicate: the ledger repairs it.
#pragma once

#include <deque>
#include <functional>
#include <span>
#include <vector>

#include "pipeline/walk_state.h"

namespace sqs2pg::pipeline {

class Settler {
   public:
    using Spawn = std::function<void(awaitable<void>)>;
    Settler(WalkState& state, Spawn spawn) : state_(state), spawn_(std::move(spawn)) {}

    // Takes messages over that are done with: committed, or ignored (held.outcome says so). They stay in flight until
    // their delete is answered.
    void settle(std::span<Held* const> done);

    // Gives messages back to the queue (visible at once, or in a few seconds when the pipeline holds still), in tens.
    // Counted as released, or abandoned where the call failed.
    awaitable<void> release(std::vector<Held*> held);

    bool idle() const noexcept { return waiting_.empty() && running_ == 0; }

   private:
    awaitable<void> delete_loop();
    awaitable<void> delete_some(std::vector<Held*> batch);
    awaitable<void> release_loop();
    void count(std::span<Held* const> done);
    // Returns those that shall be tried again.
    std::vector<Held*> sort_out(std::span<Held* const> batch, std::span<const EntryVerdict> verdicts, bool may_retry);

    WalkState& state_;
    Spawn spawn_;
    std::deque<Held*> waiting_;
    int running_ = 0;
    std::vector<Held*> to_release_;
    int release_after_seconds_ = 0;
    int releasing_ = 0;
};

}  // namespace sqs2pg::pipeline
