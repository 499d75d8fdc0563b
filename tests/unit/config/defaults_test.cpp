// What counts for several pipelines: `defaults`, the top of a file, folders, and what a pipeline says for itself.
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "unit/config/texts.h"

namespace sqs2pg::config {
namespace {

using testing_texts::kRight;
using testing_texts::mistakes_of;
using testing_texts::no_environment;
using testing_texts::text_of;

const std::string kRest = "table: t, columns: {a: a}";

Settings settings_of(const std::string& yaml) {
    auto loaded = load_text(yaml, "f.yaml", no_environment());
    EXPECT_EQ(text_of(loaded.mistakes), "") << yaml;
    return std::move(loaded.settings);
}

TEST(Defaults, CountForEveryPipelineThatDoesNotSayOtherwise) {
    auto settings = settings_of(
        "pipelines:\n"
        "  p: {queue: q, " +
        kRest +
        "}\n"
        "  r: {queue: r, " +
        kRest +
        ", visibility_timeout: 30, missing: bad_message, keys: {file: /r}}\n"
        "defaults:\n"
        "  postgres: {url: postgresql://a@h/d, worker_role: w}\n"
        "  aws: {region: eu-central-1}\n"
        "  keys: {file: /k}\n"
        "  visibility_timeout: 2m\n"
        "  missing: null\n"
        "  max_polls: 3\n");
    ASSERT_EQ(settings.pipelines.size(), 2u);
    const auto& p = settings.pipelines[0];
    EXPECT_EQ(p.postgres.url, "postgresql://a@h/d");
    EXPECT_EQ(p.postgres.worker_role, "w");
    EXPECT_EQ(p.aws.region, "eu-central-1");
    EXPECT_EQ(p.keys.file, "/k");
    EXPECT_EQ(p.visibility_timeout_seconds, 120);
    EXPECT_TRUE(p.missing_is_null);
    const auto& r = settings.pipelines[1];
    EXPECT_EQ(r.keys.file, "/r");
    EXPECT_EQ(r.postgres.url, "postgresql://a@h/d");
    EXPECT_EQ(r.visibility_timeout_seconds, 30);
    EXPECT_FALSE(r.missing_is_null);
    EXPECT_EQ(r.max_polls, 3);
}

TEST(Defaults, ASectionOfAPipelineIsTakenAsAWhole) {
    auto settings = settings_of(kRight +
                                "    postgres: {url: postgresql://b@other/e}\n"
                                "    aws: {profile: dev}\n"
                                "postgres: {url: postgresql://a@h/d, password: hunter2, worker_role: w}\n"
                                "aws: {region: eu-central-1}\n");
    const auto& p = settings.pipelines.at(0);
    EXPECT_EQ(p.postgres.url, "postgresql://b@other/e");
    EXPECT_EQ(p.postgres.password.reveal(), "");
    EXPECT_EQ(p.postgres.worker_role, "");
    EXPECT_EQ(p.aws.region, "");
    EXPECT_EQ(p.aws.profile, "dev");
}

TEST(Defaults, SayingTheSameAtTheTopIsAMistake) {
    EXPECT_EQ(mistakes_of(kRight + "defaults:\n  keys: {file: /other}\n"),
              "f.yaml:9:9: `keys` stands in f.yaml:1:7 already, for the same pipelines; leave one of the two\n");
}

TEST(Defaults, TakeOptionsOfPipelinesOnly) {
    EXPECT_EQ(mistakes_of(kRight + "defaults: {queue: q}\n").substr(0, 46),
              "f.yaml:8:12: unknown key `queue` in `defaults`");
    EXPECT_EQ(mistakes_of(kRight + "defaults: {max_polls: 0}\n"),
              "f.yaml:8:23: `max_polls` is a whole number from 1 to 512\n");
}

TEST(Defaults, APipelineWithoutKeysIsNamed) {
    EXPECT_EQ(
        mistakes_of("pipelines:\n  p: {queue: q, " + kRest + "}\n  r: {queue: r, " + kRest + ", keys: {file: /k}}\n"),
        "f.yaml:2:3: the pipeline `p` has no `keys`; write them there or in `defaults`\n");
}

TEST(Defaults, OneQueueNameInTwoRegionsIsTwoQueues) {
    EXPECT_EQ(mistakes_of(kRight + "  r: {queue: q, " + kRest + ", aws: {region: us-east-1}}\n"), "");
    EXPECT_NE(mistakes_of(kRight + "  r: {queue: q, " + kRest + "}\n").find("reads this queue already"),
              std::string::npos);
}

TEST(Fingerprints, ChangeWithWhatAPipelineIsToldAndWithNothingElse) {
    auto mark = [](const std::string& yaml) { return settings_of(yaml).pipelines.at(0).fingerprint; };
    const auto before = mark(kRight);
    EXPECT_EQ(mark("# moved\n\n" + kRight), before);
    EXPECT_EQ(mark(kRight + "  r: {queue: r, " + kRest + "}\n"), before);
    EXPECT_EQ(mark(kRight + "log: {level: debug}\n"), before);
    EXPECT_NE(mark(kRight + "      b: b\n"), before);
    EXPECT_NE(mark(kRight + "    max_polls: 3\n"), before);
    EXPECT_NE(mark(kRight + "defaults: {max_polls: 3}\n"), before);
    EXPECT_EQ(mark(kRight + "defaults: {max_polls: 3}\n"), mark(kRight + "    max_polls: 3\n"));
    EXPECT_NE(mark(kRight + "postgres: {url: host=h}\n"), before);
    EXPECT_NE(mark(kRight + "postgres: {password: x}\n"), mark(kRight + "postgres: {password: y}\n"));
}

class DefaultsOfFiles : public testing::Test {
   protected:
    void SetUp() override {
        folder_ = testing::TempDir() + "sqs2pg-defaults-XXXXXX";
        ASSERT_NE(mkdtemp(folder_.data()), nullptr);
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    void write(const std::string& name, const std::string& text) { std::ofstream(folder_ + "/" + name) << text; }
    Loaded load_folder() { return load(folder_, no_environment()); }

    std::string folder_;
};

TEST_F(DefaultsOfFiles, CountForTheirFileOrForAllWhenItHasNoPipelines) {
    write("a.yaml", "pipelines:\n  p: {queue: q, " + kRest + "}\ndefaults: {max_polls: 3, aws: {region: a}}\n");
    write("b.yaml", "pipelines:\n  r: {queue: r, " + kRest + "}\n");
    write("c.yaml", "defaults: {max_polls: 7, long_poll: 5, keys: {file: /k}}\naws: {region: c}\n");
    auto loaded = load_folder();
    EXPECT_EQ(text_of(loaded.mistakes), "");
    ASSERT_EQ(loaded.settings.pipelines.size(), 2u);
    const auto& p = loaded.settings.pipelines[0];
    EXPECT_EQ(p.max_polls, 3);
    EXPECT_EQ(p.long_poll_seconds, 5);
    EXPECT_EQ(p.aws.region, "a");
    EXPECT_EQ(p.keys.file, "/k");
    const auto& r = loaded.settings.pipelines[1];
    EXPECT_EQ(r.max_polls, 7);
    EXPECT_EQ(r.aws.region, "c");
}

TEST_F(DefaultsOfFiles, TwoFilesOfDefaultsForAllNameBothPlaces) {
    write("a.yaml", "defaults: {max_polls: 7}\n");
    write("b.yaml", "defaults: {max_polls: 8}\n");
    write("c.yaml", kRight);
    EXPECT_EQ(text_of(load_folder().mistakes),
              folder_ + "/b.yaml:1:11: `defaults` stand in " + folder_ +
                  "/a.yaml:1:11 already; of the files without `pipelines`, one holds them for all files\n");
}

TEST_F(DefaultsOfFiles, AnUnreadableFileIsNamed) {
    write("a.yaml", kRight);
    std::filesystem::create_symlink(folder_ + "/nowhere", folder_ + "/b.yaml");
    EXPECT_NE(text_of(load_folder().mistakes).find(folder_ + "/b.yaml: the configuration"), std::string::npos)
        << text_of(load_folder().mistakes);
}

}  // namespace
}  // namespace sqs2pg::config
