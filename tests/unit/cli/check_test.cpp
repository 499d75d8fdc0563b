// The findings' lines and the judgement on a queue's attributes.
#include "cli/check.h"

#include "cli/check_codes.h"

#include <gtest/gtest.h>

namespace sqs2pg::cli {
namespace {

using Attributes = std::map<std::string, std::string>;

pipeline::PipelineOptions logins() {
    pipeline::PipelineOptions options;
    options.name = "logins";
    options.queue = "login-queue";
    options.place = "x.yaml:7:3";
    return options;
}

Findings judged(const Attributes& attributes, const schema::SchemaState* state = nullptr,
                const pipeline::PipelineOptions& options = logins()) {
    Findings findings;
    judge_queue(attributes, options, state, findings);
    return findings;
}

bool says(const Findings& findings, Verdict verdict, std::string_view part) {
    for (const auto& finding : findings.all()) {
        if (finding.verdict == verdict && finding.sentence.find(part) != std::string::npos) return true;
    }
    return false;
}

TEST(Findings, AreLinesInColumnsWithTheCountsAtTheEnd) {
    Findings findings;
    findings.ok("configuration", "x.yaml", "1 pipeline");
    findings.warning("mask_sha256", "x.yaml:3:4", "is weak");
    findings.error("keys", "keys", Error{ErrorKind::Configuration, Stage::Start, "no_keys", "there are none"});
    EXPECT_EQ(findings.text(),
              "ok       x.yaml      1 pipeline\n"
              "warning  x.yaml:3:4  is weak [mask_sha256]\n"
              "error    keys        there are none [keys]\n"
              "`sqs2pg explain keys` tells what a code in brackets means and what to do\n"
              "1 error, 1 warning\n");
    EXPECT_EQ(findings.text({30, true}),
              "\x1b[32mok     \x1b[0m  x.yaml\n         1 pipeline\n"
              "\x1b[33mwarning\x1b[0m  x.yaml:3:4\n         is weak [mask_sha256]\n"
              "\x1b[31merror  \x1b[0m  keys\n         there are none [keys]\n"
              "`sqs2pg explain keys` tells\nwhat a code in brackets means\nand what to do\n"
              "1 error, 1 warning\n");
    EXPECT_TRUE(findings.text({50, false}).starts_with("ok       x.yaml      1 pipeline\n"));
    EXPECT_TRUE(findings.any_error());
}

TEST(Findings, AreOneJsonObjectWithReasonsAndRemediesOfWhatIsNotWell) {
    Findings findings;
    EXPECT_EQ(findings.json(), "{\"errors\": 0, \"warnings\": 0, \"findings\": []}\n");
    findings.ok("configuration", "x.yaml", "1 pipeline");
    findings.about("logins");
    findings.error("table_rights", "table \"odd\"\n", "no");
    const auto& known = *find_check_code("table_rights");
    EXPECT_EQ(
        findings.json(),
        "{\"errors\": 1, \"warnings\": 0, \"findings\": [\n"
        "  {\"verdict\": \"ok\", \"code\": \"configuration\", \"place\": \"x.yaml\", \"sentence\": \"1 pipeline\"},\n"
        "  {\"verdict\": \"error\", \"code\": \"table_rights\", \"pipeline\": \"logins\", \"place\": \"table "
        "\\\"odd\\\"\\n\", \"sentence\": \"no\", \"reason\": \"" +
            std::string(known.reason) + "\", \"remedy\": \"" + std::string(known.remedy) + "\"}\n]}\n");
}

TEST(Findings, WarningsDoNotForbidAStart) {
    Findings findings;
    findings.warning("clock", "x", "y");
    EXPECT_FALSE(findings.any_error());
    EXPECT_TRUE(findings.text().ends_with("0 errors, 1 warning\n"));
}

TEST(Findings, AnErrorWithoutASentenceShowsItsCode) {
    Findings findings;
    findings.error("table", "x", Error{ErrorKind::Retry, Stage::Start, "timeout", ""});
    EXPECT_EQ(findings.all()[0].sentence, "timeout");
}

TEST(Queue, BlockBesideARedrivePolicyIsRefused) {
    const Attributes redrive{{"RedrivePolicy", R"({"deadLetterTargetArn":"arn:x:3","maxReceiveCount":"100"})"}};
    auto options = logins();
    options.queue = "login-queue.fifo";
    EXPECT_FALSE(judged(redrive, nullptr, options).any_error());
    options.bad_message = pipeline::OnBadMessage::Block;
    EXPECT_TRUE(
        says(judged(redrive, nullptr, options), Verdict::Error, "`bad_message: block` beside a redrive policy"));
    EXPECT_FALSE(judged({}, nullptr, options).any_error());
}

TEST(Queue, AReceiveCountOfOneIsAnError) {
    EXPECT_TRUE(says(judged({{"RedrivePolicy", R"({"maxReceiveCount":"1"})"}}), Verdict::Error, "maxReceiveCount 1"));
}

TEST(Queue, OnlyWhatTakesGoodMessagesAwayIsARedriveDanger) {
    auto options = logins();
    auto danger = [&](const char* policy) { return redrive_danger({{"RedrivePolicy", policy}}, options); };
    EXPECT_FALSE(redrive_danger({}, options));
    EXPECT_FALSE(danger(R"({"maxReceiveCount":"2"})"));
    ASSERT_TRUE(danger(R"({"maxReceiveCount":"1"})"));
    EXPECT_EQ(danger(R"({"maxReceiveCount":"1"})")->code, "queue_redrive");
    options.bad_message = pipeline::OnBadMessage::Block;
    EXPECT_EQ(danger(R"({"maxReceiveCount":"100"})")->code, "queue_fifo_block");
    EXPECT_FALSE(redrive_danger({}, options));
}

TEST(Queue, AShortRetentionAndNoEncryptionAreWarnedAbout) {
    EXPECT_TRUE(says(judged({{"MessageRetentionPeriod", "3600"}}), Verdict::Warning, "keeps messages for 1 h"));
    EXPECT_FALSE(says(judged({{"MessageRetentionPeriod", "345600"}}), Verdict::Warning, "keeps"));
    EXPECT_TRUE(says(judged({{"SqsManagedSseEnabled", "false"}}), Verdict::Warning, "not encrypted"));
    EXPECT_FALSE(says(judged({{"SqsManagedSseEnabled", "false"}, {"KmsMasterKeyId", "alias/x"}}), Verdict::Warning,
                      "encrypted"));
    EXPECT_FALSE(says(judged({}), Verdict::Warning, "encrypted"));
}

TEST(Queue, TooManyInFlightIsWarnedAbout) {
    EXPECT_TRUE(says(judged({{"ApproximateNumberOfMessagesNotVisible", "119000"}}), Verdict::Warning, "119,000"));
}

TEST(Queue, ALowMaxReceiveCountIsWarnedAbout) {
    for (const char* policy : {R"({"deadLetterTargetArn":"arn:x:3","maxReceiveCount":"3"})",
                               R"({"maxReceiveCount":9,"deadLetterTargetArn":"arn:x:12"})"}) {
        EXPECT_TRUE(says(judged({{"RedrivePolicy", policy}}), Verdict::Warning, "maxReceiveCount")) << policy;
    }
}

TEST(Queue, AMaxReceiveCountOfTenIsWell) {
    const auto findings = judged({{"RedrivePolicy", R"({"maxReceiveCount":"10"})"}});
    EXPECT_TRUE(says(findings, Verdict::Ok, "maxReceiveCount 10"));
    EXPECT_FALSE(says(findings, Verdict::Warning, "maxReceiveCount"));
}

TEST(Queue, ReceiveCountsAreReadOutOfTheirPolicyOnly) {
    EXPECT_EQ(max_receive_count(R"({"maxReceiveCount" : "1000"})"), 1000);
    EXPECT_EQ(max_receive_count(R"({"deadLetterTargetArn":"arn:5"})"), std::nullopt);
    EXPECT_EQ(max_receive_count(""), std::nullopt);
}

TEST(Queue, ALedgerThatForgetsFirstIsAnError) {
    schema::SchemaState state;
    state.present = true;
    state.ledger_retention = std::chrono::hours(24 * 4);
    EXPECT_TRUE(says(judged({{"MessageRetentionPeriod", "1209600"}}, &state), Verdict::Error, "written twice"));
    EXPECT_FALSE(judged({{"MessageRetentionPeriod", "345600"}}, &state).any_error());
}

TEST(Queue, ShortAndLongVisibilityAreWarnedAbout) {
    auto options = logins();
    options.visibility_timeout_seconds = 10;
    EXPECT_TRUE(says(judged({}, nullptr, options), Verdict::Warning, "short"));
    options.visibility_timeout_seconds = 43'200;
    EXPECT_TRUE(says(judged({}, nullptr, options), Verdict::Warning, "long"));
    options.visibility_timeout_seconds = 60;
    EXPECT_FALSE(says(judged({}, nullptr, options), Verdict::Warning, "visibility"));
}

TEST(Queue, SaysHowMuchWaits) {
    const auto findings =
        judged({{"ApproximateNumberOfMessages", "1234"}, {"ApproximateNumberOfMessagesNotVisible", "5"}});
    EXPECT_TRUE(says(findings, Verdict::Ok, "about 1,234 messages wait, 5 are in flight"));
}

}  // namespace
}  // namespace sqs2pg::cli
