// Manual pages, see man_page.h.
#include "cli/man_page.h"

#include <algorithm>

#include <fmt/format.h>

#include "cli/knowledge.h"

namespace sqs2pg::cli {
namespace {

// The code point at `at` of well-formed UTF-8, which the program's own texts are; `at` moves behind it.
unsigned next_code_point(const std::string& text, std::size_t& at) {
    const auto first = static_cast<unsigned char>(text[at++]);
    if (first < 0x80) return first;
    unsigned code = first < 0xE0 ? first & 0x1F : first < 0xF0 ? first & 0x0F : first & 0x07;
    for (; at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80; ++at) {
        code = code << 6 | (static_cast<unsigned char>(text[at]) & 0x3F);
    }
    return code;
}

// Text as roff takes it in any locale: no escape and no request may come out of it.
std::string plain(const std::string& text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const auto code = next_code_point(text, at);
        if (code >= 0x80) {
            out += fmt::format("\\[u{:04X}]", code);
        } else if (code == '\\') {
            out += "\\e";
        } else if (code == '-') {
            out += "\\-";
        } else if ((code == '.' || code == '\'') && (out.empty() || out.back() == '\n')) {
            out += fmt::format("\\&{}", static_cast<char>(code));
        } else {
            out += static_cast<char>(code);
        }
    }
    return out;
}

std::string sentence(std::string text) {
    if (!text.empty() && text.back() != '.') text += '.';
    return text;
}

std::string dashed(const CommandNode& command) {
    auto name = command.path.empty() ? std::string("sqs2pg") : "sqs2pg-" + command.path;
    std::ranges::replace(name, ' ', '-');
    return name;
}

std::string typed(const CommandNode& command) {
    return command.path.empty() ? std::string("sqs2pg") : "sqs2pg " + command.path;
}

std::string value_of(const OptionNode& option) {
    return option.choices.empty() ? option.value : fmt::format("{}", fmt::join(option.choices, "|"));
}

std::string synopsis(const CommandNode& command) {
    std::string out = ".B " + plain(typed(command)) + "\n";
    if (!command.commands.empty()) return out + ".I COMMAND\n.RI [ OPTION ...]\n";
    out += ".RI [ OPTION ...]\n";
    for (const auto& option : command.options) {
        if (!option.positional) continue;
        out += option.required ? ".I " + plain(option.names.front()) + "\n"
                               : ".RI [ " + plain(option.names.front()) + " ]\n";
    }
    return out;
}

std::string option_entry(const OptionNode& option) {
    std::vector<std::string> names;
    for (const auto& name : option.names) names.push_back("\\fB" + plain(name) + "\\fR");
    std::string out = ".TP\n" + fmt::format("{}", fmt::join(names, ", "));
    if (option.takes_value && !option.positional) out += " \\fI" + plain(value_of(option)) + "\\fR";
    out += "\n" + plain(sentence(option.description)) + "\n";
    if (!option.range.empty()) out += "A number from " + plain(option.range) + ".\n";
    if (!option.fallback.empty() && option.takes_value) out += "Default: " + plain(option.fallback) + ".\n";
    if (option.required) out += "Required.\n";
    return out;
}

std::string environment() {
    static const std::vector<std::pair<std::string, std::string>> variables = {
        {"PGHOST, PGPORT, PGDATABASE, PGUSER, PGPASSWORD …",
         "The database, as for psql, where the configuration says nothing."},
        {"AWS_REGION, AWS_PROFILE, AWS_ACCESS_KEY_ID …",
         "Region, credentials and endpoint of SQS, as for the AWS CLI."},
        {"AWS_ENDPOINT_URL_SQS, AWS_ENDPOINT_URL", "Another SQS-compatible server; every request goes there."},
        {"HTTPS_PROXY, HTTP_PROXY, NO_PROXY, AWS_CA_BUNDLE", "The way through the network."},
        {"NO_COLOR, CLICOLOR, CLICOLOR_FORCE, COLUMNS, TERM", "Colours and widths on a terminal."},
    };
    std::string out = ".SH ENVIRONMENT\n";
    for (const auto& [names, meaning] : variables) out += ".TP\n" + plain(names) + "\n" + plain(meaning) + "\n";
    return out;
}

std::string files() {
    return ".SH FILES\n.TP\nsqs2pg.yaml\n"
           "The configuration, or a folder of them; each command that needs one takes it by \\fB\\-c\\fR.\n"
           ".TP\nsqs2pg.keys\nThe keys of masks and dead letters, made by \\fBsqs2pg key new\\fR. Without them no dead "
           "letter "
           "can be opened.\n"
           ".TP\n~/.aws/config, ~/.aws/credentials\nProfiles of AWS.\n.TP\n~/.pgpass\nPasswords of databases.\n";
}

}  // namespace

std::string man_file(const CommandNode& command) { return dashed(command) + ".1"; }

std::string man_page(const CommandNode& root, const CommandNode& command, const std::string& version) {
    auto title = dashed(command);
    std::ranges::transform(title, title.begin(), [](char c) { return c >= 'a' && c <= 'z' ? char(c - 'a' + 'A') : c; });
    std::string out = fmt::format(".TH \"{}\" 1 \"\" \"{}\" \"User Commands\"\n", plain(title), plain(version));
    out += ".SH NAME\n" + plain(dashed(command)) + " \\- " + plain(command.description) + "\n";
    out += ".SH SYNOPSIS\n" + synopsis(command);
    out += ".SH DESCRIPTION\n" + plain(sentence(command.description)) + "\n";
    if (!command.commands.empty()) {
        out += ".SH COMMANDS\n";
        for (const auto& child : command.commands) {
            out += ".TP\n\\fB" + plain(typed(child)) + "\\fR\n" + plain(sentence(child.description)) + "\n";
        }
    }
    out += ".SH OPTIONS\n";
    for (const auto& option : command.options) out += option_entry(option);
    out += ".SH EXIT STATUS\n";
    for (const auto& known : all_knowledge()) {
        if (known.subject == Subject::ExitCode) out += ".TP\n" + plain(known.word) + "\n" + plain(known.meaning) + "\n";
    }
    if (command.path.empty()) out += environment() + files();
    if (const auto lines = examples_of(command.path); !lines.empty()) {
        out += ".SH EXAMPLES\n.nf\n";
        for (const auto& line : lines) out += plain(line) + "\n";
        out += ".fi\n";
    }
    std::vector<std::string> related;
    for (const auto* other : commands_of(root)) {
        const bool kin = command.path.empty() ? !other->path.empty() : other->path.empty();
        if (kin && other != &command) related.push_back("\\fB" + plain(dashed(*other)) + "\\fR(1)");
    }
    return out + ".SH SEE ALSO\n" + fmt::format("{}", fmt::join(related, ", ")) + "\n";
}

}  // namespace sqs2pg::cli
