// OpenSSL behind the pure functions of primitives.h. Every return code is checked.
#include "privacy/primitives.h"

#include <algorithm>
#include <climits>
#include <cstdio>
#include <exception>
#include <memory>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "base/sha256.h"

namespace sqs2pg::privacy {
namespace {

const unsigned char* bytes_of(std::string_view text) noexcept {
    // OpenSSL reads a null pointer as "not given", which an empty input is not.
    static constexpr unsigned char kNothing = 0;
    return text.empty() ? &kNothing : reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytes_of(std::string& text) noexcept { return reinterpret_cast<unsigned char*>(text.data()); }

int int_size(std::string_view text) {
    if (text.size() > INT_MAX - 64) primitive_failed("an input of 2 GiB");
    return static_cast<int>(text.size());
}

struct CipherContextEnd {
    void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, CipherContextEnd>;

// Fetched once: an implicit fetch costs more than sealing a short message.
const EVP_CIPHER* aes_256_gcm() {
    static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
    if (cipher == nullptr) primitive_failed("AES-256-GCM is not available");
    return cipher;
}

CipherContext new_cipher_context(std::string_view key, std::string_view nonce) {
    if (key.size() != 32 || nonce.size() != kGcmNonceBytes)
        primitive_failed("AES-256-GCM got a key or nonce of a wrong size");
    CipherContext context(EVP_CIPHER_CTX_new());
    if (!context) primitive_failed("EVP_CIPHER_CTX_new");
    return context;
}

}  // namespace

void primitive_failed(const char* what) noexcept {
    std::fprintf(stderr, "sqs2pg: a cryptographic primitive failed (%s); ending rather than emit a wrong result\n",
                 what);
    std::terminate();
}

Digest sha256(std::string_view data) { return sqs2pg::sha256({data}); }

Digest hmac_sha256(std::string_view key, std::string_view data) { return HmacSha256(key).of(data); }

std::optional<Secret> hkdf_sha256(std::string_view input_key, std::string_view salt, std::string_view info,
                                  std::size_t length) {
    if (length == 0 || length > kHkdfMostBytes) return std::nullopt;
    // RFC 5869: an empty salt is 32 zero bytes, which HMAC's own padding makes of an empty key.
    Digest extracted = hmac_sha256(salt, input_key);
    std::string_view pseudorandom(reinterpret_cast<const char*>(extracted.data()), extracted.size());

    std::string out(length, '\0');
    std::string block;
    block.reserve(kDigestBytes + info.size() + 1);
    Digest step{};
    std::size_t done = 0;
    for (unsigned counter = 1; done < length; ++counter) {
        block.clear();
        if (counter > 1) block.append(reinterpret_cast<const char*>(step.data()), step.size());
        block.append(info);
        block.push_back(static_cast<char>(counter));
        step = hmac_sha256(pseudorandom, block);
        auto take = std::min(step.size(), length - done);
        std::copy_n(step.begin(), take, out.begin() + static_cast<std::ptrdiff_t>(done));
        done += take;
    }
    OPENSSL_cleanse(extracted.data(), extracted.size());
    OPENSSL_cleanse(step.data(), step.size());
    OPENSSL_cleanse(block.data(), block.size());
    return Secret(std::move(out));
}

std::string aes_gcm_seal(std::string_view key, std::string_view nonce, std::string_view associated,
                         std::string_view plaintext) {
    auto context = new_cipher_context(key, nonce);
    std::string out(plaintext.size() + kGcmTagBytes, '\0');
    int written = 0;
    int tail = 0;
    bool good = EVP_EncryptInit_ex2(context.get(), aes_256_gcm(), bytes_of(key), bytes_of(nonce), nullptr) == 1;
    // The associated data first: an empty one is not announced at all (a null output marks it).
    good = good && (associated.empty() ||
                    EVP_EncryptUpdate(context.get(), nullptr, &tail, bytes_of(associated), int_size(associated)) == 1);
    good = good && (plaintext.empty() || EVP_EncryptUpdate(context.get(), bytes_of(out), &written, bytes_of(plaintext),
                                                           int_size(plaintext)) == 1);
    good = good && EVP_EncryptFinal_ex(context.get(), bytes_of(out) + written, &tail) == 1;
    good = good && written + tail == int_size(plaintext);
    good = good && EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kGcmTagBytes,
                                       bytes_of(out) + plaintext.size()) == 1;
    if (!good) primitive_failed("AES-256-GCM sealing");
    return out;
}

std::optional<std::string> aes_gcm_open(std::string_view key, std::string_view nonce, std::string_view associated,
                                        std::string_view sealed) {
    if (sealed.size() < kGcmTagBytes) return std::nullopt;
    auto context = new_cipher_context(key, nonce);
    auto ciphertext = sealed.substr(0, sealed.size() - kGcmTagBytes);
    std::string tag(sealed.substr(ciphertext.size()));
    // One byte more than needed keeps the pointer of an empty output valid.
    std::string out(ciphertext.size() + 1, '\0');
    int written = 0;
    int tail = 0;
    bool good = EVP_DecryptInit_ex2(context.get(), aes_256_gcm(), bytes_of(key), bytes_of(nonce), nullptr) == 1;
    good = good && (associated.empty() ||
                    EVP_DecryptUpdate(context.get(), nullptr, &tail, bytes_of(associated), int_size(associated)) == 1);
    good = good && (ciphertext.empty() || EVP_DecryptUpdate(context.get(), bytes_of(out), &written,
                                                            bytes_of(ciphertext), int_size(ciphertext)) == 1);
    good = good && EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kGcmTagBytes, tag.data()) == 1;
    if (!good) primitive_failed("AES-256-GCM opening");
    if (EVP_DecryptFinal_ex(context.get(), bytes_of(out) + written, &tail) != 1) {
        OPENSSL_cleanse(out.data(), out.size());
        return std::nullopt;
    }
    out.resize(ciphertext.size());
    return out;
}

void fill_random(std::span<std::uint8_t> bytes) {
    if (bytes.size() > INT_MAX || RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
        primitive_failed("the random generator");
    }
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (auto byte : bytes) {
        out.push_back(kDigits[byte >> 4]);
        out.push_back(kDigits[byte & 15]);
    }
    return out;
}

}  // namespace sqs2pg::privacy
