// Manual pages (roff, man macros) out of the command tree. Pure. Source: man(7), groff_man(7).
#pragma once

#include <string>

#include "cli/command_tree.h"

namespace sqs2pg::cli {

// "sqs2pg.1", "sqs2pg-dead-letters-list.1".
std::string man_file(const CommandNode& command);

// `version` is what stands at the foot of the page: "sqs2pg 0.1.0".
std::string man_page(const CommandNode& root, const CommandNode& command, const std::string& version);

}  // namespace sqs2pg::cli
