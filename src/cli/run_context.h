// What the pipelines of one process share, from run_pipelines to each worker thread: borrowed, outlives the run and is
// safe to use from any thread.
#pragma once

#include <memory>

#include "base/clock.h"
#include "cli/assembly.h"
#include "cli/board.h"
#include "cli/open_keys.h"
#include "config/settings.h"
#include "pg/connection_budget.h"
#include "telemetry/events.h"

namespace sqs2pg::cli {

struct RunContext {
    const RunOptions& options;
    int workers;  // threads a pipeline, at least 1
    int dead_letter_retention_days;
    telemetry::Telemetry& telemetry;
    Board& board;
    Clock& clock;
    std::shared_ptr<pg::ConnectionBudget> connections;  // null: not bounded
};

// One pipeline's own part: what it was told, and its keys. Cheap to copy; never altered: a reload makes another one.
struct PipelineContext {
    const RunContext& run;
    std::shared_ptr<const config::PipelineSettings> settings;
    std::shared_ptr<const OpenKeys> keys;  // null: AWS keeps them, and the start-up fetches them
    Clock::Steady keys_since{};            // …as they were then, or later
};

}  // namespace sqs2pg::cli
