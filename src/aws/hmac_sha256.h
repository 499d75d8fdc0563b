// SHA-256 and HMAC-SHA-256 on OpenSSL objects that are fetched once: fetching costs more than the digest of a request.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <openssl/types.h>

namespace sqs2pg::aws {

using Digest = std::array<std::uint8_t, 32>;

std::string to_hex(const Digest& digest);

// Not thread-safe. Throws std::runtime_error when OpenSSL cannot provide the algorithm (start-up only).
class Sha256 {
   public:
    Sha256();
    Digest operator()(std::string_view text);

   private:
    std::shared_ptr<EVP_MD> algorithm_;
    std::shared_ptr<EVP_MD_CTX> context_;
};

// Keyed once, used often. The key lives in OpenSSL's object, which wipes it. Not thread-safe.
class HmacSha256 {
   public:
    HmacSha256();
    void set_key(std::string_view key);
    Digest operator()(std::string_view text);

   private:
    std::shared_ptr<EVP_MAC> algorithm_;
    std::shared_ptr<EVP_MAC_CTX> context_;
};

}  // namespace sqs2pg::aws
