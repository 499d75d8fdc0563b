#include "pipeline/pace.h"

#include <gtest/gtest.h>

namespace sqs2pg::pipeline {
namespace {

using namespace std::chrono_literals;

constexpr Clock::Steady kNow{1h};

Clock::Duration rest_after(std::size_t rows, Clock::Duration took, Clock::Duration age = 1h) {
    Pace pace;
    pace.committed(rows, took, kNow);
    return pace.rests_until(age) - kNow;
}

TEST(Pace, TheFirstTransactionWaitsForNothing) { EXPECT_LE(Pace().rests_until(1h), Clock::Steady{}); }

TEST(Pace, WhereLittleComesNothingWaits) {
    EXPECT_LE(rest_after(1, 2ms), 0ms);
    EXPECT_LE(rest_after(49, 200ms), 0ms);
}

TEST(Pace, WhereMuchComesTheRestGoesWithTheWork) {
    EXPECT_EQ(rest_after(50, 2ms), 4ms);
    EXPECT_EQ(rest_after(1000, 5ms), 10ms);
}

TEST(Pace, NoRestIsLongerThanASlowServerIsSlow) {
    EXPECT_EQ(rest_after(1000, 30ms), 25ms);
    EXPECT_EQ(rest_after(1000, 20s), 25ms);
}

TEST(Pace, AMessageWaitsNoMoreThanATenthOfWhatItHasWaitedInTheQueue) {
    EXPECT_EQ(rest_after(1000, 5ms, 3ms), 300us);
    EXPECT_EQ(rest_after(1000, 5ms, 50ms), 5ms);
    EXPECT_EQ(rest_after(1000, 5ms, 100ms), 10ms);
    EXPECT_EQ(rest_after(1000, 5ms, 200ms), 10ms);
}

TEST(Pace, AMessageFromTheFutureWaitsForNothing) { EXPECT_LE(rest_after(1000, 5ms, -2min), 0ms); }

TEST(Pace, AScrapAfterAFloodEndsTheRests) {
    Pace pace;
    pace.committed(1000, 5ms, kNow);
    pace.committed(3, 1ms, kNow + 20ms);
    EXPECT_LE(pace.rests_until(1h), kNow + 20ms);
}

TEST(Pace, WhatIsWorthATransactionFitsIntoOne) {
    EXPECT_EQ(worth_a_transaction(5000), 2000u);
    EXPECT_EQ(worth_a_transaction(100), 100u);
}

}  // namespace
}  // namespace sqs2pg::pipeline
