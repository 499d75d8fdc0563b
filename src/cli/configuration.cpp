// See configuration.h.
#include "cli/configuration.h"

#include <cstdio>

#include <fmt/format.h>

namespace sqs2pg::cli {

std::optional<config::Settings> load_or_tell(const std::string& path) {
    auto loaded = config::load(path, config::process_environment());
    for (const auto& warning : loaded.warnings) {
        fmt::print(stderr, "{}: warning: {}\n", warning.place, warning.sentence);
    }
    for (const auto& mistake : loaded.mistakes) {
        fmt::print(stderr, "{}: {}\n", mistake.place, mistake.sentence);
    }
    if (!loaded.mistakes.empty()) return std::nullopt;
    return std::move(loaded.settings);
}

}  // namespace sqs2pg::cli
