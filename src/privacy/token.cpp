// The text of tokens, see token.h.
#include "privacy/token.h"

#include <algorithm>
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
    auto to = out.size();
    out.resize(to + base32_characters(bytes.size()));
    // Five bytes are eight characters; what is missing of the last five counts as zero.
    for (; !bytes.empty(); bytes.remove_prefix(std::min<std::size_t>(5, bytes.size()))) {
        std::uint64_t group = 0;
        for (std::size_t i = 0; i < 5; ++i) group = group << 8 | (i < bytes.size() ? std::uint8_t(bytes[i]) : 0u);
        for (unsigned shift = 40; shift > 0 && to < out.size(); shift -= 5) {
            out[to++] = kAlphabet[(group >> (shift - 5)) & 31];
        }
    }
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
