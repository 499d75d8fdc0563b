// The sections that concern the process as a whole: postgres, aws, keys, ops, log, dead_letters.
#pragma once

#include "config/load.h"
#include "config/yaml_reader.h"

namespace sqs2pg::config {

// Reads the section `name` of the top (any but `pipelines`) into `settings`. `world_readable`: everybody may read the
// file it stands in, so that a password in it is warned about.
void read_process_section(std::string_view name, const Node& node, bool world_readable, const Environment& environment,
                          Settings& settings, Report& report);

}  // namespace sqs2pg::config
