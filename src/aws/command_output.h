// Runs a program for what it writes: without a shell, in a process group of its own, within a deadline and a bound.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"

namespace sqs2pg::aws {

// The words of a command as AWS documents it: separated by blanks; double quotes (in which a backslash keeps `"` and
// `\`) or single quotes around words with blanks; no variables, no patterns, no shell. Absent: a quote stays open.
std::optional<std::vector<std::string>> command_words(std::string_view command);

struct CommandLimits {
    std::chrono::milliseconds deadline{60000};
    std::size_t max_bytes = 64 * 1024;
};

struct CommandOutput {
    int status = 0;  // of its exit; 128 + signal
    Secret text;     // what it wrote to stdout
};

// Reads nothing from our stdin, and what it writes to stderr is dropped: it may hold what must not be logged. When the
// deadline passes, too much is written, or the caller is destroyed, its whole group is killed. Errors (kind
// Credentials): "not_run", "timeout", "too_much"; the detail names nothing of the command.
awaitable<Result<CommandOutput>> command_output(std::vector<std::string> words, CommandLimits limits);

}  // namespace sqs2pg::aws
