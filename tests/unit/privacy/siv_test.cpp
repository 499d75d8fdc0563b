// AES-256-SIV against published vectors, and against another library's.
#include "privacy/siv.h"

#include <thread>
#include <vector>

#include <openssl/evp.h>

#include <gtest/gtest.h>

#include "unit/privacy/wycheproof.h"

namespace sqs2pg::privacy {
namespace {

using testing_vectors::for_each_vector;
using testing_vectors::from_hex;
using testing_vectors::Vector;

std::string key_of(char first) {
    std::string key;
    for (std::size_t i = 0; i < kSivKeyBytes; ++i) key.push_back(static_cast<char>(first + static_cast<int>(i)));
    return key;
}

std::string sealed(Siv& siv, std::string_view plaintext, std::span<const std::string_view> associated = {}) {
    std::string out;
    siv.seal(plaintext, out, associated);
    return out;
}

// A fresh context of OpenSSL for each value, since a reused one cannot be trusted.
std::string openssl_sealed(std::string_view key, std::string_view plaintext) {
    auto* cipher = EVP_CIPHER_fetch(nullptr, "AES-256-SIV", nullptr);
    auto* context = EVP_CIPHER_CTX_new();
    std::string out(kSivTagBytes + plaintext.size(), '\0');
    auto* bytes = reinterpret_cast<unsigned char*>(out.data());
    int done = 0;
    bool good = cipher != nullptr &&
                EVP_EncryptInit_ex2(context, cipher, reinterpret_cast<const unsigned char*>(key.data()), nullptr,
                                    nullptr) == 1 &&
                EVP_EncryptUpdate(context, bytes + kSivTagBytes, &done,
                                  reinterpret_cast<const unsigned char*>(plaintext.data()),
                                  static_cast<int>(plaintext.size())) == 1 &&
                EVP_EncryptFinal_ex(context, bytes + kSivTagBytes + done, &done) == 1 &&
                EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kSivTagBytes, bytes) == 1;
    EVP_CIPHER_CTX_free(context);
    EVP_CIPHER_free(cipher);
    return good ? out : "failed";
}

TEST(Siv, WycheproofDeterministic) {
    std::size_t used = 0;
    auto count = for_each_vector("aes_siv_cmac_test.json", [&](const Vector& vector) {
        auto key = from_hex(vector.text("key"));
        if (key.size() != kSivKeyBytes) return;
        ++used;
        auto siv = Siv::make(key).value();
        auto plaintext = from_hex(vector.text("msg"));
        auto ciphertext = from_hex(vector.text("ct"));
        auto text = from_hex(vector.text("aad"));
        std::string_view associated[] = {text};
        auto opened = siv.open(ciphertext, associated);
        if (vector.valid()) {
            EXPECT_EQ(sealed(siv, plaintext, associated), ciphertext) << vector.text("tcId");
            EXPECT_EQ(opened, plaintext) << vector.text("tcId");
        } else {
            EXPECT_FALSE(opened) << vector.text("tcId");
        }
    });
    if (count == 0) GTEST_SKIP() << "no vectors";
    EXPECT_EQ(count, 442u);
    EXPECT_EQ(used, 147u);
}

// The nonce is the last vector before the plaintext (RFC 5297, 3); tag and ciphertext stand apart in the file.
TEST(Siv, WycheproofWithNonces) {
    std::size_t used = 0;
    auto count = for_each_vector("aead_aes_siv_cmac_test.json", [&](const Vector& vector) {
        auto key = from_hex(vector.text("key"));
        if (key.size() != kSivKeyBytes) return;
        ++used;
        auto siv = Siv::make(key).value();
        auto plaintext = from_hex(vector.text("msg"));
        auto ciphertext = from_hex(vector.text("tag")) + from_hex(vector.text("ct"));
        auto text = from_hex(vector.text("aad"));
        auto nonce = from_hex(vector.text("iv"));
        std::string_view associated[] = {text, nonce};
        auto opened = siv.open(ciphertext, associated);
        if (vector.valid()) {
            EXPECT_EQ(sealed(siv, plaintext, associated), ciphertext) << vector.text("tcId");
            EXPECT_EQ(opened, plaintext) << vector.text("tcId");
        } else {
            EXPECT_FALSE(opened) << vector.text("tcId");
        }
    });
    if (count == 0) GTEST_SKIP() << "no vectors";
    EXPECT_EQ(count, 900u);
    EXPECT_EQ(used, 300u);
}

TEST(Siv, OpenSslSealsTheSame) {
    auto key = key_of(7);
    auto siv = Siv::make(key).value();
    std::string plaintext;
    for (int length = 1; length <= 70; ++length) {
        plaintext.push_back(static_cast<char>(length * 37));
        EXPECT_EQ(sealed(siv, plaintext), openssl_sealed(key, plaintext)) << length;
    }
}

TEST(Siv, OpensWhatItSealedAndNothingElse) {
    auto siv = Siv::make(key_of(1)).value();
    auto other = Siv::make(key_of(2)).value();
    auto good = sealed(siv, "593-47-5928");
    EXPECT_EQ(siv.open(good), "593-47-5928");
    EXPECT_EQ(siv.open(good), "593-47-5928");
    EXPECT_FALSE(other.open(good));
    for (std::size_t i = 0; i < good.size(); ++i) {
        auto bad = good;
        bad[i] = static_cast<char>(bad[i] ^ 1);
        EXPECT_FALSE(siv.open(bad)) << i;
    }
    EXPECT_FALSE(siv.open(good.substr(0, good.size() - 1)));
    EXPECT_FALSE(siv.open(""));
    std::string_view associated[] = {"x"};
    EXPECT_FALSE(siv.open(good, associated));
    EXPECT_EQ(siv.open(good), "593-47-5928");  // a refused text leaves nothing behind
}

TEST(Siv, AppendsToWhatStandsThere) {
    auto siv = Siv::make(key_of(1)).value();
    std::string out = "before ";
    siv.seal("a", out);
    EXPECT_EQ(out, "before " + sealed(siv, "a"));
}

TEST(Siv, ThreadsMayEachMakeTheirOwn) {
    auto expected = openssl_sealed(key_of(3), "value");
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] {
            for (int round = 0; round < 50; ++round) {
                auto siv = Siv::make(key_of(3)).value();
                EXPECT_EQ(sealed(siv, "value"), expected);
            }
        });
    }
    for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace sqs2pg::privacy
