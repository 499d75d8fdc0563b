// See json_text.h.
#include "cases/json_text.h"

#include <map>

#include <fmt/format.h>

#include "pipeline/json_grammar.h"

namespace sqs2pg::cases {
namespace {

using config::Node;

void append_value(std::string& out, const Node& value) {
    switch (value.kind) {
        case Node::Kind::Null:
            out += "null";
            return;
        case Node::Kind::Scalar: {
            const auto& text = value.text;
            const bool plain = !value.quoted && (text == "true" || text == "false" || pipeline::is_json_number(text));
            if (plain) {
                out += text;
            } else {
                append_json_string(out, text);
            }
            return;
        }
        case Node::Kind::Map:
            out.push_back('{');
            for (const auto& member : value.members) {
                if (&member != &value.members.front()) out += ", ";
                append_json_string(out, member.key.text);
                out += ": ";
                append_value(out, member.value);
            }
            out.push_back('}');
            return;
        case Node::Kind::List:
            out.push_back('[');
            for (const auto& item : value.items) {
                if (&item != &value.items.front()) out += ", ";
                append_value(out, item);
            }
            out.push_back(']');
            return;
    }
}

// Reads well-formed JSON; anything else ends it early, never out of bounds.
struct Canonical {
    std::string_view rest;

    void blanks() {
        while (!rest.empty() && std::string_view(" \t\r\n").find(rest.front()) != std::string_view::npos) {
            rest.remove_prefix(1);
        }
    }
    bool take(char c) {
        blanks();
        if (!rest.starts_with(c)) return false;
        rest.remove_prefix(1);
        return true;
    }
    std::string string() {
        std::size_t end = 1;
        while (end < rest.size() && rest[end] != '"') end += rest[end] == '\\' ? 2 : 1;
        end = std::min(end + 1, rest.size());
        std::string text(rest.substr(0, end));
        rest.remove_prefix(end);
        return text;
    }
    std::string value() {
        blanks();
        if (rest.starts_with('"')) return string();
        if (take('{')) return object();
        if (take('[')) return array();
        const auto end = std::min(rest.find_first_of(",]} \t\r\n"), rest.size());
        std::string text(rest.substr(0, end));
        rest.remove_prefix(end);
        return text;
    }
    std::string object() {
        std::map<std::string, std::string> members;
        while (!rest.empty() && !take('}')) {
            blanks();
            if (!rest.starts_with('"')) break;
            auto name = string();
            take(':');
            members[std::move(name)] = value();
            take(',');
        }
        std::string out = "{";
        for (const auto& [name, member] : members) out += (out.size() > 1 ? "," : "") + name + ":" + member;
        return out + "}";
    }
    std::string array() {
        std::string out = "[";
        while (!rest.empty() && !take(']')) {
            const auto before = rest.size();
            out += (out.size() > 1 ? "," : "") + value();
            take(',');
            if (rest.size() == before) break;
        }
        return out + "]";
    }
};

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
    out.push_back('"');
    for (char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out.push_back('\\');
            out.push_back(c);
        } else if (c == '\n') {
            out += "\\n";
        } else if (byte < 0x20) {
            out += fmt::format("\\u{:04x}", byte);
        } else {
            out.push_back(c);
        }
    }
    out.push_back('"');
}

std::string json_of(const Node& value) {
    std::string out;
    append_value(out, value);
    return out;
}

std::string canonical_json(std::string_view json) { return Canonical{json}.value(); }

}  // namespace sqs2pg::cases
