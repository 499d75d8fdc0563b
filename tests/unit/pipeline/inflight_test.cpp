// What is held, counted in messages and bytes.
#include "pipeline/inflight.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace sqs2pg::pipeline {
namespace {

using namespace std::chrono_literals;

std::vector<Received> reply_of(std::size_t messages, std::size_t bytes) {
    std::vector<Received> reply(messages);
    for (std::size_t i = 0; i < messages; ++i) {
        reply[i].message_id = std::to_string(i);
        reply[i].body = std::string(bytes, 'x');
        reply[i].received_at = Clock::Steady{} + 1s;
    }
    return reply;
}

TEST(Inflight, AReplyIsHeldAsItCame) {
    Inflight inflight;
    auto held = inflight.add(reply_of(3, 100), 30s);
    ASSERT_EQ(held.size(), 3u);
    EXPECT_EQ(inflight.count(), 3u);
    EXPECT_EQ(held[2].message.message_id, "2");
    EXPECT_EQ(held[2].lease_until, Clock::Steady{} + 31s);
    EXPECT_EQ(inflight.bytes(), 3 * held[0].message.bytes());
}

TEST(Inflight, AnEmptyReplyIsNothing) {
    Inflight inflight;
    EXPECT_TRUE(inflight.add({}, 30s).empty());
    EXPECT_EQ(inflight.count(), 0u);
    EXPECT_EQ(inflight.bytes(), 0u);
}

// Their texts share memory, which is there until the last of them is gone.
TEST(Inflight, TheMessagesOfAReplyCountUntilTheLastOfThemIsRemoved) {
    Inflight inflight;
    auto held = inflight.add(reply_of(3, 100), 30s);
    const auto all = inflight.bytes();
    auto other = inflight.add(reply_of(1, 100), 30s);
    EXPECT_EQ(inflight.bytes(), all + all / 3);
    inflight.remove(held[0]);
    inflight.remove(held[2]);
    EXPECT_EQ(inflight.count(), 2u);
    EXPECT_EQ(inflight.bytes(), all + all / 3);
    inflight.remove(held[1]);
    EXPECT_EQ(inflight.bytes(), all / 3);
    inflight.remove(other[0]);
    EXPECT_EQ(inflight.bytes(), 0u);
    EXPECT_EQ(inflight.count(), 0u);
}

TEST(Inflight, WhatWasMadeOfAMessageCountsUntilTheMessageIsRemoved) {
    Inflight inflight;
    auto held = inflight.add(reply_of(2, 100), 30s);
    const auto messages = inflight.bytes();
    inflight.charge(held[0], 10);  // less than the message itself
    EXPECT_EQ(inflight.bytes(), messages);
    inflight.charge(held[0], 5000);
    EXPECT_EQ(inflight.bytes(), messages - held[0].message.bytes() + 5000);
    inflight.charge_object(held[1], 7000);
    EXPECT_EQ(inflight.bytes(), messages - held[0].message.bytes() + 5000 + 7000);
    inflight.remove(held[0]);
    EXPECT_EQ(inflight.bytes(), messages + 7000);
    inflight.remove(held[1]);
    EXPECT_EQ(inflight.bytes(), 0u);
}

TEST(Inflight, MessagesLeaveInAnyOrder) {
    Inflight inflight;
    auto held = inflight.add(reply_of(10, 100), 30s);
    for (std::size_t i : {0, 9, 4, 5}) inflight.remove(held[i]);
    std::string left;
    inflight.each([&](const Held& one) { left += one.message.message_id.view(); });
    std::ranges::sort(left);
    EXPECT_EQ(left, "123678");
    EXPECT_EQ(inflight.count(), 6u);
}

TEST(Inflight, RepliesLeaveInAnyOrder) {
    Inflight inflight;
    std::vector<std::span<Held>> replies;
    for (int i = 0; i < 5; ++i) replies.push_back(inflight.add(reply_of(2, 100), 30s));
    const auto each = inflight.bytes() / 5;
    for (std::size_t i : {1, 4, 0}) {
        for (auto& held : replies[i]) inflight.remove(held);
    }
    EXPECT_EQ(inflight.bytes(), 2 * each);
    std::vector<const Held*> left;
    inflight.each([&](const Held& one) { left.push_back(&one); });
    std::ranges::sort(left);
    std::vector<const Held*> expected = {&replies[2][0], &replies[2][1], &replies[3][0], &replies[3][1]};
    std::ranges::sort(expected);
    EXPECT_EQ(left, expected);
    for (std::size_t i : {3, 2}) {
        for (auto& held : replies[i]) EXPECT_EQ(inflight.kept(held).get(), &held);
        for (auto& held : replies[i]) inflight.remove(held);
    }
    EXPECT_EQ(inflight.count(), 0u);
    EXPECT_EQ(inflight.bytes(), 0u);
}

TEST(Inflight, WhoeverStillLooksAtARemovedMessageFindsIt) {
    Inflight inflight;
    auto held = inflight.add(reply_of(2, 100), 30s);
    auto looked_at = inflight.kept(held[0]);
    inflight.remove(held[0]);
    inflight.remove(held[1]);
    EXPECT_TRUE(looked_at->gone);
    EXPECT_EQ(looked_at->message.message_id, "0");
}

}  // namespace
}  // namespace sqs2pg::pipeline
