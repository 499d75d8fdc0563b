#include "pipeline/appetite.h"

#include <gtest/gtest.h>

namespace sqs2pg::pipeline {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMost = 5000;

// A transaction of so many rows, one after the other without a pause.
Appetite write(AppetiteGauge& gauge, std::size_t rows, Clock::Duration took, std::size_t most = kMost) {
    auto appetite = gauge.begins(rows, rows, most);
    gauge.committed(took);
    return appetite;
}

// A writer whose transactions are usually so.
AppetiteGauge used_to(std::size_t rows, Clock::Duration took) {
    AppetiteGauge gauge;
    write(gauge, 10, 2ms);
    for (int i = 0; i < 20; ++i) write(gauge, rows, took);
    return gauge;
}

TEST(Appetite, AWriterThatWaitedWantsMore) {
    AppetiteGauge gauge;
    EXPECT_EQ(write(gauge, 10, 2ms), Appetite::More);
    auto well_fed = used_to(1400, 9ms);
    EXPECT_EQ(write(well_fed, 1400, 9ms), Appetite::Same);
    well_fed.waits();
    EXPECT_EQ(write(well_fed, 1400, 9ms), Appetite::More);
    EXPECT_EQ(write(well_fed, 1400, 9ms), Appetite::Same);
}

TEST(Appetite, AWriterThatRestsHasAFewPollsMore) {
    auto gauge = used_to(1400, 9ms);
    gauge.rests();
    EXPECT_EQ(write(gauge, 1400, 9ms), Appetite::AFew);
    EXPECT_EQ(write(gauge, 1400, 9ms), Appetite::Same);
    gauge.rests();
    gauge.waits();
    EXPECT_EQ(write(gauge, 1400, 9ms), Appetite::More);
}

TEST(Appetite, WhatComesDuringARestIsNotTooMuch) {
    auto gauge = used_to(1400, 9ms);
    for (int i = 0; i < 20; ++i) {
        gauge.rests();
        EXPECT_EQ(gauge.begins(2400, 600, kMost), Appetite::AFew);
        gauge.committed(12ms);
    }
}

TEST(Appetite, TransactionsThatAreUsuallySmallWantMore) {
    auto gauge = used_to(200, 4ms);
    EXPECT_EQ(write(gauge, 200, 4ms), Appetite::More);
    EXPECT_EQ(write(gauge, 1900, 4ms), Appetite::Same);
}

TEST(Appetite, OneSmallTransactionAmongLargerOnesSaysNothing) {
    auto gauge = used_to(1600, 9ms);
    EXPECT_EQ(write(gauge, 10, 2ms), Appetite::Same);
}

TEST(Appetite, LargeTransactionsWantLess) {
    auto gauge = used_to(2500, 15ms);
    EXPECT_EQ(write(gauge, 2500, 15ms), Appetite::Less);
    gauge.waits();
    EXPECT_EQ(write(gauge, 2500, 15ms), Appetite::Same);
}

// A database at the other end of a continent: each transaction takes as long, and only its rows make it pay.
TEST(Appetite, LargeTransactionsThatTakeNoLongerThanSmallOnesAreWelcome) {
    AppetiteGauge gauge;
    write(gauge, 10, 60ms);
    for (int i = 0; i < 100; ++i) EXPECT_NE(write(gauge, 4000, 80ms), Appetite::Less);
}

TEST(Appetite, ADatabaseThatMovedAwayIsNoticed) {
    auto gauge = used_to(2500, 60ms);
    ASSERT_EQ(write(gauge, 2500, 60ms), Appetite::Less);
    auto appetite = Appetite::Less;
    for (int i = 0; i < 50'000 && appetite == Appetite::Less; ++i) appetite = write(gauge, 2500, 60ms);
    EXPECT_EQ(appetite, Appetite::Same);
}

TEST(Appetite, SmallBatchesOfTheConfigurationAreNotHeldAgainstThePolls) {
    AppetiteGauge gauge;
    for (int i = 0; i < 20; ++i) write(gauge, 50, 2ms, 50);
    EXPECT_NE(write(gauge, 50, 2ms, 50), Appetite::More);
}

TEST(Appetite, RepliesFromAfarAreNotCrowded) {
    AnswerTimes times;
    EXPECT_FALSE(times.crowded());
    for (int i = 0; i < 1000; ++i) times.full_reply((i % 3 == 0 ? 6ms : i % 3 == 1 ? 15ms : 30ms));
    EXPECT_FALSE(times.crowded());
}

TEST(Appetite, RepliesThatWaitForEachOtherAre) {
    AnswerTimes times;
    times.full_reply(300us);
    for (int i = 0; i < 100; ++i) times.full_reply(4ms);
    EXPECT_TRUE(times.crowded());
    for (int i = 0; i < 100; ++i) times.full_reply(1ms);
    EXPECT_FALSE(times.crowded());
}

TEST(Appetite, AQueueIsFarWhereItsQuickestAnswerTakesLong) {
    AnswerTimes times;
    EXPECT_FALSE(times.far());
    times.full_reply(12ms);
    EXPECT_TRUE(times.far());
    times.full_reply(300us);  // the others waited for each other
    EXPECT_FALSE(times.far());
}

TEST(Appetite, AQueueThatMovedAwayIsNotCrowdedForGood) {
    AnswerTimes times;
    times.full_reply(300us);
    for (int i = 0; i < 500'000 && (i < 100 || times.crowded()); ++i) times.full_reply(20ms);
    EXPECT_FALSE(times.crowded());
}

}  // namespace
}  // namespace sqs2pg::pipeline
