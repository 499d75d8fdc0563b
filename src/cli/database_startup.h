// The database's part of a start-up: one connection that looks whether ledger, key, table, rights and mapping fit.
#pragma once

#include <vector>

#include "base/result.h"
#include "cli/run_context.h"
#include "pg/table_shape.h"

namespace sqs2pg::cli {

// Connects, migrates when asked to, and holds everything against the configuration. Kind Retry: worth waiting for (no
// connection). Kind Configuration: one sentence with what to do. Warnings go to `events`. Borrowed until it returns.
// One shape a route.
awaitable<Result<std::vector<pg::TableShape>>> look_at_database(const PipelineContext& context,
                                                                telemetry::PipelineEvents& events);

}  // namespace sqs2pg::cli
