// Loading the configuration that `-c` names, and saying its mistakes: shared by the commands.
#pragma once

#include <optional>
#include <string>

#include "config/load.h"

namespace sqs2pg::cli {

// The settings, or nothing after every mistake was printed on stderr, one a line: "file:line:column: sentence".
// Warnings are printed likewise.
std::optional<config::Settings> load_or_tell(const std::string& path);

}  // namespace sqs2pg::cli
