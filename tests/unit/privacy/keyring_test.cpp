// The key file: what it may say, what each mistake is called and where, and that no key text is ever repeated.
#include "privacy/keyring.h"

#include <filesystem>
#include <fstream>

#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "privacy/primitives.h"

namespace sqs2pg::privacy {
namespace {

// base64 of 00..1f and of 20..3f.
constexpr std::string_view kOne = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
constexpr std::string_view kTwo = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";

std::string error_of(const std::string& yaml) {
    auto ring = Keyring::parse(yaml, "keys.yaml");
    if (ring) return "accepted";
    EXPECT_EQ(ring.error().kind, ErrorKind::Configuration);
    EXPECT_EQ(ring.error().detail.find("AAECAwQF"), std::string::npos) << "a key's text in an error";
    return ring.error().detail;
}

std::string with(std::string_view active, std::string_view keys) {
    return "active: " + std::string(active) + "\nkeys:\n" + std::string(keys);
}

TEST(Keyring, ReadsKeysAndWhichIsActive) {
    auto ring = Keyring::parse(with("k2", "  k1: " + std::string(kOne) + "\n  k2: " + std::string(kTwo) + "\n"), "f");
    ASSERT_TRUE(ring);
    EXPECT_EQ(ring->active_id(), "k2");
    EXPECT_EQ(ring->ids(), (std::vector<std::string>{"k1", "k2"}));
    std::string zero_to_1f;
    for (char c = 0; c < 32; ++c) zero_to_1f.push_back(c);
    ASSERT_NE(ring->root("k1"), nullptr);
    EXPECT_EQ(ring->root("k1")->reveal(), zero_to_1f);
    EXPECT_EQ(ring->root("k3"), nullptr);
}

TEST(Keyring, WhatGenerateWritesParseReads) {
    auto made = Keyring::generate();
    auto read = Keyring::parse(made.to_yaml().reveal(), "new");
    ASSERT_TRUE(read) << read.error().detail;
    EXPECT_EQ(read->active_id(), "k1");
    EXPECT_EQ(read->root("k1")->reveal(), made.root("k1")->reveal());
    EXPECT_NE(Keyring::generate().root("k1")->reveal(), made.root("k1")->reveal());
}

struct Refused {
    const char* name;
    std::string yaml;
    std::string error;
};

class KeyringRefuses : public testing::TestWithParam<Refused> {};

TEST_P(KeyringRefuses, WithPlaceAndSentence) { EXPECT_EQ(error_of(GetParam().yaml), GetParam().error); }

const std::string kLine1 = "  k1: " + std::string(kOne) + "\n";

INSTANTIATE_TEST_SUITE_P(
    Mistakes, KeyringRefuses,
    testing::Values(
        Refused{"Empty", "", "keys.yaml: the key file is empty; `sqs2pg key new -o FILE` makes one"},
        Refused{"AList", "- a\n",
                "keys.yaml:1:1: a key file is a map of `active` and `keys`; `sqs2pg key new` makes one"},
        Refused{"UnknownKey", with("k1", kLine1) + "note: x\n",
                "keys.yaml:4:1: unknown key; a key file holds `active` and `keys`, nothing else"},
        Refused{"KeysTwice", with("k1", kLine1) + "keys:\n" + kLine1, "keys.yaml:4:1: `keys` stands twice; leave one"},
        Refused{"NoActive", "keys:\n" + kLine1,
                "keys.yaml:1:1: `active` is absent; write `active: k1` with the id of the key to use"},
        Refused{"NoKeys", "active: k1\n", "keys.yaml:1:1: `keys` is absent; write `keys:` with a line `k1: BASE64`"},
        Refused{"ActiveUnknown", with("k9", kLine1),
                "keys.yaml:1:9: `active` names `k9`, and there is no such key under `keys`"},
        Refused{"ActiveIsAKey", with(kOne, kLine1), "keys.yaml:1:9: `active` is the id of one of the keys, such as k1"},
        Refused{"TooShort", with("k1", "  k1: AAECAwQF\n"),
                "keys.yaml:3:7: the key `k1` is not 32 bytes in base64 (44 characters, the last is `=`); "
                "`sqs2pg key new` makes one"},
        Refused{"NotCanonicalBase64", with("k1", "  k1: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9=\n"),
                "keys.yaml:3:7: the key `k1` is not 32 bytes in base64 (44 characters, the last is `=`); "
                "`sqs2pg key new` makes one"},
        Refused{"Placeholder", with("k1", "  k1: " + std::string(43, 'A') + "=\n"),
                "keys.yaml:3:7: the key `k1` is a placeholder (every byte is the same); `sqs2pg key new` makes a "
                "random one"},
        Refused{"IdTwice", with("k1", kLine1 + "  k1: " + std::string(kTwo) + "\n"),
                "keys.yaml:4:3: the key id `k1` stands twice; give the second another id"},
        Refused{"SameKeyTwice", with("k1", kLine1 + "  k2: " + std::string(kOne) + "\n"),
                "keys.yaml:4:7: the keys `k1` and `k2` are the same; each id has its own"},
        Refused{"BadId", with("k1", kLine1 + "  K_2: " + std::string(kTwo) + "\n"),
                "keys.yaml:4:3: a key id is a lowercase letter, then lowercase letters, digits and `-`, 16 at most, "
                "such as k1"},
        Refused{"NotYaml", "active: [k1\n",
                "keys.yaml:2:1: this is not valid YAML; a key file is `active: k1`, then `keys:` with a line "
                "`  k1: BASE64`"},
        Refused{"TwoDocuments", with("k1", kLine1) + "---\nx: 1\n", "keys.yaml:4:1: a key file is one YAML document"},
        Refused{"NotText", std::string("active: k1\n\x04keys:\n"),
                "keys.yaml:2: a key file is plain ASCII text; `sqs2pg key new` makes one"},
        Refused{"SeveralMistakes", "keys:\n  k1: AAAA\n  k1: BBBB\nextra: 1\n",
                "keys.yaml:4:1: unknown key; a key file holds `active` and `keys`, nothing else\n"
                "keys.yaml:2:7: the key `k1` is not 32 bytes in base64 (44 characters, the last is `=`); "
                "`sqs2pg key new` makes one\n"
                "keys.yaml:3:7: the key `k1` is not 32 bytes in base64 (44 characters, the last is `=`); "
                "`sqs2pg key new` makes one\n"
                "keys.yaml:1:1: `active` is absent; write `active: k1` with the id of the key to use"}),
    [](const auto& info) { return info.param.name; });

TEST(Keyring, RefusesATextThatIsNoKeyFileByItsSize) {
    EXPECT_EQ(error_of(std::string(65537, '#')), "keys.yaml: larger than 64 KiB; this is not a key file");
}

TEST(Keyring, DeepNestingIsAMistakeAndNoCrash) {
    EXPECT_NE(error_of(std::string(60000, '[')).find("not valid YAML"), std::string::npos);
}

// yaml-cpp's own LoadAll never ends on this one.
TEST(Keyring, AMalformedTextWithoutEndIsAMistake) { EXPECT_NE(error_of(",&."), "accepted"); }

TEST(Keyring, SubkeysDependOnIdInfoAndLength) {
    auto ring = Keyring::parse(with("k1", kLine1 + "  k2: " + std::string(kTwo) + "\n"), "f").value();
    auto base = std::string(ring.derive("k1", "a").reveal());
    EXPECT_EQ(base.size(), 32u);
    EXPECT_NE(base, ring.derive("k1", "b").reveal());
    EXPECT_NE(base, ring.derive("k2", "a").reveal());
    EXPECT_EQ(ring.derive("k1", "a", 64).reveal().substr(0, 32), base);
}

TEST(Keyring, CheckValueTellsKeysApartAndIsNoKey) {
    auto ring = Keyring::parse(with("k1", kLine1 + "  k2: " + std::string(kTwo) + "\n"), "f").value();
    EXPECT_EQ(ring.check_value("k1").size(), 32u);
    EXPECT_NE(ring.check_value("k1"), ring.check_value("k2"));
    EXPECT_EQ(ring.check_value("k1"), ring.check_value("k1"));
    EXPECT_EQ(ring.check_value("k1").find("000102"), std::string::npos);
}

class KeyFile : public testing::Test {
   protected:
    void SetUp() override {
        auto folder = testing::TempDir() + "sqs2pg-keys-XXXXXX";
        ASSERT_NE(mkdtemp(folder.data()), nullptr);
        folder_ = folder;
        path_ = folder + "/keys.yaml";
        std::ofstream(path_) << with("k1", kLine1);
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::string error_with_mode(mode_t mode) {
        chmod(path_.c_str(), mode);
        auto ring = Keyring::load_file(path_, warnings_);
        return ring ? "" : ring.error().detail;
    }

    std::string folder_;
    std::string path_;
    std::vector<std::string> warnings_;
};

TEST_F(KeyFile, PrivateAndGroupReadableFilesAreTakenSilently) {
    for (mode_t mode : {0400u, 0600u, 0440u, 0640u}) {
        EXPECT_EQ(error_with_mode(mode), "") << mode;
    }
    EXPECT_TRUE(warnings_.empty());
}

TEST_F(KeyFile, ReadableByTheWorldIsAWarning) {
    EXPECT_EQ(error_with_mode(0644), "");
    ASSERT_EQ(warnings_.size(), 1u);
    EXPECT_EQ(warnings_[0], path_ +
                                ": the key file is readable by everybody on this machine; `chmod o-r` it "
                                "(in Kubernetes: defaultMode 0440 or 0400)");
}

TEST_F(KeyFile, WritableByGroupOrWorldIsRefused) {
    for (mode_t mode : {0620u, 0602u, 0666u, 0777u}) {
        EXPECT_NE(error_with_mode(mode).find("writable by its group or by everybody"), std::string::npos) << mode;
    }
}

TEST_F(KeyFile, AbsentFileAndFolderAreNamed) {
    EXPECT_EQ(Keyring::load_file(folder_ + "/absent", warnings_).error().detail,
              folder_ + "/absent: there is no such key file; make one with `sqs2pg key new -o FILE`");
    EXPECT_EQ(Keyring::load_file(folder_, warnings_).error().detail, folder_ + ": this is a folder, not a key file");
}

}  // namespace
}  // namespace sqs2pg::privacy
