// Lenient unescaping of JSON strings, see json_text.h.
#include "sqs/json_text.h"

#include <cstdint>

namespace sqs2pg::sqs {
namespace {

constexpr std::uint32_t kReplacement = 0xfffd;

void append_utf8(std::string& out, std::uint32_t point) {
    if (point < 0x80) {
        out += static_cast<char>(point);
    } else if (point < 0x800) {
        out += static_cast<char>(0xc0 | point >> 6);
        out += static_cast<char>(0x80 | (point & 63));
    } else if (point < 0x10000) {
        out += static_cast<char>(0xe0 | point >> 12);
        out += static_cast<char>(0x80 | (point >> 6 & 63));
        out += static_cast<char>(0x80 | (point & 63));
    } else {
        out += static_cast<char>(0xf0 | point >> 18);
        out += static_cast<char>(0x80 | (point >> 12 & 63));
        out += static_cast<char>(0x80 | (point >> 6 & 63));
        out += static_cast<char>(0x80 | (point & 63));
    }
}

// Four hex digits at `at`; -1 when there are not.
std::int32_t unit_at(std::string_view text, std::size_t at) {
    if (at + 4 > text.size()) return -1;
    std::int32_t unit = 0;
    for (char c : text.substr(at, 4)) {
        int digit = -1;
        if (c >= '0' && c <= '9') digit = c - '0';
        if (c >= 'a' && c <= 'f') digit = c - 'a' + 10;
        if (c >= 'A' && c <= 'F') digit = c - 'A' + 10;
        if (digit < 0) return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

bool is_high(std::int32_t unit) { return unit >= 0xd800 && unit < 0xdc00; }
bool is_low(std::int32_t unit) { return unit >= 0xdc00 && unit < 0xe000; }

// The escape's letter that stands for itself or a control character; 0 for others.
char simple_escape(char c) {
    switch (c) {
        case '"':
        case '\\':
        case '/':
            return c;
        case 'b':
            return '\b';
        case 'f':
            return '\f';
        case 'n':
            return '\n';
        case 'r':
            return '\r';
        case 't':
            return '\t';
        default:
            return 0;
    }
}

}  // namespace

bool unescape_leniently(std::string_view token, std::string& out) {
    out.clear();
    if (token.empty() || token.front() != '"') return false;
    for (std::size_t i = 1; i < token.size(); ++i) {
        if (token[i] == '"') return true;
        if (token[i] != '\\') {
            out += token[i];
            continue;
        }
        if (++i == token.size()) return false;
        if (char plain = simple_escape(token[i])) {
            out += plain;
            continue;
        }
        auto unit = token[i] == 'u' ? unit_at(token, i + 1) : -1;
        if (unit < 0) return false;
        i += 4;
        bool paired = is_high(unit) && i + 2 < token.size() && token[i + 1] == '\\' && token[i + 2] == 'u' &&
                      is_low(unit_at(token, i + 3));
        if (paired) {
            auto low = unit_at(token, i + 3);
            append_utf8(out, 0x10000u + (static_cast<std::uint32_t>(unit - 0xd800) << 10) +
                                 static_cast<std::uint32_t>(low - 0xdc00));
            i += 6;
        } else {
            append_utf8(out, is_high(unit) || is_low(unit) ? kReplacement : static_cast<std::uint32_t>(unit));
        }
    }
    return false;
}

}  // namespace sqs2pg::sqs
