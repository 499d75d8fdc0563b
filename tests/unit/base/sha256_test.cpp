// Digests against RFC 4231 (HMAC-SHA-256) and FIPS 180-4's example.
#include "base/sha256.h"

#include <gtest/gtest.h>

namespace sqs2pg {
namespace {

std::string hmac(const std::string& key, std::string_view text) {
    HmacSha256 keyed;
    keyed.set_key(key);
    return to_hex(keyed.of(text));
}

TEST(Digests, Sha256FitsTheExampleOfTheStandard) {
    EXPECT_EQ(to_hex(sha256({"a", "", "bc"})), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(to_hex(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Digests, HmacFitsRfc4231) {
    EXPECT_EQ(hmac(std::string(20, '\x0b'), "Hi There"),
              "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    EXPECT_EQ(hmac("Jefe", "what do ya want for nothing?"),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(hmac(std::string(20, '\xaa'), std::string(50, '\xdd')),
              "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
}

TEST(Digests, AKeyLongerThanABlockIsHashedFirst) {
    EXPECT_EQ(hmac(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First"),
              "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Digests, ASecondKeyReplacesTheFirst) {
    HmacSha256 keyed;
    keyed.set_key("another");
    keyed.set_key("Jefe");
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(to_hex(keyed.of("what do ya want for nothing?")),
                  "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }
}

}  // namespace
}  // namespace sqs2pg
