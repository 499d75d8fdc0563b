// /status as JSON, and why a pipeline is not ready. Pure.
#pragma once

#include <string>

#include "ops/routes.h"

namespace sqs2pg::ops {

// {"version":…,"uptime_seconds":…,"state":…,"pipelines":[{"name":…,"state":…,"paused":{…}|null,"messages":{…},…}]}
std::string status_json(const ProcessView& view);

// Empty when it is ready: running and not paused.
std::string not_ready_because(const PipelineView& pipeline);

}  // namespace sqs2pg::ops
