// The cryptographic primitives that masking and sealing stand on, as pure functions over OpenSSL 3, so that tests can
// hold them against published vectors. A primitive that fails where it cannot fail ends the process: a wrong token or
// an unsealed message would be worse than a stop.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace sqs2pg::privacy {

inline constexpr std::size_t kDigestBytes = 32;
inline constexpr std::size_t kGcmNonceBytes = 12;
inline constexpr std::size_t kGcmTagBytes = 16;
inline constexpr std::size_t kHkdfMostBytes = 255 * kDigestBytes;

using Digest = std::array<std::uint8_t, kDigestBytes>;

// One line on stderr (`what` is a fixed text, never a value), then std::terminate.
[[noreturn]] void primitive_failed(const char* what) noexcept;

// FIPS 180-4.
Digest sha256(std::string_view data);

// RFC 2104 with SHA-256, one shot; any key length.
Digest hmac_sha256(std::string_view key, std::string_view data);

// RFC 5869. nullopt when more than kHkdfMostBytes or nothing is asked for.
std::optional<Secret> hkdf_sha256(std::string_view input_key, std::string_view salt, std::string_view info,
                                  std::size_t length);

// AES-256-GCM (NIST SP 800-38D) with a 32-byte key and a 12-byte nonce, which must never repeat under one key.
// Result: ciphertext, then the 16-byte tag. Ends the process on a key or nonce of another size: that is a bug.
std::string aes_gcm_seal(std::string_view key, std::string_view nonce, std::string_view associated,
                         std::string_view plaintext);

// nullopt when anything was altered, or `sealed` is shorter than a tag. Nothing is released before the tag is verified.
std::optional<std::string> aes_gcm_open(std::string_view key, std::string_view nonce, std::string_view associated,
                                        std::string_view sealed);

// From the operating system's generator, through OpenSSL's.
void fill_random(std::span<std::uint8_t> bytes);

// Lowercase.
std::string to_hex(std::span<const std::uint8_t> bytes);

}  // namespace sqs2pg::privacy
