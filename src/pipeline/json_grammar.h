// The parts of JSON's grammar (RFC 8259) that on-demand parsing leaves unchecked in values that it does not convert.
#pragma once

#include <string_view>

namespace sqs2pg::pipeline {

// `text` without blanks around it: -? int frac? exp?
bool is_json_number(std::string_view text) noexcept;

// `token` starts at the opening quote and may hold blanks after the closing one. True when every escape is one of
// JSON's, whether or not the surrogates among them pair up.
bool has_json_escapes_only(std::string_view token) noexcept;

inline std::string_view trim_json_blanks(std::string_view text) noexcept {
    auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
    while (!text.empty() && blank(text.back())) text.remove_suffix(1);
    while (!text.empty() && blank(text.front())) text.remove_prefix(1);
    return text;
}

}  // namespace sqs2pg::pipeline
