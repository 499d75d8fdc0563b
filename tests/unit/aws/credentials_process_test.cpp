// Credentials that a program prints, and programs that hang, flood, fail and print rubbish.
#include <chrono>
#include <csignal>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aws/command_output.h"
#include "unit/aws/aws_fixture.h"

namespace sqs2pg::aws {
namespace {

using Words = std::vector<std::string>;

TEST(CommandWords, AreSeparatedByBlanksAndKeptTogetherByQuotes) {
    EXPECT_EQ(command_words("/opt/bin/awscreds  --username helen"),
              (Words{"/opt/bin/awscreds", "--username", "helen"}));
    EXPECT_EQ(command_words(R"("C D/x y" "a \"b\" \\ \n" 'it is' e''f "")"),
              (Words{"C D/x y", R"(a "b" \ \n)", "it is", "ef", ""}));
    EXPECT_EQ(command_words(R"(a\ b $HOME ~ *)"), (Words{"a b", "$HOME", "~", "*"}));
    EXPECT_EQ(command_words("  "), Words{});
    EXPECT_FALSE(command_words("\"open"));
    EXPECT_FALSE(command_words("'open"));
    EXPECT_FALSE(command_words("end\\"));
}

struct Process : Aws {
    // A profile whose program is this shell script.
    void script(const std::string& text, const std::string& arguments = {}) {
        write("print keys", "#!/bin/sh\n" + text + "\n");
        chmod(path("print keys").c_str(), 0700);
        write(".aws/config", "[default]\ncredential_process = \"" + path("print keys") + "\" " + arguments + "\n");
    }
};

TEST_F(Process, ItsJsonIsReadAndItsArgumentsAreHandedOverUnaltered) {
    script(R"(echo "{\"Version\":1,\"AccessKeyId\":\"$1\",\"SecretAccessKey\":\"$2\",\"SessionToken\":\"t\",)"
           R"(\"Expiration\":\"2026-11-25T12:00:00Z\"}")",
           "AKID \"a b $HOME\"");
    auto found = credentials();
    ASSERT_TRUE(found) << describe(found.error());
    EXPECT_EQ(found->access_key_id, "AKID");
    EXPECT_EQ(found->secret_access_key.reveal(), "a b $HOME");
    EXPECT_EQ(found->session_token.reveal(), "t");
    EXPECT_EQ(found->expires_at_ms, clock.wall_ms() + 2 * 3'600'000);
    EXPECT_FALSE(contains(found->source, "a b")) << found->source;
}

TEST_F(Process, WithoutATokenOrAnEndItsKeysAreLongLived) {
    script(R"(echo '{"Version":1,"AccessKeyId":"A","SecretAccessKey":"s"}')");
    auto found = credentials();
    ASSERT_TRUE(found) << describe(found.error());
    EXPECT_TRUE(found->session_token.empty());
    EXPECT_FALSE(found->expires_at_ms);
    EXPECT_FALSE(found->fixed);
}

TEST_F(Process, OneThatHangsIsKilledWithAllThatItStarted) {
    command_deadline = std::chrono::milliseconds(300);
    script("sleep 600 & echo $! > \"" + path("child") + "\"; trap '' TERM; sleep 600");
    auto began = std::chrono::steady_clock::now();
    auto told = refusal();
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
    EXPECT_TRUE(contains(told, "did not end within 0 s and was killed; run it by hand")) << told;
    pid_t child = 0;
    std::ifstream(path("child")) >> child;
    ASSERT_GT(child, 0);
    // Its parent is gone: whoever inherits it also reaps it. A zombie is dead too.
    for (int i = 0; i < 1000 && kill(child, 0) == 0; ++i) {
        std::string state;
        std::ifstream stat("/proc/" + std::to_string(child) + "/stat");
        std::getline(stat, state);
        if (contains(state, ") Z ")) return;
        usleep(10'000);
    }
    EXPECT_NE(kill(child, 0), 0) << "the grandchild lives on";
}

TEST_F(Process, RubbishFloodsAndFailuresAreToldWithoutWhatWasPrinted) {
    const std::pair<const char*, const char*> rows[] = {
        {"echo PRIVATE", "what it prints is no JSON object"},
        {"true", "what it prints is no JSON object"},
        {"echo PRIVATE; echo PRIVATE >&2; exit 7", "it ended with status 7"},
        {"kill -9 $$", "it ended with status 137"},
        {R"(echo '{"Version":2,"AccessKeyId":"PRIVATE"}')", "has no \"Version\": 1"},
        {R"(echo '{"Version":1,"AccessKeyId":"PRIVATE"}')", "the JSON has no SecretAccessKey"},
        {R"(echo '{"Version":1,"AccessKeyId":"A","SecretAccessKey":"PRIVATE","Expiration":"2026-11-25T09:00:00Z"}')",
         "the credentials that it prints have expired"},
        {"yes PRIVATE", "it writes more than 65536 bytes"},
    };
    for (const auto& [text, told] : rows) {
        script(text, "PRIVATE");
        auto sentence = refusal();
        EXPECT_TRUE(contains(sentence, told)) << sentence;
        EXPECT_TRUE(contains(sentence, "credential_process \"" + path("print keys") + "\"")) << sentence;
        EXPECT_FALSE(contains(sentence, "PRIVATE")) << sentence;
    }
    write(".aws/config", "[default]\ncredential_process = /no/such/program\n");
    EXPECT_TRUE(contains(refusal(), "it cannot be run: No such file or directory"));
    write(".aws/config", "[default]\ncredential_process = \"open\n");
    EXPECT_TRUE(contains(refusal(), "has a quote that stays open"));
}

TEST_F(Process, ItReadsNothingFromOurStdinAndGetsNoneOfOurFiles) {
    auto stray = open("/dev/null", O_RDONLY);
    script(R"(read line && exit 3; test -e /proc/$$/fd/)" + std::to_string(stray) +
           R"( && exit 4; echo '{"Version":1,"AccessKeyId":"A","SecretAccessKey":"s"}')");
    auto found = credentials();
    EXPECT_TRUE(found) << describe(found.error());
    close(stray);
}

}  // namespace
}  // namespace sqs2pg::aws
