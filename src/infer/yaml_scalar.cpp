// Texts as YAML scalars, see yaml_text.h.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "infer/yaml_text.h"

namespace sqs2pg::infer {

namespace {

bool is_plain_byte(char c, bool flow) noexcept {
    const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                      c == '.' || c == '/' || c == '-' || c == '$';
    return word || static_cast<unsigned char>(c) >= 0x80 || (!flow && (c == '[' || c == ']'));
}

// What YAML reads as another thing than a text: numbers, null, true in all its spellings.
bool is_other_thing(std::string_view text) {
    constexpr auto kWords = std::to_array<std::string_view>(
        {"null", "~", "true", "false", "yes", "no", "on", "off", "y", "n", ".nan", ".inf", "-"});
    std::string lower;
    for (const char c : text) lower.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c);
    if (std::ranges::find(kWords, lower) != kWords.end()) return true;
    const char first = text.front();
    return (first >= '0' && first <= '9') || first == '-' || first == '.' || first == '[' || first == ']';
}

void append_escaped(std::string& out, char c) {
    switch (c) {
        case '"':
            out += "\\\"";
            break;
        case '\\':
            out += "\\\\";
            break;
        case '\n':
            out += "\\n";
            break;
        case '\t':
            out += "\\t";
            break;
        default:
            if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
                fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(c));
            } else {
                out.push_back(c);
            }
    }
}

}  // namespace

std::string yaml_scalar(std::string_view text, bool flow) {
    const bool plain = !text.empty() && !is_other_thing(text) && text.find("${") == std::string_view::npos &&
                       std::ranges::all_of(text, [flow](char c) { return is_plain_byte(c, flow); });
    if (plain) return std::string(text);
    std::string out = "\"";
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text.substr(i, 2) == "${") out.push_back('$');  // a literal one, no variable
        append_escaped(out, text[i]);
    }
    out.push_back('"');
    return out;
}

std::string printable(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
            fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(c));
        } else {
            out.push_back(c);
        }
    }
    return out;
}

}  // namespace sqs2pg::infer
