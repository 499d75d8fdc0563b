// ipcrypt-pfx against the vectors that its draft publishes (draft-denis-ipcrypt-12, "Test Vectors").
#include "privacy/ip_prefix.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "unit/privacy/wycheproof.h"

namespace sqs2pg::privacy {
namespace {

constexpr std::string_view kFirstKey = "0123456789abcdeffedcba98765432101032547698badcfeefcdab8967452301";
constexpr std::string_view kSecondKey = "2b7e151628aed2a6abf7158809cf4f3ca9f5ba40db214c3798f2e1c23456789a";

struct Known {
    std::string_view key, address, encrypted;
};

constexpr Known kKnown[] = {
    {kFirstKey, "0.0.0.0", "151.82.155.134"},
    {kFirstKey, "255.255.255.255", "94.185.169.89"},
    {kFirstKey, "192.0.2.1", "100.115.72.131"},
    {kFirstKey, "2001:db8::1", "c180:5dd4:2587:3524:30ab:fa65:6ab6:f88"},
    {kSecondKey, "10.0.0.47", "19.214.210.244"},
    {kSecondKey, "10.0.0.129", "19.214.210.80"},
    {kSecondKey, "10.0.0.234", "19.214.210.30"},
    {kSecondKey, "172.16.5.193", "210.78.229.136"},
    {kSecondKey, "172.16.97.42", "210.78.179.241"},
    {kSecondKey, "172.16.248.177", "210.78.121.215"},
    {kSecondKey, "2001:db8::a5c9:4e2f:bb91:5a7d", "7cec:702c:1243:f70:1956:125:b9bd:1aba"},
    {kSecondKey, "2001:db8::7234:d8f1:3c6e:9a52", "7cec:702c:1243:f70:a3ef:c8e:95c1:cd0d"},
    {kSecondKey, "2001:db8::f1e0:937b:26d4:8c1a", "7cec:702c:1243:f70:443c:c8e:6a62:b64d"},
    {kSecondKey, "2001:db8:3a5c:0:e7d1:4b9f:2c8a:f673", "7cec:702c:3503:bef:e616:96bd:be33:a9b9"},
    {kSecondKey, "2001:db8:9f27:0:b4e2:7a3d:5f91:c8e6", "7cec:702c:a504:b74e:194a:3d90:b047:2d1a"},
    {kSecondKey, "2001:db8:d8b4:0:193c:a5e7:8b2f:46d1", "7cec:702c:f840:aa67:1b8:e84f:ac9d:77fb"},
};

std::string text_of(const CanonicalIp& ip) {
    std::string out;
    append_ip(ip, out);
    return out;
}

TEST(IpPrefix, ThePublishedVectors) {
    for (const auto& known : kKnown) {
        IpPrefix prefix(testing_vectors::from_hex(known.key));
        EXPECT_EQ(text_of(prefix.encrypt(canonical_ip(known.address))), known.encrypted);
        EXPECT_EQ(text_of(prefix.decrypt(canonical_ip(known.encrypted))), known.address);
    }
}

std::size_t shared_bits(const CanonicalIp& a, const CanonicalIp& b) {
    std::size_t bits = 0;
    for (std::size_t i = 1; i < a.size; ++i) {
        auto differ = static_cast<unsigned char>(a.buffer[i] ^ b.buffer[i]);
        if (differ == 0) {
            bits += 8;
            continue;
        }
        while ((differ & 0x80) == 0) {
            ++bits;
            differ = static_cast<unsigned char>(differ << 1);
        }
        break;
    }
    return bits;
}

TEST(IpPrefix, PairsShareAsManyBitsAsBefore) {
    std::mt19937 random(20);
    IpPrefix prefix(testing_vectors::from_hex(kSecondKey));
    for (int round = 0; round < 300; ++round) {
        CanonicalIp one;
        one.size = round % 2 == 0 ? 5 : 17;
        one.buffer[0] = round % 2 == 0 ? 4 : 6;
        for (std::size_t i = 1; i < one.size; ++i) one.buffer[i] = static_cast<char>(random());
        auto two = one;
        auto from = 1 + random() % (one.size - 1u);
        for (std::size_t i = from; i < one.size; ++i) two.buffer[i] = static_cast<char>(random());
        EXPECT_EQ(shared_bits(prefix.encrypt(one), prefix.encrypt(two)), shared_bits(one, two));
        EXPECT_EQ(prefix.decrypt(prefix.encrypt(one)).bytes(), one.bytes());
    }
}

}  // namespace
}  // namespace sqs2pg::privacy
