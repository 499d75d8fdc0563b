// One form for each value before it is masked, so that two spellings of one address become one token. Pure.
// Source: docs/masking.md, "Canonical forms"; RFC 4291 for IPv6 texts.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace sqs2pg::privacy {

// The canonical bytes of an address, or of what should have been one.
struct CanonicalIp {
    std::array<char, 17> buffer{};  // 04 + 4 bytes, or 06 + 16 bytes
    std::uint8_t size = 0;          // 5 or 17; 0: not an address, and its canonical form is 00 + the raw text

    std::string_view bytes() const noexcept { return {buffer.data(), size}; }
};

// Strict, as inet_pton(3): IPv4 as four decimal numbers without leading zeros, IPv6 as in RFC 4291; a v4-mapped IPv6
// address
// (::ffff:a.b.c.d) counts as IPv4. Zone ids, prefixes, ports, brackets and blanks are not addresses.
CanonicalIp canonical_ip(std::string_view text) noexcept;

// The network of an address: its first 24 bits of IPv4, 48 of IPv6, the rest zero.
inline constexpr unsigned kNetworkBitsFour = 24;
inline constexpr unsigned kNetworkBitsSix = 48;
CanonicalIp network_of(CanonicalIp address) noexcept;

// Appends an address as PostgreSQL's inet prints one: `192.0.2.1`, `2001:db8::1`.
void append_ip(const CanonicalIp& address, std::string& out);
inline constexpr std::size_t kLongestIp = 39;  // eight groups of IPv6

}  // namespace sqs2pg::privacy
