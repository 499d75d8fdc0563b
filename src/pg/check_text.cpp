// Verdicts on texts, uuids, jsonb, addresses and bytes, see checks.h.
#include <arpa/inet.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>

#include "pg/checks.h"

namespace sqs2pg::pg {
namespace {

constexpr std::uint64_t kOnes = 0x0101010101010101ULL;
constexpr std::uint64_t kHighs = 0x8080808080808080ULL;

// The length of the well-formed multi-byte sequence at the start of `text`; 0: there is none (Unicode 15, table 3-7).
std::size_t sequence_length(std::string_view text) noexcept {
    auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    auto continues = [&](std::size_t i) { return i < text.size() && (byte(i) & 0xC0) == 0x80; };
    auto lead = byte(0);
    if (lead >= 0xC2 && lead <= 0xDF) return continues(1) ? 2 : 0;
    if (lead >= 0xE0 && lead <= 0xEF) {
        if (!continues(1) || !continues(2)) return 0;
        if (lead == 0xE0 && byte(1) < 0xA0) return 0;
        if (lead == 0xED && byte(1) > 0x9F) return 0;
        return 3;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        if (!continues(1) || !continues(2) || !continues(3)) return 0;
        if (lead == 0xF0 && byte(1) < 0x90) return 0;
        if (lead == 0xF4 && byte(1) > 0x8F) return 0;
        return 4;
    }
    return 0;
}

// Four hex digits; -1: they are not.
int hex4(std::string_view text) noexcept {
    if (text.size() < 4) return -1;
    int value = 0;
    for (char c : text.substr(0, 4)) {
        if (!is_hex(c)) return -1;
        value = value * 16 + (is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return value;
}

// The escapes of one JSON string, from behind its opening quote. `rest` is left behind the closing one.
std::optional<Refusal> check_json_string(std::string_view& rest) {
    bool high = false;  // a high surrogate wants its low one at once
    while (!rest.empty()) {
        char c = rest.front();
        if (high && (c != '\\' || rest.size() < 2 || rest[1] != 'u')) return Refusal::InvalidText;
        rest.remove_prefix(1);
        if (c == '"') return std::nullopt;
        if (c != '\\') continue;
        if (rest.empty()) break;
        bool unicode = rest.front() == 'u';
        rest.remove_prefix(1);
        if (!unicode) continue;
        int unit = hex4(rest);
        if (unit < 0) return Refusal::WrongType;
        rest.remove_prefix(4);
        bool low = unit >= 0xDC00 && unit <= 0xDFFF;
        if (unit == 0 || low != high) return Refusal::InvalidText;
        high = unit >= 0xD800 && unit <= 0xDBFF;
    }
    return Refusal::WrongType;
}

}  // namespace

bool equals_ignoring_case(std::string_view text, std::string_view lower) noexcept {
    auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a | 0x20) : a) == b; };
    return std::ranges::equal(text, lower, same);
}

