// Digests, see hmac_sha256.h.
#include "aws/hmac_sha256.h"

#include <stdexcept>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

namespace sqs2pg::aws {
namespace {

void require(bool done) {
    if (!done) throw std::runtime_error("OpenSSL refuses SHA-256 or HMAC");
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

Sha256::Sha256()
    : algorithm_(EVP_MD_fetch(nullptr, "SHA256", nullptr), EVP_MD_free), context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
    require(algorithm_ && context_);
}

Digest Sha256::operator()(std::string_view text) {
    Digest digest;
    unsigned length = 0;
    require(EVP_DigestInit_ex2(context_.get(), algorithm_.get(), nullptr) == 1 &&
            EVP_DigestUpdate(context_.get(), text.data(), text.size()) == 1 &&
            EVP_DigestFinal_ex(context_.get(), digest.data(), &length) == 1 && length == digest.size());
    return digest;
}

HmacSha256::HmacSha256()
    : algorithm_(EVP_MAC_fetch(nullptr, "HMAC", nullptr), EVP_MAC_free),
      context_(algorithm_ ? EVP_MAC_CTX_new(algorithm_.get()) : nullptr, EVP_MAC_CTX_free) {
    require(algorithm_ && context_);
}

void HmacSha256::set_key(std::string_view key) {
    std::string name = "SHA256";
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.data(), name.size()),
                                     OSSL_PARAM_construct_end()};
    require(EVP_MAC_init(context_.get(), reinterpret_cast<const unsigned char*>(key.data()), key.size(), parameters) ==
            1);
}

Digest HmacSha256::operator()(std::string_view text) {
    Digest digest;
    std::size_t length = 0;
    // Without a key: begin again with the one that is set.
    require(EVP_MAC_init(context_.get(), nullptr, 0, nullptr) == 1 &&
            EVP_MAC_update(context_.get(), reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1 &&
            EVP_MAC_final(context_.get(), digest.data(), &length, digest.size()) == 1 && length == digest.size());
    return digest;
}

}  // namespace sqs2pg::aws
