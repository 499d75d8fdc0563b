// The tables that a pipeline's routes write to, as they are now: for `preview` and `test --database`.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "config/settings.h"
#include "pg/table_shape.h"

namespace sqs2pg::cli {

// In the order of the routes. Blocks until the database has answered or a deadline has passed. `file`: what -c named.
Result<std::vector<pg::TableShape>> live_tables(const config::PipelineSettings& pipeline, const std::string& file);

// The pipeline of that name, or the only one for an empty name. Configuration error: which there are.
Result<const config::PipelineSettings*> find_pipeline(const config::Settings& settings, const std::string& name);

}  // namespace sqs2pg::cli
