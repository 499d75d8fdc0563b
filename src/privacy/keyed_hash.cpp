// HMAC-SHA-256 with kept states, see keyed_hash.h.
#include "privacy/keyed_hash.h"

#include <array>

#include <openssl/crypto.h>

namespace sqs2pg::privacy {
namespace {

constexpr std::size_t kBlockBytes = 64;  // of SHA-256

const EVP_MD* sha256_digest() {
    static const EVP_MD* const digest = EVP_MD_fetch(nullptr, "SHA2-256", nullptr);
    if (digest == nullptr) primitive_failed("SHA-256 is not available");
    return digest;
}

}  // namespace

KeyedHash::Context KeyedHash::new_context() {
    Context context(EVP_MD_CTX_new());
    if (!context) primitive_failed("EVP_MD_CTX_new");
    return context;
}

// The state after the key's block, padded with `pad` (RFC 2104: 0x36 inside, 0x5c outside).
KeyedHash::Context KeyedHash::keyed_state(std::string_view key, unsigned char pad) {
    if (key.size() > kBlockBytes) primitive_failed("a key longer than a block of SHA-256");
    std::array<unsigned char, kBlockBytes> block;
    block.fill(pad);
    for (std::size_t i = 0; i < key.size(); ++i) block[i] ^= static_cast<unsigned char>(key[i]);
    auto context = new_context();
    bool good = EVP_DigestInit_ex2(context.get(), sha256_digest(), nullptr) == 1 &&
                EVP_DigestUpdate(context.get(), block.data(), block.size()) == 1;
    OPENSSL_cleanse(block.data(), block.size());
    if (!good) primitive_failed("the keyed state of HMAC");
    return context;
}

KeyedHash::KeyedHash(std::string_view key)
    : inner_(keyed_state(key, 0x36)), outer_(keyed_state(key, 0x5c)), work_(new_context()) {}

Digest KeyedHash::of(std::string_view head, std::string_view tail) {
    Digest digest;
    unsigned size = 0;
    EVP_MD_CTX* context = work_.get();
    bool good = EVP_MD_CTX_copy_ex(context, inner_.get()) == 1 &&
                (head.empty() || EVP_DigestUpdate(context, head.data(), head.size()) == 1) &&
                (tail.empty() || EVP_DigestUpdate(context, tail.data(), tail.size()) == 1) &&
                EVP_DigestFinal_ex(context, digest.data(), &size) == 1 && size == digest.size() &&
                EVP_MD_CTX_copy_ex(context, outer_.get()) == 1 &&
                EVP_DigestUpdate(context, digest.data(), digest.size()) == 1 &&
                EVP_DigestFinal_ex(context, digest.data(), &size) == 1 && size == digest.size();
    if (!good) primitive_failed("HMAC-SHA-256 of a mask");
    return digest;
}

}  // namespace sqs2pg::privacy
