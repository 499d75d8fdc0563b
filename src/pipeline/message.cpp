// The ledger's key, see message.h.
#include "pipeline/message.h"

#include <openssl/evp.h>

#include <cstdlib>
#include <cstring>

namespace sqs2pg::pipeline {

namespace {

constexpr std::size_t kTimeBytes = 6;   // 48 bits
constexpr std::size_t kHashBytes = 10;  // 80 bits

// Fetched once: an implicit fetch a digest costs more than the digest (OpenSSL 3 migration guide, "explicit fetching").
const EVP_MD* sha256() {
    static const EVP_MD* algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    return algorithm;
}

struct DigestContext {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    ~DigestContext() { EVP_MD_CTX_free(context); }
};

}  // namespace

LedgerKey ledger_key(std::string_view queue_identity, std::string_view message_id, std::int64_t sent_ms) {
    thread_local DigestContext digest;
    unsigned char hash[EVP_MAX_MD_SIZE];
    const char separator = '\0';
    bool done = digest.context != nullptr && EVP_DigestInit_ex2(digest.context, sha256(), nullptr) == 1 &&
                EVP_DigestUpdate(digest.context, queue_identity.data(), queue_identity.size()) == 1 &&
                EVP_DigestUpdate(digest.context, &separator, 1) == 1 &&
                EVP_DigestUpdate(digest.context, message_id.data(), message_id.size()) == 1 &&
                EVP_DigestFinal_ex(digest.context, hash, nullptr) == 1;
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
