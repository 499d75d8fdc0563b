// The limits on repeated lines and the messages-a-second figure, both with the time passed in.
#include "telemetry/rate.h"

#include <gtest/gtest.h>

#include "telemetry/rate_gate.h"

namespace sqs2pg::telemetry {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const RateGate::Time kStart{seconds(1000)};

TEST(RateGate, PassesTheFirstFewOfASecondAndCountsTheRest) {
    RateGate gate(3);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(gate.pass(kStart + milliseconds(i)), 0U);
    for (int i = 0; i < 40; ++i) EXPECT_EQ(gate.pass(kStart + milliseconds(500)), std::nullopt);
    EXPECT_EQ(gate.pass(kStart + milliseconds(1000)), 40U);
    EXPECT_EQ(gate.pass(kStart + milliseconds(1001)), 0U);
}

TEST(RateGate, WhatWasNeverSaidIsTakenOnce) {
    RateGate gate(1);
    gate.pass(kStart);
    gate.pass(kStart);
    gate.pass(kStart);
    EXPECT_EQ(gate.take_left_out(), 2U);
    EXPECT_EQ(gate.take_left_out(), 0U);
}

TEST(Rate, IsTheSlopeOverTheWindow) {
    Rate rate(seconds(10));
    EXPECT_EQ(rate.a_second(), 0);
    rate.look(kStart, 0);
    EXPECT_EQ(rate.a_second(), 0);
    rate.look(kStart + seconds(2), 1000);
    EXPECT_DOUBLE_EQ(rate.a_second(), 500);
}

TEST(Rate, ForgetsWhatIsOlderThanTheWindow) {
    Rate rate(seconds(10));
    std::uint64_t count = 0;
    for (int i = 0; i <= 20; ++i) rate.look(kStart + seconds(i), count += 100);
    EXPECT_DOUBLE_EQ(rate.a_second(), 100);
    for (int i = 21; i <= 40; ++i) rate.look(kStart + seconds(i), count);
    EXPECT_DOUBLE_EQ(rate.a_second(), 0);
}

}  // namespace
}  // namespace sqs2pg::telemetry
