// What the command line gets to hear when it is wrong: one sentence that names the mistake, the nearest right name and
// where to read more.
#pragma once

#include <string>

#include <CLI/CLI.hpp>

namespace sqs2pg::cli {

// `error` is what parsing `app` threw (not a call for help or version).
std::string usage_sentence(const CLI::App& app, const CLI::ParseError& error);

}  // namespace sqs2pg::cli
