// SHA-256 and HMAC-SHA-256 on plain hash states: a request is signed in a microsecond, of which OpenSSL's objects took
// a third to be allocated, copied and wiped.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#define OPENSSL_SUPPRESS_DEPRECATED  // see hmac_sha256.cpp
#include <openssl/sha.h>

namespace sqs2pg::aws {

using Digest = std::array<std::uint8_t, 32>;

std::string to_hex(const Digest& digest);

// Throws std::runtime_error when OpenSSL refuses, which it does not.
Digest sha256(std::string_view text);

// Keyed once, used often. Its states stand for the key: they are wiped. Not thread-safe.
class HmacSha256 {
   public:
    HmacSha256() = default;
    HmacSha256(const HmacSha256&) = delete;
    HmacSha256& operator=(const HmacSha256&) = delete;
    ~HmacSha256();

    void set_key(std::string_view key);  // of any length
    Digest operator()(std::string_view text) const;

   private:
    SHA256_CTX inner_{};
    SHA256_CTX outer_{};
};

}  // namespace sqs2pg::aws
