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
    EXPECT_EQ(retries, 100);
    tokens.give_back(RetryTokens::kRetryCost);
    EXPECT_TRUE(tokens.take(RetryTokens::kRetryCost));
    tokens.give_back(10'000);
    EXPECT_EQ(tokens.available(), RetryTokens::kCapacity);
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
