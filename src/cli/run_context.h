// What the pipelines of one process share, from run_pipelines to each worker thread. Everything is borrowed, outlives
// the run and is safe to use from any thread.
#pragma once

#include "base/clock.h"
#include "cli/assembly.h"
#include "cli/board.h"
#include "config/settings.h"
#include "privacy/keyring.h"
#include "privacy/seal.h"
#include "telemetry/events.h"

namespace sqs2pg::cli {

struct RunContext {
    const config::Settings& settings;
    const RunOptions& options;
    int workers;  // threads a pipeline, at least 1
    const privacy::Keyring& keyring;
    const privacy::Sealer& sealer;
    telemetry::Telemetry& telemetry;
    Board& board;
    Clock& clock;
};

}  // namespace sqs2pg::cli
