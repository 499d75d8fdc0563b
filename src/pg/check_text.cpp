// Verdicts on texts, uuids, bytes, bits and the small types of the catalogs, see checks.h.
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

// Binary digits, or hex ones behind an x. bit(n) has exactly n of them.
std::optional<Refusal> check_bits(std::string_view text, std::int32_t length, bool varying) {
    bool hex = text.starts_with('x') || text.starts_with('X');
    if (hex || text.starts_with('b') || text.starts_with('B')) text.remove_prefix(1);
    auto bits = text.size() * (hex ? 4 : 1);
    auto limit = static_cast<std::size_t>(length);
    if (length > 0 && bits > limit) return Refusal::TooLong;
    for (char c : text) {
        if (hex ? !is_hex(c) : c != '0' && c != '1') return Refusal::WrongType;
    }
    return length == 0 || bits == limit || varying ? std::nullopt : std::optional(Refusal::WrongType);
}

// The server would cut a longer one off.
std::optional<Refusal> check_name(std::string_view text) {
    constexpr std::size_t kMostBytes = 63;
    return text.size() > kMostBytes ? std::optional(Refusal::TooLong) : std::nullopt;
}

// "char": the server would drop all but the first byte.
std::optional<Refusal> check_one_byte(std::string_view text) {
    return text.size() > 1 ? std::optional(Refusal::TooLong) : std::nullopt;
}

// 32 bits without sign. The server would make a large number of a negative one.
std::optional<Refusal> check_oid(std::string_view text) {
    text = trim_blanks(text);
    bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    if (text.empty() || !std::ranges::all_of(text, is_digit)) return Refusal::WrongType;
    std::uint64_t value = 0;
    for (char c : text) {
        value = value * 10 + static_cast<std::uint64_t>(c - '0');
        if (value > 0xffffffff) return Refusal::OutOfRange;
    }
    return negative && value > 0 ? std::optional(Refusal::OutOfRange) : std::nullopt;
}

std::optional<Refusal> check_lsn(std::string_view text) {
    auto slash = text.find('/');
    if (slash == std::string_view::npos) return Refusal::WrongType;
    for (auto half : {text.substr(0, slash), text.substr(slash + 1)}) {
        if (half.empty() || half.size() > 8 || !std::ranges::all_of(half, is_hex)) return Refusal::WrongType;
    }
    return std::nullopt;
}

}  // namespace sqs2pg::pg
