// SHA-256 and HMAC-SHA-256 on plain hash states, for signatures, masks and the ledger's keys: OpenSSL's objects take
// longer to be allocated, copied and wiped than these short texts take to be hashed. Sources: FIPS 180-4, RFC 2104.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#define OPENSSL_SUPPRESS_DEPRECATED  // see sha256.cpp
#include <openssl/sha.h>

namespace sqs2pg {

using Sha256Digest = std::array<std::uint8_t, SHA256_DIGEST_LENGTH>;

// Of the parts, one after the other.
Sha256Digest sha256(std::initializer_list<std::string_view> parts);

std::string_view view_of(const Sha256Digest& digest);

// Lower-case hex digits of a digest. Made for every request of the queue's client: without an allocation.
class Sha256Hex {
   public:
    explicit Sha256Hex(const Sha256Digest& digest);
    std::string_view view() const { return {digits_.data(), digits_.size()}; }

   private:
    std::array<char, std::size_t{2} * SHA256_DIGEST_LENGTH> digits_;
};

std::string to_hex(const Sha256Digest& digest);

// HMAC under one key for many texts: the two states that follow the key's padded blocks are kept and copied for each.
// They stand for the key, so they are wiped. Not thread-safe.
class HmacSha256 {
   public:
    HmacSha256() = default;  // set_key() comes before the first of()
    explicit HmacSha256(std::string_view key) { set_key(key); }
    HmacSha256(const HmacSha256&) = delete;
    HmacSha256& operator=(const HmacSha256&) = delete;
    ~HmacSha256();

    void set_key(std::string_view key);  // of any length
    // Of `head` followed by `tail`.
    Sha256Digest of(std::string_view head, std::string_view tail = {});

   private:
    SHA256_CTX inner_{}, outer_{}, work_{};
};

}  // namespace sqs2pg
