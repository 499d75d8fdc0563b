// Base64 by a table, see base64.h.
#include "base/base64.h"

#include <openssl/evp.h>

#include <array>
#include <cstdint>

namespace sqs2pg {

namespace {

constexpr std::uint8_t kNoDigit = 0xff;
constexpr std::uint8_t kBlank = 0xfe;

constexpr std::array<std::uint8_t, 256> make_table() {
    std::array<std::uint8_t, 256> table{};
    table.fill(kNoDigit);
    for (std::uint8_t i = 0; i < 26; ++i) {
        table[static_cast<std::size_t>('A' + i)] = i;
        table[static_cast<std::size_t>('a' + i)] = static_cast<std::uint8_t>(26 + i);
    }
    for (std::uint8_t i = 0; i < 10; ++i) table[static_cast<std::size_t>('0' + i)] = static_cast<std::uint8_t>(52 + i);
    table['+'] = table['-'] = 62;
    table['/'] = table['_'] = 63;
    for (char blank : {' ', '\t', '\r', '\n'}) table[static_cast<std::size_t>(blank)] = kBlank;
    return table;
}

constexpr auto kTable = make_table();

bool decode(std::string_view text, bool blanks, std::string& out) {
    auto is_blank = [&](char c) { return blanks && kTable[static_cast<unsigned char>(c)] == kBlank; };
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    for (int padding = 0; padding < 2 && !text.empty() && text.back() == '='; ++padding) text.remove_suffix(1);
    out.resize(text.size() / 4 * 3 + 3);
    auto* to = out.data();
    std::uint32_t bits = 0;
    int held = 0;
    for (char c : text) {
        auto digit = kTable[static_cast<unsigned char>(c)];
        if (digit == kBlank && blanks) continue;
        if (digit >= 64) return false;
        bits = (bits << 6) | digit;
        held += 6;
        if (held < 8) continue;
        held -= 8;
        *to++ = static_cast<char>((bits >> held) & 0xff);
    }
    out.resize(static_cast<std::size_t>(to - out.data()));
    return held < 6;  // one digit alone is no byte
}

}  // namespace

std::string encode_base64(std::string_view bytes) {
    std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');  // OpenSSL ends it with NUL
    const auto length =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                        reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(length));
    return text;
}

bool decode_base64(std::string_view text, std::string& out) { return decode(text, false, out); }

bool decode_base64_lines(std::string_view text, std::string& out) { return decode(text, true, out); }

}  // namespace sqs2pg
