// Environment variables in values, see substitution.h.
#include "config/substitution.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/core.h>

namespace sqs2pg::config {
namespace {

void substitute_text(Node& node, const Environment& environment, Report& report) {
    std::string_view text = node.text;
    if (text.find("${") == text.npos) return;
    std::string out;
    auto mistake = [&](std::string sentence) {
        report.mistake(node.place, std::move(sentence));
        node.broken = true;
    };
    std::size_t i = 0;
    while (i < text.size()) {
        if (text.substr(i, 3) == "$${") {
            out += "${";
            i += 3;
        } else if (text.substr(i, 2) == "${") {
            auto close = text.find('}', i);
            if (close == text.npos) return mistake("`${` without its `}`; write `$${` for a literal one");
            std::string name(text.substr(i + 2, close - i - 2));
            i = close + 1;
            if (!valid_variable_name(name)) {
                mistake(
                    "`${…}` takes the name of an environment variable (letters, digits, `_`); write `$${` for a "
                    "literal `${`");
                continue;
            }
            auto value = environment(name);
            node.substituted = true;
            if (!value) {
                mistake(fmt::format("the environment variable {} is not set", backquoted(name)));
                continue;
            }
            out += *value;
        } else {
            out.push_back(text[i++]);
        }
    }
    node.text = std::move(out);
}

}  // namespace

bool valid_variable_name(std::string_view name) noexcept {
    auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    if (name.empty() || !is_letter(name.front())) return false;
    return std::all_of(name.begin(), name.end(), [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

void substitute(Node& root, const Environment& environment, Report& report) {
    if (root.kind == Node::Kind::Scalar) substitute_text(root, environment, report);
    for (auto& item : root.items) substitute(item, environment, report);
    for (auto& member : root.members) substitute(member.value, environment, report);
}

Environment process_environment() {
    return [](const std::string& name) -> std::optional<std::string> {
        const char* value = std::getenv(name.c_str());
        if (value == nullptr) return std::nullopt;
        return std::string(value);
    };
}

}  // namespace sqs2pg::config
