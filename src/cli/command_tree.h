// The command line as plain values, out of CLI11's tree: what completion and man pages are made of. Pure.
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace sqs2pg::cli {

struct OptionNode {
    std::vector<std::string> names;  // "-c", "--config"; of a positional its one name, "WORD"
    bool positional = false;
    bool takes_value = false;
    std::string value;                 // "TEXT", "INT"; empty for flags and for positionals
    std::string range;                 // "1 to 256"; empty: none
    std::vector<std::string> choices;  // the only values there are; empty: any
    std::string fallback;              // empty: none, or told by the description
    bool required = false;
    std::string description;
};

struct CommandNode {
    std::string path;  // "dead-letters list"; empty: the program itself
    std::string name;  // "list"
    std::string description;
    std::vector<OptionNode> options;
    std::vector<CommandNode> commands;
};

CommandNode command_tree(const CLI::App& app);

// Every command below and including `root`, parents first. Borrows from it.
std::vector<const CommandNode*> commands_of(const CommandNode& root);

// nullptr when there is no command of this path.
const CommandNode* find_command(const CommandNode& root, const std::string& path);

// What one would type, a line each; the part of `--help` and man pages that people read first. Empty: none is known.
std::vector<std::string> examples_of(const std::string& path);

}  // namespace sqs2pg::cli
