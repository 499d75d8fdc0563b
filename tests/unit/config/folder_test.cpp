// Configurations as they stand on the disk: files, folders, password files, and who else may read them.
#include <filesystem>
#include <fstream>

#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "unit/config/texts.h"

namespace sqs2pg::config {
namespace {

using testing_texts::kRight;
using testing_texts::no_environment;
using testing_texts::text_of;

class OnDisk : public testing::Test {
   protected:
    void SetUp() override {
        folder_ = testing::TempDir() + "sqs2pg-config-XXXXXX";
        ASSERT_NE(mkdtemp(folder_.data()), nullptr);
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::string write(const std::string& name, const std::string& text, mode_t mode = 0600) {
        auto path = folder_ + "/" + name;
        std::ofstream(path, std::ios::binary) << text;
        chmod(path.c_str(), mode);
        return path;
    }
    Loaded load_folder() { return load(folder_, no_environment()); }

    std::string folder_;
};

const std::string kOther = "pipelines:\n  other: {queue: r, table: t, columns: {a: a}}\n";

TEST_F(OnDisk, AFileIsReadAndPlacesNameIt) {
    auto path = write("sqs2pg.yaml", kRight + "x: 1\n");
    EXPECT_EQ(text_of(load(path, no_environment()).mistakes).substr(0, path.size() + 6), path + ":8:1: ");
}

TEST_F(OnDisk, AnAbsentOneIsOneSentence) {
    EXPECT_EQ(text_of(load(folder_ + "/no.yaml", no_environment()).mistakes),
              folder_ + "/no.yaml: the configuration is not there\n");
    EXPECT_EQ(text_of(load_folder().mistakes),
              folder_ + ": the configuration is a folder without a *.yaml or *.yml file\n");
}

TEST_F(OnDisk, AFolderJoinsPipelinesAndIgnoresTheRest) {
    write("a.yaml", kRight);
    write("b.yml", kOther);
    write(".hidden.yaml", "nonsense: 1\n");
    write("c.yaml.bak", "nonsense: 1\n");
    std::filesystem::create_directory(folder_ + "/d.yaml");
    auto loaded = load_folder();
    EXPECT_EQ(text_of(loaded.mistakes), "");
    ASSERT_EQ(loaded.settings.pipelines.size(), 2u);
    EXPECT_EQ(loaded.settings.pipelines[0].name, "p");
    EXPECT_EQ(loaded.settings.pipelines[1].name, "other");
    EXPECT_EQ(loaded.settings.pipelines[1].place, folder_ + "/b.yml:2:3");
}

TEST_F(OnDisk, MistakesOfAllFilesAreSaidByFile) {
    auto a = write("a.yaml", "aws: {regoin: x}\n");
    auto b = write("b.yaml", kRight + "ops: 1\n");
    EXPECT_EQ(text_of(load_folder().mistakes),
              a + ":1:7: unknown key `regoin` in `aws`; did you mean `region`?\n" + b + ":8:6: `ops` is a map\n");
}

TEST_F(OnDisk, OnePipelineNameInTwoFilesNamesBothPlaces) {
    auto a = write("a.yaml", kRight);
    auto b = write("b.yaml", "pipelines:\n  p: {queue: other, table: t, columns: {a: a}}\n");
    EXPECT_EQ(text_of(load_folder().mistakes),
              b + ":2:3: the pipeline `p` stands in " + a + ":3:3 already; give one of them another name\n");
}

TEST_F(OnDisk, OneSectionInTwoFilesNamesBothPlaces) {
    auto a = write("a.yaml", kRight);
    auto b = write("b.yaml", kOther + "keys: {file: /other}\n");
    EXPECT_EQ(text_of(load_folder().mistakes),
              b + ":3:7: `keys` stands in " + a + ":1:7 already; of all files, one holds it\n");
}

TEST_F(OnDisk, ABrokenFileDrawsNoMistakeAboutWhatIsAbsent) {
    auto a = write("a.yaml", "pipelines: {\n");
    EXPECT_EQ(text_of(load_folder().mistakes).find("absent"), std::string::npos);
    EXPECT_EQ(load_folder().mistakes.size(), 1u);
}

TEST_F(OnDisk, RelativePathsCountFromTheFilesFolder) {
    write("db.password", "hunter2\n");
    auto path = write("sqs2pg.yaml", "postgres: {password_file: db.password}\nkeys: {file: my.keys}\n" +
                                         kRight.substr(kRight.find('\n') + 1));
    auto loaded = load(path, no_environment());
    EXPECT_EQ(text_of(loaded.mistakes), "");
    EXPECT_EQ(loaded.settings.pipelines.at(0).postgres.password.reveal(), "hunter2");
    EXPECT_EQ(loaded.settings.pipelines.at(0).keys.file, folder_ + "/my.keys");
}

TEST_F(OnDisk, APasswordFileLosesOneLineEndAndNothingElse) {
    for (const auto& [text, password] :
         std::vector<std::pair<std::string, std::string>>{{"p w ", "p w "}, {"p\n", "p"}, {"p\r\n", "p"}}) {
        auto file = write("password", text);
        auto path = write("sqs2pg.yaml", kRight + "postgres: {password_file: password}\n");
        EXPECT_EQ(load(path, no_environment()).settings.pipelines.at(0).postgres.password.reveal(), password);
    }
}

TEST_F(OnDisk, AnEmptyOrLongerPasswordFileIsAMistake) {
    auto path = write("sqs2pg.yaml", kRight + "postgres: {password_file: password}\n");
    for (const std::string text : {"", "\n", "hunter2\nhunter3\n"}) {
        auto file = write("password", text);
        EXPECT_EQ(text_of(load(path, no_environment()).mistakes),
                  path + ":8:27: `password_file`: `" + file + "` holds no password, or more than one line\n");
    }
    auto file = write("password", std::string(5000, 'x'));
    EXPECT_EQ(text_of(load(path, no_environment()).mistakes),
              path + ":8:27: `password_file`: `" + file + "` is larger than 4096 bytes\n");
}

TEST_F(OnDisk, APasswordThatEverybodyMayReadIsAWarning) {
    for (const std::string line :
         {"password: hunter2", "url: postgresql://w:hunter2@h/d", "url: host=h password=hunter2"}) {
        auto yaml = kRight + "postgres:\n  " + line + "\n";
        auto open = load(write("open.yaml", yaml, 0644), no_environment());
        EXPECT_EQ(text_of(open.mistakes), "");
        ASSERT_EQ(open.warnings.size(), 1u) << line;
        EXPECT_NE(open.warnings[0].sentence.find("everybody on this machine may read"), std::string::npos);
        EXPECT_EQ(open.warnings[0].sentence.find("hunter2"), std::string::npos);
        EXPECT_EQ(load(write("closed.yaml", yaml, 0640), no_environment()).warnings.size(), 0u);
    }
    auto harmless = kRight + "postgres:\n  url: postgresql://w@h:5432/d\n";
    EXPECT_EQ(load(write("open.yaml", harmless, 0644), no_environment()).warnings.size(), 0u);
    write("password", "hunter2", 0644);
    auto path = write("sqs2pg.yaml", kRight + "postgres: {password_file: password}\n");
    EXPECT_EQ(load(path, no_environment()).warnings.size(), 1u);
}

TEST_F(OnDisk, AFileOfMoreThanAMebibyteIsRefused) {
    auto path = write("sqs2pg.yaml", std::string((1u << 20) + 1, '#'));
    EXPECT_EQ(text_of(load(path, no_environment()).mistakes),
              path + ": the configuration is larger than 1048576 bytes\n");
}

}  // namespace
}  // namespace sqs2pg::config
