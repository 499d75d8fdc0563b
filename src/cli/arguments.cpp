// Sentences for wrong arguments, see arguments.h.
#include "cli/arguments.h"

#include <vector>

#include <fmt/format.h>

#include "base/nearest.h"

namespace sqs2pg::cli {

namespace {

// The innermost subcommand that was named.
const CLI::App& command_of(const CLI::App& app) {
    const auto chosen = app.get_subcommands();
    return chosen.empty() ? app : command_of(*chosen.back());
}

std::string path_of(const CLI::App& command) {
    const auto* parent = command.get_parent();
    return parent == nullptr ? "sqs2pg" : path_of(*parent) + " " + command.get_name();
}

std::vector<std::string> option_names(const CLI::App& command) {
    std::vector<std::string> names;
    for (const auto* option : command.get_options()) {
        for (const auto& name : option->get_lnames()) names.push_back("--" + name);
    }
    return names;
}

std::vector<std::string> command_names(const CLI::App& command) {
    std::vector<std::string> names;
    for (const auto* sub : command.get_subcommands([](const CLI::App*) { return true; })) {
        names.push_back(sub->get_name());
    }
    return names;
}

std::string unexpected(const CLI::App& command, const std::string& argument) {
    const bool option = argument.starts_with('-');
    const auto name = argument.substr(0, argument.find('='));
    const auto candidates = option ? option_names(command) : command_names(command);
    const auto nearest = nearest_name(name, candidates);
    const auto* what = option ? "unknown option" : candidates.empty() ? "unexpected argument" : "unknown command";
    auto sentence = fmt::format("{} {}", what, option ? name : argument);
    if (!nearest.empty()) sentence += fmt::format("; did you mean {}?", nearest);
    return sentence;
}

}  // namespace

std::string usage_sentence(const CLI::App& app, const CLI::ParseError& error) {
    const auto& command = command_of(app);
    const auto extras = app.remaining(true);
    std::string what;
    const bool is_extra = error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError);
    const bool is_mistyped_command = app.get_subcommands().empty();  // to CLI11 a missing command
    if (!extras.empty() && (is_extra || is_mistyped_command)) {
        what = unexpected(command, extras.front());
    } else {
        what = error.what();
    }
    while (!what.empty() && (what.back() == '\n' || what.back() == '.')) what.pop_back();
    for (char& c : what) c = c == '\n' ? ' ' : c;
    return fmt::format("{}: {} (see {} --help)", path_of(command), what, path_of(command));
}

}  // namespace sqs2pg::cli
