// Tokens: the known answer, an independent computation, what makes tokens equal and what keeps them apart.
#include "privacy/mask.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <gtest/gtest.h>

#include "privacy/canonical.h"
#include "privacy/primitives.h"

namespace sqs2pg::privacy {
namespace {

Keyring known_ring() {
    return Keyring::parse("active: k1\nkeys:\n  k1: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n", "known").value();
}

Masker make(Method method, std::string domain = "", Canonical form = Canonical::Text) {
    MaskOptions options{method, std::move(domain), form, 0};
    return Masker::make(options, known_ring()).value();
}

std::string masked(Masker& masker, std::string_view value) {
    std::string out;
    return masker.mask(value, out) == Masked::Value ? out : "NULL";
}

// One-shot HMAC(), RFC 5869 by hand and a base32 of its own: nothing of ours.
std::string independent_token(std::string_view domain, std::string_view canonical) {
    auto hmac = [](const std::string& key, const std::string& data) {
        unsigned char out[32];
        unsigned size = 0;
        HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
             reinterpret_cast<const unsigned char*>(data.data()), data.size(), out, &size);
        return std::string(reinterpret_cast<char*>(out), size);
    };
    std::string root;
    for (char c = 0; c < 32; ++c) root.push_back(c);
    auto extracted = hmac(std::string(32, '\0'), root);
    auto subkey = hmac(extracted, "pii-mask/v1/hmac-sha256/domain=" + std::string(domain) + '\x01');
    auto bytes = hmac(subkey, std::string(canonical)).substr(0, 16);
    std::string bits;
    for (unsigned char byte : bytes) {
        for (int bit = 7; bit >= 0; --bit) bits.push_back((byte >> bit) & 1 ? '1' : '0');
    }
    while (bits.size() % 5 != 0) bits.push_back('0');
    std::string token = "k1_";
    for (std::size_t i = 0; i < bits.size(); i += 5) {
        token.push_back("abcdefghijklmnopqrstuvwxyz234567"[std::stoul(bits.substr(i, 5), nullptr, 2)]);
    }
    return token;
}

TEST(Mask, TheKnownAnswerOfAnIp) {
    auto masker = make(Method::Hmac, "ip", Canonical::Ip);
    EXPECT_EQ(masked(masker, "192.0.2.1"), "k1_uieh4axvflmyheez7dw7lwztsq");
    EXPECT_EQ(masker.max_length(), 29u);
}

TEST(Mask, FitsAnIndependentComputation) {
    for (auto value : std::vector<std::string_view>{"a", "593-47-5928", std::string_view("x\0y", 3), "äöü",
                                                    "a longer value than one block of SHA-256 holds, so that "
                                                    "its second block is hashed too ............"}) {
        for (std::string_view domain : {"device", "d"}) {
            auto masker = make(Method::Hmac, std::string(domain));
            EXPECT_EQ(masked(masker, value), independent_token(domain, value)) << value;
        }
    }
    auto ip = make(Method::Hmac, "ip", Canonical::Ip);
    EXPECT_EQ(masked(ip, "not an ip"), independent_token("ip", std::string("\0not an ip", 10)));
    EXPECT_EQ(masked(ip, "::1"), independent_token("ip", '\x06' + std::string(15, '\0') + '\x01'));
}

TEST(Mask, EqualValuesHaveEqualTokensAndOnlyThey) {
    auto masker = make(Method::Hmac, "device");
    auto other = make(Method::Hmac, "device");
    EXPECT_EQ(masked(masker, "a"), masked(masker, "a"));
    EXPECT_EQ(masked(masker, "a"), masked(other, "a"));
    EXPECT_NE(masked(masker, "a"), masked(masker, "b"));
    EXPECT_NE(masked(masker, "a"), masked(masker, "a "));
}

TEST(Mask, DomainsNeverJoin) {
    auto one = make(Method::Hmac, "one");
    auto two = make(Method::Hmac, "two");
    EXPECT_NE(masked(one, "a"), masked(two, "a"));
}

TEST(Mask, KeysNeverJoinAndTheTokenNamesItsKey) {
    auto second = Keyring::parse(
                      "active: k2\nkeys:\n  k1: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
                      "  k2: ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=\n",
                      "two")
                      .value();
    auto one = make(Method::Hmac, "d");
    auto two = Masker::make(MaskOptions{Method::Hmac, "d", Canonical::Text, 0}, second).value();
    auto from_one = masked(one, "a");
    auto from_two = masked(two, "a");
    EXPECT_EQ(from_two.substr(0, 3), "k2_");
    EXPECT_NE(from_one.substr(3), from_two.substr(3));
}

TEST(Mask, SpellingsOfOneAddressAreOneToken) {
    auto masker = make(Method::Hmac, "ip", Canonical::Ip);
    EXPECT_EQ(masked(masker, "192.0.2.1"), masked(masker, "::ffff:192.0.2.1"));
    EXPECT_EQ(masked(masker, "192.0.2.1"), masked(masker, "::FFFF:C000:0201"));
    EXPECT_EQ(masked(masker, "2001:db8::1"), masked(masker, "2001:0DB8:0:0:0:0:0:1"));
    EXPECT_NE(masked(masker, "192.0.2.1"), masked(masker, "::192.0.2.1"));
    EXPECT_NE(masked(masker, "192.0.2.1"), masked(masker, "192.0.2.01"));
}

TEST(Mask, AnEmptyValueIsNull) {
    auto hmac = make(Method::Hmac, "d");
    auto ip = make(Method::Hmac, "ip", Canonical::Ip);
    auto sha = make(Method::Sha256);
    EXPECT_EQ(masked(hmac, ""), "NULL");
    EXPECT_EQ(masked(ip, ""), "NULL");
    EXPECT_EQ(masked(sha, ""), "NULL");
}

TEST(Mask, AppendsToWhatStandsThere) {
    auto masker = make(Method::Hmac, "ip", Canonical::Ip);
    std::string out = "before ";
    ASSERT_EQ(masker.mask("192.0.2.1", out), Masked::Value);
    EXPECT_EQ(out, "before k1_uieh4axvflmyheez7dw7lwztsq");
    EXPECT_EQ(masker.mask("", out), Masked::Null);
    EXPECT_EQ(out, "before k1_uieh4axvflmyheez7dw7lwztsq");
}

TEST(Mask, Sha256IsThePlainHash) {
    auto masker = make(Method::Sha256);
    EXPECT_EQ(masked(masker, "abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(masker.max_length(), 64u);
}

TEST(Mask, RedactShowsNothingNotEvenEmptiness) {
    auto masker = make(Method::Redact);
    EXPECT_EQ(masked(masker, "secret"), "[redacted]");
    EXPECT_EQ(masked(masker, ""), "[redacted]");
    EXPECT_EQ(masker.max_length(), 10u);
}

TEST(Mask, SurvivesItsKeyringAndBeingMoved) {
    auto ring = std::make_unique<Keyring>(known_ring());
    auto first = Masker::make(MaskOptions{Method::Hmac, "ip", Canonical::Ip, 0}, *ring).value();
    ring.reset();
    Masker moved = std::move(first);
    EXPECT_EQ(masked(moved, "192.0.2.1"), "k1_uieh4axvflmyheez7dw7lwztsq");
}

TEST(Mask, HmacWithoutDomainOrKeysIsAConfigurationError) {
    auto no_domain = Masker::make(MaskOptions{}, known_ring());
    ASSERT_FALSE(no_domain);
    EXPECT_EQ(no_domain.error().kind, ErrorKind::Configuration);
    EXPECT_EQ(no_domain.error().code, "mask_without_domain");
    auto no_keys = Masker::make(MaskOptions{Method::Hmac, "d", Canonical::Text, 0}, Keyring{});
    ASSERT_FALSE(no_keys);
    EXPECT_EQ(no_keys.error().code, "mask_without_keys");
    EXPECT_TRUE(Masker::make(MaskOptions{Method::Redact, "", Canonical::Text, 0}, Keyring{}));
}

TEST(Mask, NamesGoBothWays) {
    using enum Method;
    for (auto method : {Hmac, Siv, IpPrefix, Truncate, KeepLast, Redact, Drop, Sha256}) {
        EXPECT_EQ(method_from(name_of(method)), method);
    }
    for (auto form : {Canonical::Text, Canonical::Ip}) EXPECT_EQ(canonical_from(name_of(form)), form);
    EXPECT_FALSE(method_from("HMAC"));
    EXPECT_FALSE(canonical_from(""));
}

TEST(CanonicalIp, RefusesWhatIsNoAddress) {
    for (std::string_view text :
         {"", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.4 ", " 1.2.3.4", "1.2.3.4/24", "1.2.3.4:80",
          "0x1.2.3.4", "1", "fe80::1%eth0", "[::1]", "::1::", "1:2:3:4:5:6:7:8:9", "12345::", ":::", "localhost",
          "1111:1111:1111:1111:1111:1111:255.255.255.2555"}) {
        EXPECT_EQ(canonical_ip(text).size, 0) << text;
    }
    EXPECT_EQ(canonical_ip(std::string_view("1.2.3.4\0", 8)).size, 0);
    EXPECT_EQ(canonical_ip(std::string_view("1.2.3.4\0x", 9)).size, 0);
}

TEST(CanonicalIp, LongestSpellingIsTaken) {
    EXPECT_EQ(canonical_ip("1111:2222:3333:4444:5555:6666:255.255.255.255").size, 17);
    EXPECT_EQ(canonical_ip("255.255.255.255").bytes(), "\x04\xff\xff\xff\xff");
}

}  // namespace
}  // namespace sqs2pg::privacy
