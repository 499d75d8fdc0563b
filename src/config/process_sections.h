// The sections that concern the process as a whole: ops, log, dead_letters.
#pragma once

#include "config/load.h"
#include "config/yaml_reader.h"

namespace sqs2pg::config {

// Reads the section `name` of the top into `settings`.
void read_process_section(std::string_view name, const Node& node, Settings& settings, Report& report);

}  // namespace sqs2pg::config
