// `sqs2pg completion` and `sqs2pg man`: the command line told to shells and to man.
#include <algorithm>
#include <fstream>
#include <memory>

#include <fmt/format.h>

#include "cli/application.h"
#include "cli/build_info.h"
#include "cli/command_tree.h"
#include "cli/commands.h"
#include "cli/completion.h"
#include "cli/knowledge.h"
#include "cli/man_page.h"

namespace sqs2pg::cli {

namespace {

CommandNode whole_tree() {
    int ignored = 0;
    return command_tree(*make_application(ignored));
}

std::vector<std::string> explained_words() {
    std::vector<std::string> words;
    for (const auto& known : all_knowledge()) {
        const bool bare = known.word.find_first_not_of(
                              "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.") == std::string::npos;
        if (bare) words.push_back(known.word);
    }
    std::ranges::sort(words);
    words.erase(std::ranges::unique(words).begin(), words.end());
    return words;
}

int complete(const std::string& shell) {
    const auto tree = whole_tree();
    const auto words = explained_words();
    fmt::print("{}", shell == "bash"  ? bash_completion(tree, words)
                     : shell == "zsh" ? zsh_completion(tree, words)
                                      : fish_completion(tree, words));
    return kDone;
}

struct ManArguments {
    std::vector<std::string> command;
    std::string folder;
};

int write_pages(const CommandNode& tree, const std::string& folder, const std::string& version) {
    for (const auto* command : commands_of(tree)) {
        const auto path = folder + "/" + man_file(*command);
        std::ofstream file(path);
        file << man_page(tree, *command, version);
        if (!file.flush()) {
            fmt::print(stderr, "sqs2pg man: {} cannot be written: does the folder exist, and may you write there?\n",
                       path);
            return kFailed;
        }
    }
    return kDone;
}

int man(const ManArguments& arguments) {
    const auto tree = whole_tree();
    const auto version = "sqs2pg " + build_info().version;
    if (!arguments.folder.empty()) return write_pages(tree, arguments.folder, version);
    const auto path = fmt::format("{}", fmt::join(arguments.command, " "));
    const auto* command = find_command(tree, path);
    if (command == nullptr) {
        fmt::print(stderr, "sqs2pg man: there is no command \"{}\" (`sqs2pg --help` lists them)\n",
                   path.substr(0, 100));
        return kUsage;
    }
    fmt::print("{}", man_page(tree, *command, version));
    return kDone;
}

}  // namespace

void add_completion(CLI::App& app, int& exit_code) {
    auto shell = std::make_shared<std::string>();
    auto* command = app.add_subcommand("completion", "Print a completion script for a shell");
    command->add_option("SHELL", *shell, "bash, zsh or fish")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}));
    command->callback([&exit_code, shell] { exit_code = complete(*shell); });
}

void add_man(CLI::App& app, int& exit_code) {
    auto arguments = std::make_shared<ManArguments>();
    auto* command = app.add_subcommand("man", "Print the manual page of a command (roff; `| man -l -` shows it)");
    command->add_option("COMMAND", arguments->command, "Such as run, or dead-letters list (default: sqs2pg itself)")
        ->type_name("");
    command->add_option("--into", arguments->folder, "Write every page into this folder instead")->type_name("FOLDER");
    command->callback([&exit_code, arguments] { exit_code = man(*arguments); });
}

}  // namespace sqs2pg::cli
