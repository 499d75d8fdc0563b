// HMAC-SHA-256 with kept states, see keyed_hash.h.
//
// OpenSSL's low-level functions: a state is copied by assignment, where EVP_MD_CTX_copy_ex allocates, frees and wipes
// one each time, which took longer than the hashing. They choose the CPU's SHA instructions at run time just the same.
#include "privacy/keyed_hash.h"

#include <array>

#include <openssl/crypto.h>

namespace sqs2pg::privacy {
namespace {

constexpr std::size_t kBlockBytes = SHA256_CBLOCK;

// The state after the key's block, padded with `pad` (RFC 2104: 0x36 inside, 0x5c outside).
void begin_keyed(SHA256_CTX& state, std::string_view key, unsigned char pad) {
    std::array<unsigned char, kBlockBytes> block;
    block.fill(pad);
    for (std::size_t i = 0; i < key.size(); ++i) block[i] ^= static_cast<unsigned char>(key[i]);
    bool good = SHA256_Init(&state) == 1 && SHA256_Update(&state, block.data(), block.size()) == 1;
    OPENSSL_cleanse(block.data(), block.size());
    if (!good) primitive_failed("the keyed state of HMAC");
}

}  // namespace

KeyedHash::KeyedHash(std::string_view key) {
    if (key.size() > kBlockBytes) primitive_failed("a key longer than a block of SHA-256");
    begin_keyed(inner_, key, 0x36);
    begin_keyed(outer_, key, 0x5c);
    work_ = inner_;
}

KeyedHash::~KeyedHash() {
    for (auto* state : {&inner_, &outer_, &work_}) OPENSSL_cleanse(state, sizeof *state);
}

Digest KeyedHash::of(std::string_view head, std::string_view tail) {
    Digest digest;
    static_assert(sizeof digest == SHA256_DIGEST_LENGTH);
    work_ = inner_;
    bool good = (head.empty() || SHA256_Update(&work_, head.data(), head.size()) == 1) &&
                (tail.empty() || SHA256_Update(&work_, tail.data(), tail.size()) == 1) &&
                SHA256_Final(digest.data(), &work_) == 1;
    work_ = outer_;
    good = good && SHA256_Update(&work_, digest.data(), digest.size()) == 1 && SHA256_Final(digest.data(), &work_) == 1;
    if (!good) primitive_failed("HMAC-SHA-256 of a mask");
    return digest;
}

}  // namespace sqs2pg::privacy
