// Settle: the last step of the walk. Deletes what a COMMIT covers, in tens and in parallel with the next transaction,
// and looks at each entry of the answer. What cannot be deleted comes again and is a duplicate: the ledger repairs it.
#pragma once

#include <deque>
#include <functional>
#include <span>
#include <vector>

#include <boost/container/static_vector.hpp>

#include "pipeline/object_remover.h"
#include "pipeline/walk_state.h"

namespace sqs2pg::pipeline {

struct GiveBack {
    Held* held;
    int after_seconds = 0;  // the queue hides it so long
};

class Settler {
   public:
    using Spawn = std::function<void(awaitable<void>)>;
    Settler(WalkState& state, ObjectRemover& remover, Spawn spawn)
        : state_(state), remover_(remover), spawn_(std::move(spawn)) {}

    // Takes messages over that are done with: committed, or ignored (held.outcome says so). They stay in flight until
    // their delete is answered.
    void settle(std::span<Held* const> done);

    // Gives messages back to the queue, in tens, the last ones first; visible at once, or later where that is said or
    // when the pipeline holds still. Counted as released, or abandoned where the call failed. They stay in flight until
    // the call is answered.
    void give_back(std::span<const GiveBack> held);
    // The same, and waits for the answers.
    awaitable<void> release(std::vector<Held*> held);

    bool idle() const noexcept { return waiting_.empty() && running_ == 0; }

   private:
    // What one batch call to the queue is about.
    static constexpr std::size_t kEntriesACall = 10;
    using OneCall = boost::container::static_vector<Held*, kEntriesACall>;

    std::size_t most_deletes(std::size_t calls_waiting) const;
    awaitable<void> delete_loop();
    awaitable<void> delete_some(OneCall batch);
    awaitable<void> delete_one_by_one(OneCall batch);
    awaitable<void> release_loop();
    void count(std::span<Held* const> done);
    // Returns those that shall be tried again.
    OneCall sort_out(std::span<Held* const> batch, std::span<const EntryVerdict> verdicts, bool may_retry);

    WalkState& state_;
    ObjectRemover& remover_;
    Spawn spawn_;
    std::deque<Held*> waiting_;
    int running_ = 0;      // delete loops
    int backing_off_ = 0;  // of them, between two attempts
    std::vector<GiveBack> to_release_;
    int releasing_ = 0;
};

}  // namespace sqs2pg::pipeline
