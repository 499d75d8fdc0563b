// `brake:` of a pipeline to pipeline::BrakeOptions.
#pragma once

#include "config/report.h"
#include "config/yaml_reader.h"
#include "pipeline/brake.h"

namespace sqs2pg::config {

// `brake: off`, `brake: on`, or a map of its limits. Mistakes go to the report.
pipeline::BrakeOptions read_brake(const Node& node, const std::string& pipeline, Report& report);

}  // namespace sqs2pg::config
