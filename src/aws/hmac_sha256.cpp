// Digests, see hmac_sha256.h.
//
// OpenSSL's low-level functions: a state is copied by assignment. They choose the CPU's SHA instructions at run time
// just as its EVP objects do.
#include "aws/hmac_sha256.h"

#include <stdexcept>

#include <openssl/crypto.h>

namespace sqs2pg::aws {
namespace {

void require(bool done) {
    if (!done) throw std::runtime_error("OpenSSL refuses SHA-256 or HMAC");
}

Digest finish(SHA256_CTX& state, std::string_view text) {
    Digest digest;
    static_assert(sizeof digest == SHA256_DIGEST_LENGTH);
    require(SHA256_Update(&state, text.data(), text.size()) == 1 && SHA256_Final(digest.data(), &state) == 1);
    return digest;
}

std::string_view view_of(const Digest& digest) { return {reinterpret_cast<const char*>(digest.data()), digest.size()}; }

// The state after the key's block, padded with `pad` (RFC 2104: 0x36 inside, 0x5c outside).
void begin_keyed(SHA256_CTX& state, std::string_view key, unsigned char pad) {
    std::array<unsigned char, SHA256_CBLOCK> block;
    block.fill(pad);
    for (std::size_t i = 0; i < key.size(); ++i) block[i] ^= static_cast<unsigned char>(key[i]);
    bool good = SHA256_Init(&state) == 1 && SHA256_Update(&state, block.data(), block.size()) == 1;
    OPENSSL_cleanse(block.data(), block.size());
    require(good);
}

}  // namespace

std::string to_hex(const Digest& digest) {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text(64, '0');
    for (std::size_t i = 0; i < digest.size(); ++i) {
        text[2 * i] = kDigits[digest[i] >> 4];
        text[2 * i + 1] = kDigits[digest[i] & 15];
    }
    return text;
}

Digest sha256(std::string_view text) {
    SHA256_CTX state;
    require(SHA256_Init(&state) == 1);
    return finish(state, text);
}

HmacSha256::~HmacSha256() {
    OPENSSL_cleanse(&inner_, sizeof inner_);
    OPENSSL_cleanse(&outer_, sizeof outer_);
}

void HmacSha256::set_key(std::string_view key) {
    Digest shorter{};
    if (key.size() > SHA256_CBLOCK) {
        shorter = sha256(key);
        key = view_of(shorter);
    }
    begin_keyed(inner_, key, 0x36);
    begin_keyed(outer_, key, 0x5c);
    OPENSSL_cleanse(shorter.data(), shorter.size());
}

Digest HmacSha256::operator()(std::string_view text) const {
    auto state = inner_;
    const auto inside = finish(state, text);
    state = outer_;
    return finish(state, view_of(inside));
}

}  // namespace sqs2pg::aws
