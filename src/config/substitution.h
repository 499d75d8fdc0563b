// ${NAME} in scalar values becomes the environment variable's value, after the YAML was read: a value cannot change the
// structure. $${ stands for a literal ${.
#pragma once

#include "config/load.h"
#include "config/yaml_reader.h"

namespace sqs2pg::config {

// Keys are left as they are. A variable that is not set is a mistake; so is a `${` that never ends.
void substitute(Node& root, const Environment& environment, Report& report);

// [A-Za-z_][A-Za-z0-9_]*
bool valid_variable_name(std::string_view name) noexcept;

}  // namespace sqs2pg::config
