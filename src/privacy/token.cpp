// The text of tokens, see token.h.
#include "privacy/token.h"

#include <cstdint>

namespace sqs2pg::privacy {
namespace {

constexpr char kAlphabet[] = "abcdefghijklmnopqrstuvwxyz234567";

int digit_of(char c) noexcept {
    if (c >= 'a' && c <= 'z') return c - 'a';
    if (c >= '2' && c <= '7') return c - '2' + 26;
    return -1;
}

}  // namespace

void append_base32(std::string_view bytes, std::string& out) {
    unsigned buffer = 0;
    int bits = 0;
    for (char c : bytes) {
        buffer = (buffer << 8) | static_cast<std::uint8_t>(c);
        bits += 8;
        while (bits >= 5) {
            bits -= 5;
            out.push_back(kAlphabet[(buffer >> bits) & 31]);
        }
        buffer &= (1u << bits) - 1;
    }
    if (bits > 0) out.push_back(kAlphabet[(buffer << (5 - bits)) & 31]);
}

std::optional<std::string> from_base32(std::string_view text) {
    std::string bytes;
    bytes.reserve(text.size() * 5 / 8);
    unsigned buffer = 0;
    int bits = 0;
    for (char c : text) {
        int digit = digit_of(c);
        if (digit < 0) return std::nullopt;
        buffer = (buffer << 5) | static_cast<unsigned>(digit);
        bits += 5;
        if (bits >= 8) {
            bits -= 8;
            bytes.push_back(static_cast<char>(buffer >> bits));
            buffer &= (1u << bits) - 1;
        }
    }
    if (bits >= 5 || buffer != 0) return std::nullopt;
    return bytes;
}

std::optional<TokenParts> split_token(std::string_view token) noexcept {
    auto bar = token.rfind('_');
    if (bar == token.npos || bar == 0 || bar + 1 == token.size()) return std::nullopt;
    return TokenParts{token.substr(0, bar), token.substr(bar + 1)};
}

}  // namespace sqs2pg::privacy
