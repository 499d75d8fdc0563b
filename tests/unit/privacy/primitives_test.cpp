// Our primitives against OpenSSL's own one-shot forms, against RFC vectors, and against vectors that nobody here wrote.
#include "privacy/primitives.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <gtest/gtest.h>

#include "unit/privacy/wycheproof.h"

namespace sqs2pg::privacy {
namespace {

using testing_vectors::for_each_vector;
using testing_vectors::from_hex;
using testing_vectors::Vector;

std::string text_of(const Digest& digest) { return {digest.begin(), digest.end()}; }

TEST(Primitives, Sha256OfAbcIsTheStandardsExample) {
    EXPECT_EQ(to_hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(to_hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Primitives, HmacFitsRfc4231Case2) {
    EXPECT_EQ(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Primitives, HkdfFitsOpenSslsOwn) {
    for (std::size_t length : {1u, 16u, 32u, 33u, 64u, 255u, 8160u}) {
        std::string key = "thirty-two bytes of a root key..";
        std::string info = "sqs2pg/v1/some-purpose";
        std::string expected(length, '\0');
        EVP_KDF* kdf = EVP_KDF_fetch(nullptr, "HKDF", nullptr);
        EVP_KDF_CTX* context = EVP_KDF_CTX_new(kdf);
        char digest[] = "SHA256";
        OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
                               OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, key.data(), key.size()),
                               OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info.data(), info.size()),
                               OSSL_PARAM_construct_end()};
        ASSERT_EQ(EVP_KDF_derive(context, reinterpret_cast<unsigned char*>(expected.data()), length, params), 1);
        EVP_KDF_CTX_free(context);
        EVP_KDF_free(kdf);
        auto derived = hkdf_sha256(key, "", info, length);
        ASSERT_TRUE(derived);
        EXPECT_EQ(derived->reveal(), expected) << length;
    }
}

TEST(Primitives, HkdfRefusesLengthsThatItCannotGive) {
    EXPECT_FALSE(hkdf_sha256("key", "", "info", 0));
    EXPECT_FALSE(hkdf_sha256("key", "", "info", kHkdfMostBytes + 1));
}

TEST(Primitives, GcmOpensWhatItSealedOfAnyLength) {
    std::string key(32, 'k');
    std::string nonce(12, 'n');
    for (std::size_t size : {0u, 1u, 15u, 16u, 17u, 4096u, 1u << 20}) {
        std::string plaintext(size, 'p');
        auto sealed = aes_gcm_seal(key, nonce, "about", plaintext);
        EXPECT_EQ(sealed.size(), size + kGcmTagBytes);
        auto opened = aes_gcm_open(key, nonce, "about", sealed);
        ASSERT_TRUE(opened) << size;
        EXPECT_EQ(*opened, plaintext);
    }
}

TEST(Primitives, GcmRefusesEveryFlippedBit) {
    std::string key(32, 'k');
    std::string nonce(12, 'n');
    auto sealed = aes_gcm_seal(key, nonce, "about", "plain");
    for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
        auto altered = sealed;
        altered[bit / 8] = static_cast<char>(altered[bit / 8] ^ (1 << (bit % 8)));
        EXPECT_FALSE(aes_gcm_open(key, nonce, "about", altered)) << bit;
    }
    EXPECT_FALSE(aes_gcm_open(key, nonce, "abouT", sealed));
    EXPECT_FALSE(aes_gcm_open(key, nonce, "", sealed));
    EXPECT_FALSE(aes_gcm_open(key, nonce, "about", sealed.substr(0, 15)));
}

TEST(PrimitivesDeathTest, GcmEndsTheProcessOnAKeyOfAWrongSize) {
    EXPECT_DEATH(aes_gcm_seal("short", std::string(12, 'n'), "", "secret text"), "primitive failed");
}

TEST(Primitives, RandomBytesDiffer) {
    std::array<std::uint8_t, 32> one{};
    std::array<std::uint8_t, 32> two{};
    fill_random(one);
    fill_random(two);
    EXPECT_NE(one, two);
}

TEST(Wycheproof, HmacSha256) {
    std::size_t valid = 0;
    std::size_t all = for_each_vector("hmac_sha256_test.json", [&](const Vector& vector) {
        auto tag = from_hex(vector.text("tag"));
        auto ours = text_of(hmac_sha256(from_hex(vector.text("key")), from_hex(vector.text("msg"))));
        EXPECT_EQ(ours.substr(0, vector.group_number("tagSize") / 8) == tag, vector.valid()) << vector.text("tcId");
        valid += vector.valid() ? 1 : 0;
    });
    if (all == 0) GTEST_SKIP() << "the folder of vectors is absent";
    EXPECT_EQ(all, 174u);
    EXPECT_GT(valid, 50u);
}

TEST(Wycheproof, HkdfSha256) {
    std::size_t valid = 0;
    std::size_t all = for_each_vector("hkdf_sha256_test.json", [&](const Vector& vector) {
        auto length = static_cast<std::size_t>(std::stoul(vector.text("size")));
        auto ours = hkdf_sha256(from_hex(vector.text("ikm")), from_hex(vector.text("salt")),
                                from_hex(vector.text("info")), length);
        EXPECT_EQ(ours && ours->reveal() == from_hex(vector.text("okm")), vector.valid()) << vector.text("tcId");
        valid += vector.valid() ? 1 : 0;
    });
    if (all == 0) GTEST_SKIP() << "the folder of vectors is absent";
    EXPECT_EQ(all, 86u);
    EXPECT_GT(valid, 50u);
}

TEST(Wycheproof, AesGcmWith256BitKeysAnd96BitNonces) {
    std::size_t tried = 0;
    std::size_t refused = 0;
    std::size_t all = for_each_vector("aes_gcm_test.json", [&](const Vector& vector) {
        if (vector.group_number("keySize") != 256 || vector.group_number("ivSize") != 96) return;
        ASSERT_EQ(vector.group_number("tagSize"), 128u);
        ++tried;
        auto key = from_hex(vector.text("key"));
        auto nonce = from_hex(vector.text("iv"));
        auto associated = from_hex(vector.text("aad"));
        auto plaintext = from_hex(vector.text("msg"));
        auto sealed = from_hex(vector.text("ct")) + from_hex(vector.text("tag"));
        auto opened = aes_gcm_open(key, nonce, associated, sealed);
        if (vector.valid()) {
            EXPECT_TRUE(opened && *opened == plaintext) << vector.text("tcId");
            EXPECT_EQ(aes_gcm_seal(key, nonce, associated, plaintext), sealed) << vector.text("tcId");
        } else {
            ++refused;
            EXPECT_FALSE(opened) << vector.text("tcId");
        }
    });
    if (all == 0) GTEST_SKIP() << "the folder of vectors is absent";
    EXPECT_GT(tried, 50u);
    EXPECT_GT(refused, 10u);
}

}  // namespace
}  // namespace sqs2pg::privacy
