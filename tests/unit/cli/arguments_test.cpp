// Wrong arguments end in one sentence with the nearest right name.
#include "cli/arguments.h"

#include <gtest/gtest.h>

#include "cli/commands.h"

namespace sqs2pg::cli {
namespace {

// The sentence for `arguments`; "" when they parse.
std::string sentence_for(std::vector<std::string> arguments) {
    CLI::App app{"sqs2pg"};
    app.require_subcommand(1);
    auto* run = app.add_subcommand("run", "");
    std::string config, log;
    int workers = 0;
    bool drain = false;
    run->add_option("-c,--config", config)->required();
    run->add_flag("--drain", drain);
    run->add_option("--workers", workers)->check(CLI::Range(1, 256));
    run->add_option("--log", log)->check(CLI::IsMember({"text", "json"}));
    auto* key = app.add_subcommand("key", "");
    key->require_subcommand(1);
    key->add_subcommand("new", "");
    std::ranges::reverse(arguments);
    try {
        app.parse(arguments);
    } catch (const CLI::ParseError& error) {
        return usage_sentence(app, error);
    }
    return {};
}

TEST(Arguments, AnUnknownOptionGetsTheNearestName) {
    EXPECT_EQ(sentence_for({"run", "-c", "x.yaml", "--drian"}),
              "sqs2pg run: unknown option --drian; did you mean --drain? (see sqs2pg run --help)");
}

TEST(Arguments, AnOptionsValueIsNotRepeated) {
    EXPECT_EQ(sentence_for({"run", "-c", "x.yaml", "--passwort=hunter2"}),
              "sqs2pg run: unknown option --passwort (see sqs2pg run --help)");
}

TEST(Arguments, AnUnknownCommandGetsTheNearestName) {
    EXPECT_EQ(sentence_for({"rum"}), "sqs2pg: unknown command rum; did you mean run? (see sqs2pg --help)");
}

TEST(Arguments, AMissingOptionIsNamedWithItsCommand) {
    const auto sentence = sentence_for({"run"});
    EXPECT_TRUE(sentence.starts_with("sqs2pg run: ")) << sentence;
    EXPECT_NE(sentence.find("--config"), std::string::npos) << sentence;
}

TEST(Arguments, ANestedCommandIsNamedInFull) {
    const auto sentence = sentence_for({"key"});
    EXPECT_TRUE(sentence.starts_with("sqs2pg key: ")) << sentence;
}

TEST(Arguments, OutOfBoundsAndUnknownValuesAreOneLine) {
    for (const auto& arguments : {std::vector<std::string>{"run", "-c", "x", "--workers", "0"},
                                  std::vector<std::string>{"run", "-c", "x", "--workers", "many"},
                                  std::vector<std::string>{"run", "-c", "x", "--log", "xml"}}) {
        const auto sentence = sentence_for(arguments);
        EXPECT_TRUE(sentence.starts_with("sqs2pg run: ")) << sentence;
        EXPECT_EQ(sentence.find('\n'), std::string::npos) << sentence;
    }
}

TEST(Arguments, WhatIsRightParses) { EXPECT_EQ(sentence_for({"run", "-c", "x.yaml", "--drain"}), ""); }

TEST(Commands, RunRefusesABadOpsAddressBeforeItReadsAnything) {
    CLI::App app{"sqs2pg"};
    app.set_version_flag("--version", "sqs2pg 0.0.0");
    int exit_code = -1;
    add_run(app, exit_code);
    std::vector<std::string> arguments{"nowhere", "--ops", "/nonexistent/x.yaml", "-c", "run"};
    app.parse(arguments);
    EXPECT_EQ(exit_code, kUsage);
}

TEST(Commands, CheckOfAnUnreadableFileIsAUsageError) {
    CLI::App app{"sqs2pg"};
    int exit_code = -1;
    add_check(app, exit_code);
    std::vector<std::string> arguments{"/nonexistent/x.yaml", "-c", "check"};
    app.parse(arguments);
    EXPECT_EQ(exit_code, kUsage);
}

}  // namespace
}  // namespace sqs2pg::cli
