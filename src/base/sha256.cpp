// Digests, see sha256.h.
//
// OpenSSL's low-level functions: a state is copied by assignment. They choose the CPU's SHA instructions at run time
// just as its EVP objects do.
#include "base/sha256.h"

#include <cstdlib>

#include <openssl/crypto.h>

namespace sqs2pg {
namespace {

// A wrong digest would be a wrong token, or a message written twice: there is nothing sensible to go on with. It cannot
// happen: the functions fail for nothing but null pointers.
void require(int done) {
    if (done != 1) std::abort();
}

void update(SHA256_CTX& state, std::string_view text) {
    if (!text.empty()) require(SHA256_Update(&state, text.data(), text.size()));
}

Sha256Digest finish(SHA256_CTX& state) {
    Sha256Digest digest;
    require(SHA256_Final(digest.data(), &state));
    return digest;
}

// The state after the key's block, padded with `pad` (RFC 2104: 0x36 inside, 0x5c outside).
void begin_keyed(SHA256_CTX& state, std::string_view key, unsigned char pad) {
    std::array<unsigned char, SHA256_CBLOCK> block;
    block.fill(pad);
    for (std::size_t i = 0; i < key.size(); ++i) block[i] ^= static_cast<unsigned char>(key[i]);
    require(SHA256_Init(&state));
    require(SHA256_Update(&state, block.data(), block.size()));
    OPENSSL_cleanse(block.data(), block.size());
}

}  // namespace

Sha256Digest sha256(std::initializer_list<std::string_view> parts) {
    SHA256_CTX state;
    require(SHA256_Init(&state));
    for (auto part : parts) update(state, part);
    return finish(state);
}

std::string_view view_of(const Sha256Digest& digest) {
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

Sha256Hex::Sha256Hex(const Sha256Digest& digest) {
    static constexpr char kDigits[] = "0123456789abcdef";
    for (std::size_t i = 0; i < digest.size(); ++i) {
        digits_[2 * i] = kDigits[digest[i] >> 4];
        digits_[2 * i + 1] = kDigits[digest[i] & 15];
    }
}

std::string to_hex(const Sha256Digest& digest) { return std::string(Sha256Hex(digest).view()); }

HmacSha256::~HmacSha256() {
    for (auto* state : {&inner_, &outer_, &work_}) OPENSSL_cleanse(state, sizeof *state);
}

void HmacSha256::set_key(std::string_view key) {
    Sha256Digest shorter{};
    if (key.size() > SHA256_CBLOCK) {
        shorter = sha256({key});
        key = view_of(shorter);
    }
    begin_keyed(inner_, key, 0x36);
    begin_keyed(outer_, key, 0x5c);
    OPENSSL_cleanse(shorter.data(), shorter.size());
}

Sha256Digest HmacSha256::of(std::string_view head, std::string_view tail) {
    work_ = inner_;
    update(work_, head);
    update(work_, tail);
    const auto inside = finish(work_);
    work_ = outer_;
    update(work_, view_of(inside));
    return finish(work_);
}

}  // namespace sqs2pg
