// CLI11's tree as values, see command_tree.h.
#include "cli/command_tree.h"

#include <map>

namespace sqs2pg::cli {
namespace {

const std::map<std::string, std::vector<std::string>>& examples() {
    static const std::map<std::string, std::vector<std::string>> table = {
        {"run",
         {"sqs2pg run -c sqs2pg.yaml", "sqs2pg run -c /etc/sqs2pg --migrate --log json",
          "sqs2pg run -c sqs2pg.yaml --drain"}},
        {"init",
         {"sqs2pg init --queue login-queue --table user_logins -o sqs2pg.yaml",
          "sqs2pg init --from messages.jsonl --queue login-queue --table user_logins"}},
        {"check", {"sqs2pg check -c sqs2pg.yaml", "sqs2pg check -c sqs2pg.yaml --format json"}},
        {"preview", {"sqs2pg preview -c sqs2pg.yaml", "sqs2pg preview -c sqs2pg.yaml --from messages.jsonl"}},
        {"bench",
         {"sqs2pg bench -c sqs2pg.yaml", "sqs2pg bench -c sqs2pg.yaml --messages messages.jsonl --workers 4",
          "sqs2pg bench -c sqs2pg.yaml --scratch-queue --format json"}},
        {"test", {"sqs2pg test tests/*.yaml"}},
        {"migrate", {"sqs2pg migrate -c sqs2pg.yaml", "sqs2pg migrate -c sqs2pg.yaml --print"}},
        {"status", {"sqs2pg status -c sqs2pg.yaml"}},
        {"pause", {"sqs2pg pause logins -c sqs2pg.yaml --reason \"the table is being moved\""}},
        {"resume", {"sqs2pg resume logins -c sqs2pg.yaml"}},
        {"key new", {"sqs2pg key new -o sqs2pg.keys"}},
        {"key check", {"sqs2pg key check sqs2pg.keys"}},
        {"dead-letters list", {"sqs2pg dead-letters list -c sqs2pg.yaml"}},
        {"dead-letters show", {"sqs2pg dead-letters show ID -c sqs2pg.yaml"}},
        {"dead-letters replay", {"sqs2pg dead-letters replay ID -c sqs2pg.yaml"}},
        {"dead-letters drop", {"sqs2pg dead-letters drop ID -c sqs2pg.yaml"}},
        {"queue", {"sqs2pg queue --listen 127.0.0.1:9324 --create login-queue"}},
        {"send",
         {"sqs2pg send --queue login-queue messages.jsonl",
          "sqs2pg send --queue login-queue --generate logins --count 1000"}},
        {"demo", {"sqs2pg demo", "sqs2pg demo --count 10000"}},
        {"health", {"sqs2pg health", "sqs2pg health --ready"}},
        {"explain", {"sqs2pg explain too_long", "sqs2pg explain 42P01"}},
        {"version", {"sqs2pg version --format json"}},
        {"completion",
         {"sqs2pg completion bash > /etc/bash_completion.d/sqs2pg",
          "sqs2pg completion fish > ~/.config/fish/completions/sqs2pg.fish"}},
        {"man", {"sqs2pg man run | man -l -"}},
    };
    return table;
}

// "TEXT:{text,json}" and "INT:INT in [1 - 256]": what CLI11 makes of a type and its validators.
void read_type(const std::string& text, OptionNode& node) {
    const auto colon = text.find(':');
    node.value = text.substr(0, colon);
    const auto open = text.find('{');
    const auto close = text.rfind('}');
    if (open != std::string::npos && close != std::string::npos && open < close) {
        std::string word;
        for (char c : text.substr(open + 1, close - open - 1) + ",") {
            if (c != ',') {
                word += c;
                continue;
            }
            if (!word.empty()) node.choices.push_back(word);
            word.clear();
        }
    }
    const auto range = text.find(" in [");
    const auto dash = text.find(" - ", range == std::string::npos ? 0 : range);
    const auto end = text.find(']', dash == std::string::npos ? 0 : dash);
    if (range == std::string::npos || dash == std::string::npos || end == std::string::npos) return;
    node.range = text.substr(range + 5, dash - range - 5) + " to " + text.substr(dash + 3, end - dash - 3);
}

OptionNode option_node(const CLI::Option& option) {
    OptionNode node;
    node.positional = option.get_positional();
    if (node.positional) {
        node.names = {option.get_name(true, false)};
    } else {
        for (const auto& name : option.get_snames()) node.names.push_back("-" + name);
        for (const auto& name : option.get_lnames()) node.names.push_back("--" + name);
    }
    node.takes_value = option.get_items_expected_max() > 0;
    if (node.takes_value) read_type(option.get_type_name(), node);
    if (node.takes_value && node.value.empty() && !node.positional) node.value = "TEXT";
    node.fallback = option.get_default_str();
    node.required = option.get_required();
    node.description = option.get_description();
    return node;
}

CommandNode node_of(const CLI::App& app, const std::string& path) {
    CommandNode node;
    node.path = path;
    node.name = app.get_name();
    node.description = app.get_description();
    for (const auto* option : app.get_options([](const CLI::Option* one) { return !one->get_group().empty(); })) {
        node.options.push_back(option_node(*option));
    }
    for (const auto* command : app.get_subcommands([](const CLI::App* one) { return !one->get_group().empty(); })) {
        node.commands.push_back(
            node_of(*command, path.empty() ? command->get_name() : path + " " + command->get_name()));
    }
    return node;
}

void gather(const CommandNode& node, std::vector<const CommandNode*>& into) {
    into.push_back(&node);
    for (const auto& command : node.commands) gather(command, into);
}

}  // namespace

CommandNode command_tree(const CLI::App& app) { return node_of(app, ""); }

std::vector<const CommandNode*> commands_of(const CommandNode& root) {
    std::vector<const CommandNode*> all;
    gather(root, all);
    return all;
}

const CommandNode* find_command(const CommandNode& root, const std::string& path) {
    for (const auto* command : commands_of(root)) {
        if (command->path == path) return command;
    }
    return nullptr;
}

std::vector<std::string> examples_of(const std::string& path) {
    const auto found = examples().find(path);
    return found == examples().end() ? std::vector<std::string>() : found->second;
}

}  // namespace sqs2pg::cli
