// The methods besides hmac: what each makes of a value, and what it never lets through.
#include <algorithm>
#include <initializer_list>

#include <gtest/gtest.h>

#include "privacy/mask.h"
#include "privacy/unmask.h"

namespace sqs2pg::privacy {
namespace {

Keyring known_ring() {
    return Keyring::parse("active: k1\nkeys:\n  k1: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n", "known").value();
}

Keyring second_ring() {
    return Keyring::parse(
               "active: k2\nkeys:\n  k1: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
               "  k2: ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=\n",
               "two")
        .value();
}

MaskOptions of(Method method, std::string domain = "", Canonical form = Canonical::Text, std::size_t keep = 0) {
    return {method, std::move(domain), form, keep};
}

std::string masked(const MaskOptions& options, std::string_view value, const Keyring& ring = known_ring()) {
    auto masker = Masker::make(options, ring).value();
    std::string out;
    switch (masker.mask(value, out)) {
        case Masked::Null:
            return "NULL";
        case Masked::NotAnAddress:
            return "not an address";
        case Masked::Value:
            break;
    }
    if (auto most = masker.max_length()) {
        EXPECT_LE(std::ranges::count_if(out, [](char c) { return (c & 0xc0) != 0x80; }),
                  static_cast<std::ptrdiff_t>(*most));
    }
    return out;
}

std::string unmasked(const MaskOptions& options, std::string_view token, const Keyring& ring = known_ring()) {
    auto value = Unmasker::make(options, ring).value().unmask(token);
    return value ? *value : value.error().code;
}

// Computed with Python's cryptography (AESSIV, AES) and an HKDF of a few lines.
TEST(Siv, TheKnownAnswers) {
    EXPECT_EQ(masked(of(Method::Siv, "ip", Canonical::Ip), "192.0.2.1"), "k1_zltqyl3jppm33z235v4lbexbphi2c6lm3a");
    EXPECT_EQ(masked(of(Method::Siv, "ip", Canonical::Ip), "::1"),
              "k1_udaawy2ux53oozbhnv5ytfxkzwxew2ymqiwhyxt3s66ij4idppxma");
    EXPECT_EQ(masked(of(Method::Siv, "ip", Canonical::Ip), "not an ip"),
              "k1_rvpxti5ybo7xpqiaiyxhg264retywdyioyotezgagq");
    EXPECT_EQ(masked(of(Method::Siv, "device"), "593-47-5928"), "k1_y5djuzgsnneemkxkodk6izdoqceispqltcuhdtw5ia3q");
    EXPECT_EQ(masked(of(Method::IpPrefix, "ip"), "192.0.2.1"), "84.187.96.222");
    EXPECT_EQ(masked(of(Method::IpPrefix, "ip"), "2001:db8::1"), "22e5:3a9b:6143:fde5:963e:9996:9419:f0cd");
}

TEST(Siv, TheKeyOpensATokenAgain) {
    auto text = of(Method::Siv, "device");
    std::string long_value(5000, 'x');
    for (std::string_view value :
         std::initializer_list<std::string_view>{"a", "593-47-5928", "äöü €", "k1_a", {"x\0y", 3}, long_value}) {
        EXPECT_EQ(unmasked(text, masked(text, value)), value);
    }
    auto ip = of(Method::Siv, "ip", Canonical::Ip);
    EXPECT_EQ(unmasked(ip, masked(ip, "192.0.2.1")), "192.0.2.1");
    EXPECT_EQ(unmasked(ip, masked(ip, "::ffff:192.0.2.1")), "192.0.2.1");
    EXPECT_EQ(unmasked(ip, masked(ip, "2001:DB8::0:1")), "2001:db8::1");
    EXPECT_EQ(unmasked(ip, masked(ip, "192.0.2.1:80")), "192.0.2.1:80");
    auto prefix = of(Method::IpPrefix, "ip");
    EXPECT_EQ(unmasked(prefix, masked(prefix, "192.0.2.1")), "192.0.2.1");
    EXPECT_EQ(unmasked(prefix, masked(prefix, "2001:db8::1")), "2001:db8::1");
}

TEST(Siv, ATokenOfAnOlderKeyOpensWhileTheKeyIsThere) {
    auto options = of(Method::Siv, "device");
    auto old = masked(options, "a");
    auto fresh = masked(options, "a", second_ring());
    EXPECT_TRUE(fresh.starts_with("k2_"));
    EXPECT_EQ(unmasked(options, old, second_ring()), "a");
    EXPECT_EQ(unmasked(options, fresh), "unknown_key");
}

TEST(Siv, OpensNothingThatIsNotItsOwn) {
    auto options = of(Method::Siv, "device");
    auto token = masked(options, "a");
    EXPECT_EQ(unmasked(of(Method::Siv, "other"), token), "not_opened");
    EXPECT_EQ(unmasked(of(Method::Siv, "device", Canonical::Ip), token), "not_opened");
    EXPECT_EQ(unmasked(options, masked(of(Method::Hmac, "device"), "a")), "not_opened");
    for (std::string_view text : {"", "k1_", "_abc", "k1", "k1_ABC", "k1_a1", "k1_abc"}) {
        EXPECT_EQ(unmasked(options, text), "not_a_token") << text;
    }
    EXPECT_EQ(unmasked(of(Method::IpPrefix, "ip"), "k1_abc"), "not_a_token");
    for (auto method : {Method::Hmac, Method::Sha256, Method::Truncate, Method::KeepLast, Method::Redact}) {
        auto refused = Unmasker::make(of(method, "d", Canonical::Text, 4), known_ring());
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, "not_reversible");
    }
}

TEST(Siv, DomainsAndMethodsNeverJoin) {
    auto token = masked(of(Method::Siv, "one"), "a");
    EXPECT_EQ(token, masked(of(Method::Siv, "one"), "a"));
    EXPECT_NE(token, masked(of(Method::Siv, "two"), "a"));
    EXPECT_NE(masked(of(Method::IpPrefix, "one"), "192.0.2.1"), masked(of(Method::IpPrefix, "two"), "192.0.2.1"));
    EXPECT_NE(token.substr(0, 29), masked(of(Method::Hmac, "one"), "a"));
}

TEST(Siv, TheLongestValueOfAColumnIsRight) {
    auto options = of(Method::Siv, "d");
    for (std::size_t characters = 1; characters < 200; ++characters) {
        auto most = siv_room(characters, 2);
        if (!most) {
            EXPECT_GT(masked(options, "x").size(), characters);
            continue;
        }
        EXPECT_LE(masked(options, std::string(*most, 'x')).size(), characters);
        EXPECT_GT(masked(options, std::string(*most + 1, 'x')).size(), characters);
    }
}

TEST(Truncate, KeepsTheNetworkAndNothingElse) {
    auto options = of(Method::Truncate, "", Canonical::Ip);
    EXPECT_EQ(masked(options, "192.0.2.77"), "192.0.2.0/24");
    EXPECT_EQ(masked(options, "::ffff:192.0.2.77"), "192.0.2.0/24");
    EXPECT_EQ(masked(options, "255.255.255.255"), "255.255.255.0/24");
    EXPECT_EQ(masked(options, "2001:DB8:AbCd:1:2:3:4:5"), "2001:db8:abcd::/48");
    EXPECT_EQ(masked(options, "::1"), "::/48");
    EXPECT_EQ(masked(options, "ffff:ffff:ffff:ffff::"), "ffff:ffff:ffff::/48");
}

TEST(Addresses, WhatIsNoneNeverPassesThrough) {
    for (const auto& options : {of(Method::Truncate), of(Method::IpPrefix, "ip")}) {
        for (std::string_view value : {"x", "192.0.2", "192.0.2.1:80", "192.0.2.01", " 192.0.2.1", "fe80::1%eth0"}) {
            EXPECT_EQ(masked(options, value), "not an address") << value;
        }
        EXPECT_EQ(masked(options, ""), "NULL");
    }
}

TEST(KeepLast, ShowsTheLastCharactersButNeverMoreThanHalf) {
    auto options = of(Method::KeepLast, "", Canonical::Text, 4);
    EXPECT_EQ(masked(options, "4111111111111234"), "***1234");
    EXPECT_EQ(masked(options, "12345678"), "***5678");
    EXPECT_EQ(masked(options, "1234567"), "***567");
    EXPECT_EQ(masked(options, "1234"), "***34");
    EXPECT_EQ(masked(options, "12"), "***2");
    EXPECT_EQ(masked(options, "1"), "***");
    EXPECT_EQ(masked(options, ""), "NULL");
}

TEST(KeepLast, CountsCharactersNotBytes) {
    auto options = of(Method::KeepLast, "", Canonical::Text, 2);
    EXPECT_EQ(masked(options, "Müllerößé"), "***ßé");
    EXPECT_EQ(masked(options, "日本語文字"), "***文字");
    EXPECT_EQ(masked(options, "a😀b😀"), "***b😀");
    EXPECT_EQ(masked(options, "é"), "***");
    EXPECT_EQ(masked(options, "éa"), "***a");
}

TEST(Drop, IsNullAlways) {
    EXPECT_EQ(masked(of(Method::Drop), "x"), "NULL");
    EXPECT_EQ(masked(of(Method::Drop), ""), "NULL");
}

TEST(Masker, RefusesOptionsThatDoNotFit) {
    auto code = [](const MaskOptions& options, const Keyring& ring) {
        auto masker = Masker::make(options, ring);
        return masker ? std::string("good") : masker.error().code;
    };
    EXPECT_EQ(code(of(Method::Siv), known_ring()), "mask_without_domain");
    EXPECT_EQ(code(of(Method::IpPrefix), known_ring()), "mask_without_domain");
    EXPECT_EQ(code(of(Method::Siv, "d"), Keyring{}), "mask_without_keys");
    EXPECT_EQ(code(of(Method::KeepLast), Keyring{}), "mask_without_keep");
    EXPECT_EQ(code(of(Method::KeepLast, "", Canonical::Text, kMostKept + 1), Keyring{}), "mask_without_keep");
    EXPECT_EQ(code(of(Method::Sha256, "", Canonical::Ip), Keyring{}), "mask_with_canonical_form");
    for (auto method : {Method::Truncate, Method::Drop, Method::Redact, Method::Sha256}) {
        EXPECT_EQ(code(of(method), Keyring{}), "good");
    }
}

}  // namespace
}  // namespace sqs2pg::privacy
