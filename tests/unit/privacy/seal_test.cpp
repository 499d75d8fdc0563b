// Sealed messages: they open only with their key, for their pipeline and id, and unaltered.
#include "privacy/seal.h"

#include <set>

#include <gtest/gtest.h>

namespace sqs2pg::privacy {
namespace {

constexpr const char* kFirst = "active: k1\nkeys:\n  k1: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n";
constexpr const char* kBoth =
    "active: k2\nkeys:\n  k1: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
    "  k2: ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=\n";

Keyring ring(const char* yaml) { return Keyring::parse(yaml, "ring").value(); }

const std::string kId = "0123456789abcdef";

TEST(Seal, OpensWhatItSealed) {
    Sealer sealer(ring(kFirst));
    for (const std::string& text : {std::string(), std::string("{\"ip\": \"1.2.3.4\"}"), std::string(1 << 20, 'x')}) {
        auto sealed = sealer.seal("logins", kId, text);
        EXPECT_EQ(sealed.size(), 12 + text.size() + 16);
        auto opened = sealer.open("k1", "logins", kId, sealed);
        ASSERT_TRUE(opened);
        EXPECT_EQ(*opened, text);
    }
}

TEST(Seal, NothingOfTheTextIsVisible) {
    Sealer sealer(ring(kFirst));
    EXPECT_EQ(sealer.seal("logins", kId, "planted-personal-value").find("planted"), std::string::npos);
}

TEST(Seal, NoncesDiffer) {
    Sealer sealer(ring(kFirst));
    std::set<std::string> nonces;
    for (int i = 0; i < 1000; ++i) nonces.insert(sealer.seal("p", kId, "same").substr(0, 12));
    EXPECT_EQ(nonces.size(), 1000u);
}

TEST(Seal, RowsCannotBeSwapped) {
    Sealer sealer(ring(kFirst));
    auto sealed = sealer.seal("logins", kId, "text");
    EXPECT_FALSE(sealer.open("k1", "logouts", kId, sealed));
    EXPECT_FALSE(sealer.open("k1", "logins", "fedcba9876543210", sealed));
    // The border between pipeline and id is part of what is authenticated.
    auto shifted = sealer.seal("ab", "c", "text");
    EXPECT_FALSE(sealer.open("k1", "a", "bc", shifted));
}

TEST(Seal, AlteredOrShortIsRefusedAsABadMessage) {
    Sealer sealer(ring(kFirst));
    auto sealed = sealer.seal("p", kId, "text");
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        auto altered = sealed;
        altered[i] = static_cast<char>(altered[i] ^ 1);
        auto opened = sealer.open("k1", "p", kId, altered);
        ASSERT_FALSE(opened) << i;
        EXPECT_EQ(opened.error().kind, ErrorKind::BadMessage);
        EXPECT_EQ(opened.error().code, "sealed");
    }
    for (std::size_t size : {0u, 11u, 12u, 27u}) EXPECT_FALSE(sealer.open("k1", "p", kId, sealed.substr(0, size)));
}

TEST(Seal, AnOlderKeyOfTheRingStillOpens) {
    auto sealed = Sealer(ring(kFirst)).seal("p", kId, "text");
    Sealer later(ring(kBoth));
    EXPECT_EQ(later.key_id(), "k2");
    EXPECT_EQ(later.open("k1", "p", kId, sealed).value(), "text");
    EXPECT_FALSE(later.open("k2", "p", kId, sealed));
}

TEST(Seal, AnUnknownKeyIsNamedAsTheCause) {
    auto sealed = Sealer(ring(kBoth)).seal("p", kId, "text");
    auto opened = Sealer(ring(kFirst)).open("k2", "p", kId, sealed);
    ASSERT_FALSE(opened);
    EXPECT_NE(opened.error().detail.find("not in the key file"), std::string::npos);
}

}  // namespace
}  // namespace sqs2pg::privacy
