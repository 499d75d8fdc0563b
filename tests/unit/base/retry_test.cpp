#include "base/retry.h"

#include <gtest/gtest.h>

#include <sstream>

#include "base/secret.h"

namespace sqs2pg {
namespace {

using namespace std::chrono_literals;

TEST(Backoff, DoublesUpToItsCap) {
    Backoff backoff{1000ms, 20000ms};
    EXPECT_EQ(backoff.upper_bound(1), 1000ms);
    EXPECT_EQ(backoff.upper_bound(2), 2000ms);
    EXPECT_EQ(backoff.upper_bound(5), 16000ms);
    EXPECT_EQ(backoff.upper_bound(6), 20000ms);
    EXPECT_EQ(backoff.upper_bound(1'000'000), 20000ms);
}

TEST(Backoff, JittersOverTheWholeRange) {
    Backoff backoff{1000ms, 20000ms};
    std::mt19937_64 random(1);
    bool low = false;
    bool high = false;
    for (int i = 0; i < 200; ++i) {
        auto delay = backoff.delay(3, random);
        ASSERT_GE(delay, 0ms);
        ASSERT_LE(delay, 4000ms);
        low = low || delay < 1000ms;
        high = high || delay > 3000ms;
    }
    EXPECT_TRUE(low && high);
}

TEST(RetryTokens, RunOutUnderAStormAndComeBackWithSuccess) {
    RetryTokens tokens;
    int retries = 0;
    while (tokens.take(RetryTokens::kRetryCost)) ++retries;
    EXPECT_EQ(retries, 35) << "500 tokens at 14 a retry";
    tokens.give_back(RetryTokens::kRetryCost);
    EXPECT_TRUE(tokens.take(RetryTokens::kRetryCost));
    tokens.give_back(10'000);
    EXPECT_EQ(tokens.available(), RetryTokens::kCapacity);
}

struct Call : ::testing::Test {
    RetryTokens tokens;
    std::mt19937_64 random{7};
};

TEST_F(Call, IsTriedThreeTimesWithPausesFromFiftyMilliseconds) {
    for (int i = 0; i < 300; ++i) {
        RetryTokens fresh;
        StandardRetry call(fresh, 3);
        auto first = call.failed({}, random);
        EXPECT_TRUE(first.again);
        EXPECT_LE(first.pause, 50ms);
        auto second = call.failed({}, random);
        EXPECT_TRUE(second.again);
        EXPECT_LE(second.pause, 100ms);
        EXPECT_EQ(call.attempt(), 3);
        auto third = call.failed({}, random);
        EXPECT_FALSE(third.again);
        EXPECT_FALSE(third.out_of_tokens) << "its attempts are used up";
        EXPECT_EQ(fresh.available(), 500 - 2 * 14);
    }
}

TEST_F(Call, WaitsLongerAndPaysLessWhereTheServiceThrottles) {
    std::chrono::milliseconds longest{0};
    for (int i = 0; i < 300; ++i) {
        RetryTokens fresh;
        StandardRetry call(fresh, 3);
        longest = std::max(longest, call.failed({.throttled = true}, random).pause);
        EXPECT_EQ(fresh.available(), 495);
    }
    EXPECT_GT(longest, 900ms);
    EXPECT_LE(longest, 1000ms);
}

TEST_F(Call, GivesBackWhatItsLastRetryTookAndOneWhenItNeededNone) {
    ASSERT_TRUE(tokens.take(100));
    StandardRetry easy(tokens, 3);
    easy.succeeded();
    EXPECT_EQ(tokens.available(), 401);
    StandardRetry hard(tokens, 3);
    EXPECT_TRUE(hard.failed({.throttled = true}, random).again);
    EXPECT_TRUE(hard.failed({}, random).again);
    hard.succeeded();
    EXPECT_EQ(tokens.available(), 401 - 5 - 14 + 14);
}

TEST_F(Call, HeedsTheServersWishWithinFiveSecondsOfItsOwnPause) {
    for (int i = 0; i < 100; ++i) {
        RetryTokens fresh;
        StandardRetry call(fresh, 3);
        auto wished = call.failed({.throttled = false, .retry_after = 1500ms}, random);
        EXPECT_EQ(wished.pause, 1500ms);
        StandardRetry other(fresh, 3);
        auto excessive = other.failed({.throttled = false, .retry_after = std::chrono::hours(1)}, random);
        EXPECT_GE(excessive.pause, 5000ms);
        EXPECT_LE(excessive.pause, 5050ms);
        StandardRetry third(fresh, 3);
        auto none = third.failed({.throttled = true, .retry_after = 0ms}, random);
        EXPECT_LE(none.pause, 1000ms);
    }
}

TEST_F(Call, ThatFindsNoTokensIsToldApartFromOneThatUsedItsAttempts) {
    ASSERT_TRUE(tokens.take(490));
    StandardRetry call(tokens, 3);
    auto verdict = call.failed({}, random);
    EXPECT_FALSE(verdict.again);
    EXPECT_TRUE(verdict.out_of_tokens);
    EXPECT_EQ(call.attempt(), 1);
    EXPECT_EQ(tokens.available(), 10) << "nothing is taken";
    EXPECT_TRUE(call.failed({.throttled = true}, random).again) << "throttling costs 5";
}

TEST(RetryAfter, IsMillisecondsOrNothing) {
    EXPECT_EQ(parse_retry_after("1500"), 1500ms);
    EXPECT_EQ(parse_retry_after("0"), 0ms);
    for (const auto* wrong : {"", "-1", "1.5", "soon", "12 ", " 12", "99999999999999999999999"}) {
        EXPECT_EQ(parse_retry_after(wrong), std::nullopt) << wrong;
    }
}

TEST(Secret, IsNotPrinted) {
    std::ostringstream out;
    out << Secret("hunter2");
    EXPECT_EQ(out.str(), "[secret]");
    EXPECT_EQ(format_as(Secret("hunter2")), "[secret]");
}

TEST(Secret, MovedFromIsEmpty) {
    Secret first("a value that is longer than any small string buffer");
    Secret second = std::move(first);
    EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move): that is what is tested
    EXPECT_EQ(second.reveal(), "a value that is longer than any small string buffer");
}

}  // namespace
}  // namespace sqs2pg
