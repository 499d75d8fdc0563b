// Serialising a message for its dead letter, see message_seal.h.
#include "pipeline/message_seal.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <iterator>
#include <string_view>

#include "base/base64.h"

namespace sqs2pg::pipeline {

namespace {

void append_json_text(std::string& out, std::string_view text) {
    out.push_back('"');
    for (char c : text) {
        if (c == '"' || c == '\\') {
            out.push_back('\\');
            out.push_back(c);
        } else if (static_cast<unsigned char>(c) < 0x20) {
            fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(c));
        } else {
            out.push_back(c);
        }
    }
    out.push_back('"');
}

void append_member(std::string& out, std::string_view name, std::string_view bytes) {
    if (!out.ends_with('{')) out.push_back(',');
    bool text = simdjson::validate_utf8(bytes.data(), bytes.size());
    fmt::format_to(std::back_inserter(out), "\"{}{}\":", name, text ? "" : "_base64");
    if (text) return append_json_text(out, bytes);
    out.push_back('"');
    out += encode_base64(bytes);
    out.push_back('"');
}

}  // namespace

std::string to_sealable_text(const Received& message) {
    std::string text = "{\"v\":1";
    append_member(text, "message_id", message.message_id);
    fmt::format_to(std::back_inserter(text), ",\"sent_ms\":{}", message.sent_ms);
    append_member(text, "body", message.body);
    text += ",\"attributes\":[";
    bool first = true;
    for (const auto& attribute : message.attributes) {
        if (!first) text += ',';
        first = false;
        text += '{';
        append_member(text, "name", attribute.name);
        append_member(text, "type", attribute.data_type);
        append_member(text, "value", attribute.value);
        text += '}';
    }
    text += ']';
    append_member(text, "group_id", message.group_id);
    append_member(text, "sequence_number", message.sequence_number);
    text += '}';
    return text;
}

}  // namespace sqs2pg::pipeline
