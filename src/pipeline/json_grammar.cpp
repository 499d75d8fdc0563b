// JSON numbers and escapes, see json_grammar.h.
#include "pipeline/json_grammar.h"

#include <cstring>

namespace sqs2pg::pipeline {

namespace {

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

bool is_hex(char c) noexcept { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// Advances over one digit or more.
bool digits(std::string_view text, std::size_t& i) noexcept {
    auto start = i;
    while (i < text.size() && is_digit(text[i])) ++i;
    return i > start;
}

}  // namespace

bool is_json_number(std::string_view text) noexcept {
    std::size_t i = 0;
    if (i < text.size() && text[i] == '-') ++i;
    if (i < text.size() && text[i] == '0') {
        ++i;
    } else if (!digits(text, i)) {
        return false;
    }
    if (i < text.size() && text[i] == '.') {
        ++i;
        if (!digits(text, i)) return false;
    }
    if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
        ++i;
        if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
        if (!digits(text, i)) return false;
    }
    return i == text.size();
}

bool has_json_escapes_only(std::string_view token) noexcept {
    const char* at = token.data();
    const char* end = at + token.size();
    while ((at = static_cast<const char*>(std::memchr(at, '\\', static_cast<std::size_t>(end - at)))) != nullptr) {
        if (++at == end) return false;
        if (*at == 'u') {
            if (end - at < 5) return false;
            for (int i = 1; i <= 4; ++i) {
                if (!is_hex(at[i])) return false;
            }
            at += 5;
        } else if (std::strchr("\"\\/bfnrt", *at) != nullptr && *at != '\0') {
            ++at;
        } else {
            return false;
        }
    }
    return true;
}

}  // namespace sqs2pg::pipeline
