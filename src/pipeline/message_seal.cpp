// Serialising a message for its dead letter, see message_seal.h.
#include "pipeline/message_seal.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <iterator>
#include <string_view>

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

void append_base64(std::string& out, std::string_view bytes) {
    static constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t group = 0;
        for (std::size_t j = 0; j < 3; ++j) {
            group = group << 8 | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0u);
        }
        for (std::size_t j = 0; j < 4; ++j) {
            bool padding = i + j > bytes.size();
            out.push_back(padding ? '=' : kAlphabet[group >> (18 - 6 * j) & 63]);
        }
    }
}

}  // namespace

std::string to_sealable_text(const Received& message) {
    std::string text = "{\"v\":1,\"message_id\":";
    append_json_text(text, message.message_id);
    fmt::format_to(std::back_inserter(text), ",\"sent_ms\":{}", message.sent_ms);
    if (simdjson::validate_utf8(message.body.data(), message.body.size())) {
        text += ",\"body\":";
        append_json_text(text, message.body);
    } else {
        text += ",\"body_base64\":\"";
        append_base64(text, message.body);
        text += '"';
    }
    text += ",\"attributes\":[";
    bool first = true;
    for (const auto& attribute : message.attributes) {
        if (!first) text += ',';
        first = false;
        text += "{\"name\":";
        append_json_text(text, attribute.name);
        text += ",\"type\":";
        append_json_text(text, attribute.data_type);
        text += ",\"value\":";
        append_json_text(text, attribute.value);
        text += '}';
    }
    text += "],\"group_id\":";
    append_json_text(text, message.group_id);
    text += ",\"sequence_number\":";
    append_json_text(text, message.sequence_number);
    text += '}';
    return text;
}

}  // namespace sqs2pg::pipeline
