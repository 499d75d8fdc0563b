// Completion scripts for shells, out of the command tree. Pure.
#pragma once

#include <string>
#include <vector>

#include "cli/command_tree.h"

namespace sqs2pg::cli {

// `words`: what `explain` knows.
std::string bash_completion(const CommandNode& root, const std::vector<std::string>& words);
std::string zsh_completion(const CommandNode& root, const std::vector<std::string>& words);
std::string fish_completion(const CommandNode& root, const std::vector<std::string>& words);

}  // namespace sqs2pg::cli
