// The ledger's key, see message.h.
#include "pipeline/message.h"

#define OPENSSL_SUPPRESS_DEPRECATED  // SHA256_*
#include <openssl/sha.h>

#include <cstdlib>
#include <cstring>

namespace sqs2pg::pipeline {

namespace {

constexpr std::size_t kTimeBytes = 6;   // 48 bits
constexpr std::size_t kHashBytes = 10;  // 80 bits

}  // namespace

LedgerKey ledger_key(std::string_view queue_identity, std::string_view message_id, std::int64_t sent_ms) {
    // Low-level, since the EVP layer took longer than the two blocks that are hashed here.
    SHA256_CTX digest;
    unsigned char hash[SHA256_DIGEST_LENGTH];
    const char separator = '\0';
    bool done = SHA256_Init(&digest) == 1 &&
                SHA256_Update(&digest, queue_identity.data(), queue_identity.size()) == 1 &&
                SHA256_Update(&digest, &separator, 1) == 1 &&
                SHA256_Update(&digest, message_id.data(), message_id.size()) == 1 && SHA256_Final(hash, &digest) == 1;
    if (!done) std::abort();  // a wrong key would write a message twice; there is nothing sensible to go on with

    LedgerKey key;
    auto time = static_cast<std::uint64_t>(sent_ms);
    for (std::size_t i = 0; i < kTimeBytes; ++i) {
        key.bytes[i] = static_cast<std::uint8_t>(time >> (8 * (kTimeBytes - 1 - i)));
    }
    std::memcpy(key.bytes.data() + kTimeBytes, hash, kHashBytes);
    return key;
}

std::string to_uuid_text(const LedgerKey& key) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    text.reserve(36);
    for (std::size_t i = 0; i < key.bytes.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) text.push_back('-');
        text.push_back(kDigits[key.bytes[i] >> 4]);
        text.push_back(kDigits[key.bytes[i] & 15]);
    }
    return text;
}

}  // namespace sqs2pg::pipeline
