// Scripts for bash, zsh and fish, see completion.h. Each finds out which command the line has reached, then offers that
// command's words, an option's values, or files.
#include "cli/completion.h"

#include <fmt/format.h>

namespace sqs2pg::cli {
namespace {

std::string joined(const std::vector<std::string>& words) { return fmt::format("{}", fmt::join(words, " ")); }

// The commands and options that may come next.
std::vector<std::string> next_words(const CommandNode& command, const std::vector<std::string>& explained) {
    std::vector<std::string> words;
    for (const auto& child : command.commands) words.push_back(child.name);
    for (const auto& option : command.options) {
        if (!option.positional) words.insert(words.end(), option.names.begin(), option.names.end());
        if (option.positional) words.insert(words.end(), option.choices.begin(), option.choices.end());
    }
    if (command.path == "explain") words.insert(words.end(), explained.begin(), explained.end());
    return words;
}

// bash and zsh differ in how they are told the line and take the answers, not in what they are asked.
struct Dialect {
    std::string offer_words;  // a format with one place for the words
    std::string offer_files;
};

std::string script_body(const CommandNode& root, const std::vector<std::string>& explained, const Dialect& dialect,
                        const std::string& word, const std::string& previous) {
    std::string walk = "        case \"$at $" + word + "\" in\n";
    std::string values = "    case \"$at|" + previous + "\" in\n";
    std::string names = "    case \"$at\" in\n";
    for (const auto* command : commands_of(root)) {
        const auto at = command->path.empty() ? std::string() : " " + command->path;
        if (!command->path.empty()) walk += fmt::format("            \"{0}\") at=\"{0}\" ;;\n", at);
        for (const auto& option : command->options) {
            if (option.positional || !option.takes_value) continue;
            std::vector<std::string> patterns;
            for (const auto& name : option.names) patterns.push_back(fmt::format("\"{}|{}\"", at, name));
            const auto answer = option.choices.empty()
                                    ? dialect.offer_files
                                    : fmt::format(fmt::runtime(dialect.offer_words), joined(option.choices));
            values += fmt::format("        {}) {}; return ;;\n", fmt::join(patterns, "|"), answer);
        }
        names += fmt::format("        \"{}\") {} ;;\n", at,
                             fmt::format(fmt::runtime(dialect.offer_words), joined(next_words(*command, explained))));
    }
    return walk + "        esac\n    done\n" + values + "    esac\n" + names + "    esac\n";
}

std::string quoted_for_fish(const std::string& text) {
    std::string out = "'";
    for (char c : text) {
        if (c == '\\' || c == '\'') out += '\\';
        out += c == '\n' ? ' ' : c;
    }
    return out + "'";
}

std::string reached_in_fish(const CommandNode& command) {
    if (command.path.empty()) return "__fish_use_subcommand";
    std::string condition;
    std::string word;
    for (char c : command.path + " ") {
        if (c != ' ') {
            word += c;
            continue;
        }
        condition += (condition.empty() ? "__fish_seen_subcommand_from " : "; and __fish_seen_subcommand_from ") + word;
        word.clear();
    }
    if (command.commands.empty()) return condition;
    condition += "; and not __fish_seen_subcommand_from";
    for (const auto& child : command.commands) condition += " " + child.name;
    return condition;
}

}  // namespace

std::string bash_completion(const CommandNode& root, const std::vector<std::string>& words) {
    const Dialect dialect{"COMPREPLY=($(compgen -W \"{}\" -- \"$cur\"))", "COMPREPLY=($(compgen -f -- \"$cur\"))"};
    return "# Completion of sqs2pg for bash: source it, or put it into /etc/bash_completion.d.\n"
           "_sqs2pg() {\n"
           "    local cur=\"${COMP_WORDS[COMP_CWORD]}\" before=\"${COMP_WORDS[COMP_CWORD-1]}\" at=\"\" i word\n"
           "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
           "        word=\"${COMP_WORDS[i]}\"\n" +
           script_body(root, words, dialect, "word", "$before") +
           "    if [ ${#COMPREPLY[@]} -eq 0 ] && [[ \"$cur\" != -* ]]; then COMPREPLY=($(compgen -f -- \"$cur\")); fi\n"
           "}\n"
           "complete -o filenames -F _sqs2pg sqs2pg\n";
}

std::string zsh_completion(const CommandNode& root, const std::vector<std::string>& words) {
    // `path` would be zsh's own.
    const Dialect dialect{"compadd -- {}", "_files"};
    return "#compdef sqs2pg\n"
           "# Completion of sqs2pg for zsh: save it as _sqs2pg in a folder of $fpath.\n"
           "_sqs2pg() {\n"
           "    local at=\"\" i word\n"
           "    for ((i = 2; i < CURRENT; i++)); do\n"
           "        word=\"${words[i]}\"\n" +
           script_body(root, words, dialect, "word", "${words[CURRENT-1]}") +
           "    [[ \"${words[CURRENT]}\" == -* ]] || _files\n"
           "}\n"
           "if [ \"${funcstack[1]}\" = _sqs2pg ]; then _sqs2pg \"$@\"; else compdef _sqs2pg sqs2pg; fi\n";
}

std::string fish_completion(const CommandNode& root, const std::vector<std::string>& words) {
    std::string out = "# Completion of sqs2pg for fish: save it as ~/.config/fish/completions/sqs2pg.fish.\n";
    for (const auto* command : commands_of(root)) {
        const auto when = fmt::format("complete -c sqs2pg -n {}", quoted_for_fish(reached_in_fish(*command)));
        for (const auto& child : command->commands) {
            out += fmt::format("{} -f -a {} -d {}\n", when, child.name, quoted_for_fish(child.description));
        }
        for (const auto& option : command->options) {
            if (option.positional) {
                if (!option.choices.empty()) out += fmt::format("{} -f -a '{}'\n", when, joined(option.choices));
                continue;
            }
            out += when;
            for (const auto& name : option.names) {
                out += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
            }
            if (!option.choices.empty()) {
                out += fmt::format(" -x -a '{}'", joined(option.choices));
            } else if (option.takes_value) {
                out += " -r";
            }
            out += fmt::format(" -d {}\n", quoted_for_fish(option.description));
        }
        if (command->path == "explain") out += fmt::format("{} -f -a '{}'\n", when, joined(words));
    }
    return out;
}

}  // namespace sqs2pg::cli
