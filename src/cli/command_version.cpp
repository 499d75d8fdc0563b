// `sqs2pg version`: what `--version` says, and how it was built.
#include <memory>

#include <fmt/format.h>

#include "cli/build_info.h"
#include "cli/commands.h"

namespace sqs2pg::cli {

void add_version(CLI::App& app, int& exit_code) {
    auto format = std::make_shared<std::string>("text");
    auto* command = app.add_subcommand("version", "Version, commit, and how this binary was built");
    command->add_option("--format", *format, "For people, or for programs")->check(CLI::IsMember({"text", "json"}));
    command->callback([&exit_code, format] {
        const auto& info = build_info();
        fmt::print("{}", *format == "json" ? version_json(info) : version_text(info));
        exit_code = kDone;
    });
}

}  // namespace sqs2pg::cli
