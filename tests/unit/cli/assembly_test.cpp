// Runs that end before a worker starts: what they say, what they wait for and how they exit. (Whole runs are tried by
// the integration tests, with a queue and a database.)
#include "cli/assembly.h"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>

#include <gtest/gtest.h>
#include <unistd.h>

#include "cli/commands.h"
#include "ops/server.h"

namespace sqs2pg::cli {
namespace {

class Assembly : public ::testing::Test {
   protected:
    void SetUp() override {
        std::string pattern = std::filesystem::temp_directory_path() / "sqs2pg-assembly-XXXXXX";
        ASSERT_NE(mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
        setenv("AWS_ACCESS_KEY_ID", "x", 1);
        setenv("AWS_SECRET_ACCESS_KEY", "x", 1);
        const auto keys = folder_ + "/keys";
        std::ofstream(keys) << privacy::Keyring::generate().to_yaml().reveal();
        std::filesystem::permissions(keys, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
        config::PipelineSettings pipeline;
        pipeline.keys.file = keys;
        pipeline.postgres.url = "host=" + folder_ + " user=nobody dbname=nothing";  // no server has its socket here
        pipeline.aws.endpoint_url = "http://127.0.0.1:1";
        pipeline.name = "logins";
        pipeline.queue = "login-queue";
        pipeline.routes.emplace_back().table.table = "user_logins";
        settings_.pipelines.push_back(pipeline);
        options_.ops = "off";
        options_.log.sink = [this](std::string_view line) {
            lines_ += line;
            lines_ += '\n';
            if (on_line_) on_line_(line);
        };
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    bool said(std::string_view part) const { return lines_.find(part) != std::string::npos; }

    std::string folder_;
    config::Settings settings_;
    RunOptions options_;
    std::string lines_;
    std::function<void(std::string_view)> on_line_;
};

TEST_F(Assembly, AnUnreadableKeyFileIsAConfigurationError) {
    settings_.pipelines[0].keys.file = folder_ + "/other";
    EXPECT_EQ(run_pipelines(settings_, options_).exit_code, kUsage);
    EXPECT_TRUE(said("/other")) << lines_;
}

TEST_F(Assembly, NoKeysAtAllSayHowToMakeThem) {
    settings_.pipelines[0].keys.file.clear();
    EXPECT_EQ(run_pipelines(settings_, options_).exit_code, kUsage);
    EXPECT_TRUE(said("sqs2pg key new")) << lines_;
}

TEST_F(Assembly, AnAbsentDatabaseEndsAFailFastRunWithOne) {
    options_.fail_fast = true;
    const auto outcome = run_pipelines(settings_, options_);
    EXPECT_EQ(outcome.exit_code, kFailed);
    ASSERT_EQ(outcome.pipelines.size(), 1U);
    ASSERT_TRUE(outcome.pipelines[0].error.has_value());
    EXPECT_EQ(outcome.pipelines[0].error->kind, ErrorKind::Retry);
    EXPECT_TRUE(said("ERROR logins: ")) << lines_;
}

TEST_F(Assembly, OtherwiseItIsWaitedForUntilASignalEndsTheRunInOrder) {
    int waits = 0;
    on_line_ = [&waits](std::string_view line) {
        if (line.find("waiting for the database") != line.npos && ++waits == 2) std::raise(SIGTERM);
    };
    const auto outcome = run_pipelines(settings_, options_);
    EXPECT_EQ(outcome.exit_code, kDone);
    EXPECT_EQ(outcome.signal, SIGTERM);
    EXPECT_EQ(waits, 2) << lines_;
}

TEST_F(Assembly, ABrokenPipelineDoesNotEndTheOthersButTheExitCodeTellsIt) {
    settings_.pipelines[0].aws.endpoint_url.clear();
    auto other = settings_.pipelines[0];
    other.name = "orders";
    other.queue = "http://127.0.0.1:1/000000000000/orders";
    settings_.pipelines.push_back(other);
    unsetenv("AWS_ENDPOINT_URL");
    unsetenv("AWS_ENDPOINT_URL_SQS");
    unsetenv("AWS_REGION");
    unsetenv("AWS_DEFAULT_REGION");
    setenv("AWS_CONFIG_FILE", (folder_ + "/none").c_str(), 1);
    // "logins" has no region to be found in; "orders" says by its URL where it is, and waits for its database.
    on_line_ = [](std::string_view line) {
        if (line.find("orders: waiting for the database") != line.npos) std::raise(SIGINT);
    };
    const auto outcome = run_pipelines(settings_, options_);
    unsetenv("AWS_CONFIG_FILE");
    EXPECT_EQ(outcome.exit_code, kUsage);
    EXPECT_EQ(outcome.signal, SIGINT);
    EXPECT_TRUE(said("ERROR logins: ")) << lines_;
    EXPECT_FALSE(said("ERROR orders: ")) << lines_;
}

TEST_F(Assembly, ABusyOpsPortIsAFailureWithItsRemedy) {
    auto other =
        ops::Server::start({"127.0.0.1", 0}, {[] { return ops::ProcessView{}; }, [] { return std::string(); }});
    ASSERT_TRUE(other.has_value());
    options_.ops = "127.0.0.1:" + std::to_string((*other)->port());
    EXPECT_EQ(run_pipelines(settings_, options_).exit_code, kFailed);
    EXPECT_TRUE(said("--ops off")) << lines_;
}

TEST_F(Assembly, NothingSecretIsSaid) {
    settings_.pipelines[0].postgres.url = "host=" + folder_ + " user=nobody dbname=nothing password=hunter2";
    settings_.pipelines[0].postgres.password = Secret("hunter3");
    options_.fail_fast = true;
    options_.log.level = telemetry::LogLevel::Debug;
    run_pipelines(settings_, options_);
    EXPECT_FALSE(said("hunter")) << lines_;
}

}  // namespace
}  // namespace sqs2pg::cli
