// The command line as a tree: every command with its options. One construction for the program, its man pages, its
// completion and the tests.
#pragma once

#include <memory>

#include <CLI/CLI.hpp>

namespace sqs2pg::cli {

// Commands leave their exit code in `exit_code`, which outlives the application.
std::unique_ptr<CLI::App> make_application(int& exit_code);

}  // namespace sqs2pg::cli
