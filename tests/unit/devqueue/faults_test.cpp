// Fault rules: what they accept and which calls they hit.
#include "devqueue/faults.h"

#include <gtest/gtest.h>

namespace sqs2pg::devqueue {
namespace {

TEST(FaultRules, hit_the_next_calls_of_their_operation_only) {
    Faults faults;
    ASSERT_TRUE(faults.add(R"({"operation":"ReceiveMessage","fault":"error","status":503,"times":2})"));
    EXPECT_EQ(faults.next("SendMessage").error_code, "");
    EXPECT_EQ(faults.next("ReceiveMessage").error_code, "ServiceUnavailable");
    EXPECT_EQ(faults.next("ReceiveMessage").error_code, "ServiceUnavailable");
    EXPECT_EQ(faults.next("ReceiveMessage").error_code, "");
    EXPECT_NE(faults.to_json().find("\"fired\":2"), std::string::npos);
}

TEST(FaultRules, every_kind_does_its_own) {
    auto one = [](const std::string& rule) {
        Faults faults;
        auto added = faults.add("{" + rule + "}");
        EXPECT_TRUE(added) << rule << ": " << (added ? "" : added.error().message);
        return faults.next("DeleteMessageBatch");
    };
    EXPECT_EQ(one(R"("fault":"error")").error_code, "InternalError");
    EXPECT_EQ(one(R"("fault":"throttle")").error_code, "ThrottlingException");
    EXPECT_EQ(one(R"("fault":"throttle","code":"RequestThrottled")").error_code, "RequestThrottled");
    EXPECT_EQ(one(R"("fault":"over_limit")").error_code, "OverLimit");
    EXPECT_EQ(one(R"("fault":"access_denied")").error_code, "AccessDeniedException");
    EXPECT_EQ(one(R"("fault":"delay","ms":250)").delay_ms, 250);
    EXPECT_TRUE(one(R"("fault":"drop_before")").drop_before);
    EXPECT_TRUE(one(R"("fault":"drop_after")").drop_after);
    EXPECT_TRUE(one(R"("fault":"flip_bit")").effects.flip_bit);
    EXPECT_TRUE(one(R"("fault":"redeliver")").effects.redeliver);
    EXPECT_EQ(one(R"("fault":"fail_entries","entries":3)").effects.failed_entries, 3);
}

TEST(FaultRules, several_rules_add_up) {
    Faults faults;
    ASSERT_TRUE(faults.add(R"([{"fault":"delay","ms":5},{"fault":"delay","ms":7},{"fault":"drop_after","times":1}])"));
    auto first = faults.next("SendMessage");
    EXPECT_EQ(first.delay_ms, 12);
    EXPECT_TRUE(first.drop_after);
    EXPECT_FALSE(faults.next("SendMessage").drop_after);
}

TEST(FaultRules, a_fraction_is_seeded_and_about_right) {
    auto run = [](int seed) {
        Faults faults;
        EXPECT_TRUE(faults.add(R"({"fault":"drop_before","fraction":0.25,"seed":)" + std::to_string(seed) + "}"));
        std::string hits;
        for (int i = 0; i < 4000; ++i) hits += faults.next("x").drop_before ? '1' : '0';
        return hits;
    };
    auto hits = run(3);
    EXPECT_EQ(hits, run(3));
    EXPECT_NE(hits, run(4));
    auto count = std::count(hits.begin(), hits.end(), '1');
    EXPECT_GT(count, 850);
    EXPECT_LT(count, 1150);
}

TEST(FaultRules, wrong_rules_are_refused_as_a_whole) {
    Faults faults;
    for (const char* rule :
         {"", "[", "5", "{}", R"({"fault":"nonsense"})", R"({"fault":"error","status":404})",
          R"({"fault":"error","times":0})", R"({"fault":"error","fraction":1.5})", R"({"fault":"error","frequency":1})",
          R"({"fault":"fail_entries","entries":11})", R"([{"fault":"error"},{"fault":"nonsense"}])"}) {
        EXPECT_FALSE(faults.add(rule)) << rule;
    }
    EXPECT_TRUE(faults.empty());
    ASSERT_TRUE(faults.add(R"({"fault":"error"})"));
    EXPECT_FALSE(faults.empty());
    faults.clear();
    EXPECT_TRUE(faults.empty());
}

}  // namespace
}  // namespace sqs2pg::devqueue
