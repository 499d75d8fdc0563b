// How many attempts environment and profile ask for.
#include "aws/retry_settings.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <map>

namespace sqs2pg::aws {
namespace {

RetrySettings with(std::map<std::string, std::string> variables, const std::string& config = {}) {
    const std::string path = ::testing::TempDir() + "retry_settings_config";
    std::ofstream(path) << config;
    variables.emplace("AWS_CONFIG_FILE", path);
    variables.emplace("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent");
    auto settings = gather_retry_settings(
        [variables](const std::string& name) -> std::optional<std::string> {
            auto found = variables.find(name);
            if (found == variables.end()) return std::nullopt;
            return found->second;
        },
        "");
    std::remove(path.c_str());
    return settings;
}

TEST(RetrySettings, AreThreeAttemptsUnlessSomebodySaysOtherwise) {
    EXPECT_EQ(with({}).max_attempts, 3);
    EXPECT_EQ(with({}).mistake, "");
    EXPECT_EQ(with({{"AWS_MAX_ATTEMPTS", "5"}}).max_attempts, 5);
    EXPECT_EQ(with({}, "[default]\nmax_attempts = 4\n").max_attempts, 4);
    auto both = with({{"AWS_MAX_ATTEMPTS", "1"}}, "[default]\nmax_attempts = 4\nretry_mode = standard\n");
    EXPECT_EQ(both.max_attempts, 1);
    EXPECT_EQ(both.from, "AWS_MAX_ATTEMPTS");
    EXPECT_EQ(both.mistake, "");
}

TEST(RetrySettings, ThatCannotBeFollowedAreNamed) {
    for (const auto* wrong : {"0", "-1", "many", "21", "3.5"}) {
        auto settings = with({{"AWS_MAX_ATTEMPTS", wrong}});
        EXPECT_EQ(settings.max_attempts, 3) << wrong;
        EXPECT_EQ(settings.mistake, "AWS_MAX_ATTEMPTS must be a number from 1 to 20; calls of AWS are tried 3 times");
    }
    auto adaptive = with({}, "[default]\nretry_mode = adaptive\n");
    EXPECT_NE(adaptive.mistake.find("retry_mode of profile \"default\""), std::string::npos) << adaptive.mistake;
    EXPECT_EQ(adaptive.max_attempts, 3);
}

}  // namespace
}  // namespace sqs2pg::aws