bool is_storable_text(std::string_view text) noexcept {
    while (!text.empty()) {
        if (text.size() >= 8) {
            std::uint64_t word;
            std::memcpy(&word, text.data(), 8);
            // No byte above 127, and none that is zero.
            if ((((word - kOnes) | word) & kHighs) == 0) {
                text.remove_prefix(8);
                continue;
            }
        }
        if (text.front() == '\0') return false;
        auto length = static_cast<unsigned char>(text.front()) < 0x80 ? 1 : sequence_length(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

std::size_t count_characters(std::string_view utf8) noexcept {
    return static_cast<std::size_t>(
        std::ranges::count_if(utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::optional<Refusal> check_length(std::string_view text, std::int32_t max_characters) {
    auto limit = static_cast<std::size_t>(max_characters);
    if (max_characters == 0 || text.size() <= limit) return std::nullopt;
    // The server would cut excess blanks off; nothing is ever cut here.
    return count_characters(text) > limit ? std::optional(Refusal::TooLong) : std::nullopt;
}

// Hex digits, a hyphen allowed after each group of four, braces around it all: as uuid_in reads it.
std::optional<Refusal> check_uuid(std::string_view text) {
    bool braces = text.starts_with('{');
    if (braces) text.remove_prefix(1);
    for (int byte = 0; byte < 16; ++byte) {
        if (text.size() < 2 || !is_hex(text[0]) || !is_hex(text[1])) return Refusal::WrongType;
        text.remove_prefix(2);
        if (byte % 2 == 1 && byte < 15 && text.starts_with('-')) text.remove_prefix(1);
    }
    if (braces) {
        if (!text.starts_with('}')) return Refusal::WrongType;
        text.remove_prefix(1);
    }
    return text.empty() ? std::nullopt : std::optional(Refusal::WrongType);
}

// Well-formed JSON is a precondition (the decoder's work). jsonb refuses \u0000, surrogates without their partner, and
// numbers that numeric cannot hold.
std::optional<Refusal> check_jsonb(std::string_view text) {
    while (!text.empty()) {
        char c = text.front();
        if (c == '"') {
            text.remove_prefix(1);
            if (auto refusal = check_json_string(text)) return refusal;
            continue;
        }
        if (c == '-' || is_digit(c)) {
            auto end = text.find_first_not_of("+-.0123456789eE");
            auto number = text.substr(0, end);
            if (number.size() > 30 || number.find_first_of("eE") != std::string_view::npos) {
                if (auto refusal = check_numeric(number, 0, 0)) return refusal;
            }
            text.remove_prefix(number.size());
            continue;
        }
        text.remove_prefix(1);
    }
    return std::nullopt;
}

std::optional<Refusal> check_inet(std::string_view text) {
    auto slash = text.find('/');
    std::string address(text.substr(0, slash));
    bool six = address.contains(':');
    int most = six ? 128 : 32;
    if (slash != std::string_view::npos) {
        auto bits = text.substr(slash + 1);
        if (bits.empty() || bits.size() > 3 || !std::ranges::all_of(bits, is_digit)) return Refusal::WrongType;
        int value = 0;
        for (char c : bits) value = value * 10 + (c - '0');
        if (value > most) return Refusal::WrongType;
    }
    if (six) {
        unsigned char bytes[16];
        return inet_pton(AF_INET6, address.c_str(), bytes) == 1 ? std::nullopt : std::optional(Refusal::WrongType);
    }
    std::string_view rest = address;
    for (int part = 0; part < 4; ++part) {
        auto digits = rest.substr(0, rest.find('.'));
        if (digits.empty() || digits.size() > 10 || !std::ranges::all_of(digits, is_digit)) return Refusal::WrongType;
        long value = 0;
        for (char c : digits) value = value * 10 + (c - '0');
        if (value > 255) return Refusal::WrongType;
        rest.remove_prefix(digits.size());
        if (part < 3) {
            if (!rest.starts_with('.')) return Refusal::WrongType;
            rest.remove_prefix(1);
        }
    }
    return rest.empty() ? std::nullopt : std::optional(Refusal::WrongType);
}

// \x and pairs of hex digits with blanks between pairs, or the "escape" form: bytes, \\ and \ooo.
std::optional<Refusal> check_bytea(std::string_view text) {
    if (text.starts_with("\\x")) {
        text.remove_prefix(2);
        while (!text.empty()) {
            if (text.front() == ' ' || text.front() == '\n' || text.front() == '\t' || text.front() == '\r') {
                text.remove_prefix(1);
                continue;
            }
            if (text.size() < 2 || !is_hex(text[0]) || !is_hex(text[1])) return Refusal::WrongType;
            text.remove_prefix(2);
        }
        return std::nullopt;
    }
    auto octal = [](char c, char most) { return c >= '0' && c <= most; };
    while (!text.empty()) {
        if (text.front() != '\\') {
            text.remove_prefix(1);
        } else if (text.size() >= 2 && text[1] == '\\') {
            text.remove_prefix(2);
        } else if (text.size() >= 4 && octal(text[1], '3') && octal(text[2], '7') && octal(text[3], '7')) {
            text.remove_prefix(4);
        } else {
            return Refusal::WrongType;
        }
    }
    return std::nullopt;
}

}  // namespace sqs2pg::pg
