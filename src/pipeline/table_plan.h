// What a worker makes rows with: the map stage, and the tables that it was made for. A table may be altered under a
// running pipeline; before a verdict that the old shape may have caused becomes final, the plan looks at the tables
// again, and when they changed makes every held message's row anew.
#pragma once

#include <vector>

#include "pipeline/map.h"
#include "pipeline/walk_state.h"

namespace sqs2pg::pipeline {

class TablePlan {
   public:
    TablePlan(WalkState& state, MapStage map) : state_(state), map_(std::move(map)), tables_(state.options.tables) {}

    // What must be fetched before the message's row can be made; nullopt: nothing, or the message is bad, which
    // make_row() says then.
    std::optional<ObjectRef> object_of(Held& held);
    // Sets the message's row, or why it has none. False: neither, no route wants it.
    bool make_row(Held& held);
    // For the warning about paths that never match; counted since the tables last changed.
    std::vector<PathUse> path_use() const { return map_.path_use(); }

    enum class Found {
        Same,     // the tables are those that the rows were made for
        Changed,  // they changed, and everything that is held was mapped anew
        Misfit,   // they do not fit the mapping any more: error() says how
        Unknown,  // they could not be looked at: error() says why
    };
    awaitable<Found> look();
    const Error& error() const noexcept { return error_; }
    // The last time that the tables were seen to be those that the rows were made for.
    Clock::Steady confirmed_at() const noexcept { return confirmed_at_; }

    // The last look found a misfit: nothing may be written before another one finds it mended.
    bool misfit() const noexcept { return misfit_; }

   private:
    void map_anew();

    WalkState& state_;
    MapStage map_;
    std::vector<pg::TableShape> tables_;
    Error error_;
    Clock::Steady confirmed_at_{};
    bool misfit_ = false;
    bool doubt_ = false;  // a look found a misfit, or nothing: verdicts since the one before it are not to be believed
};

}  // namespace sqs2pg::pipeline
