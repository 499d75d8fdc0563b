// The text of tokens: the key's id, `_`, and bytes in lower-case base32 (RFC 4648, without padding). Lower case and
// digits survive every collation, lower() and copying by hand. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sqs2pg::privacy {

// Characters of `bytes` bytes in base32.
constexpr std::size_t base32_characters(std::size_t bytes) noexcept { return (bytes * 8 + 4) / 5; }

void append_base32(std::string_view bytes, std::string& out);

// nullopt for another alphabet, an impossible length, or bits left over that are not zero: one text a value.
std::optional<std::string> from_base32(std::string_view text);

struct TokenParts {
    std::string_view key_id;
    std::string_view text;  // base32
};

// Views into `token`; nullopt when there is no `_` with something on both sides.
std::optional<TokenParts> split_token(std::string_view token) noexcept;

}  // namespace sqs2pg::privacy
