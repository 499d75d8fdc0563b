// Sorting, twins and splitting.
#include "pipeline/batch.h"

#include <gtest/gtest.h>

namespace sqs2pg::pipeline {
namespace {

struct Fixture {
    Inflight inflight;

    Held* held(std::int64_t sent_ms, std::string handle) {
        std::vector<Received> reply(1);
        reply[0].receipt_handle = std::move(handle);
        auto& one = inflight.add(std::move(reply), {}).front();
        one.key = ledger_key("q", "m", sent_ms);
        return &one;
    }
};

TEST(Batch, SortsByKeyAndKeepsTwinsTogether) {
    Fixture f;
    Batch batch({f.held(3, "c"), f.held(1, "a"), f.held(2, "b2"), f.held(2, "b1")});
    ASSERT_EQ(batch.keys(), 3u);
    EXPECT_EQ(batch.messages(), 4u);
    EXPECT_EQ(batch.first(0).message.receipt_handle, "a");
    ASSERT_EQ(batch.twins(1).size(), 2u);
    EXPECT_EQ(batch.twins(1)[0]->message.receipt_handle, "b1");
    EXPECT_EQ(batch.part(1, 3).messages(), 3u);
    EXPECT_EQ(batch.without(1).messages(), 2u);
    EXPECT_TRUE(batch.without(1).part(0, 0).empty());
}

TEST(Batch, AsReceivedTwinsJoinTheirFirstAndNothingElseMoves) {
    Fixture f;
    Batch batch({f.held(3, "c"), f.held(1, "a"), f.held(3, "c2"), f.held(2, "b")}, Order::AsReceived);
    ASSERT_EQ(batch.keys(), 3u);
    EXPECT_EQ(batch.first(0).message.receipt_handle, "c");
    EXPECT_EQ(batch.twins(0)[1]->message.receipt_handle, "c2");
    EXPECT_EQ(batch.first(1).message.receipt_handle, "a");
    EXPECT_EQ(batch.part(1, 3).first(1).message.receipt_handle, "b");
    auto out = batch.take_out([](Twins twins) { return twins.front()->message.receipt_handle == "c"; });
    EXPECT_EQ(out.size(), 2u);
    ASSERT_EQ(batch.keys(), 2u);
    EXPECT_EQ(batch.first(0).message.receipt_handle, "a");
}

TEST(Batch, TakesTheOldestFirstAndLeavesTheRest) {
    Fixture f;
    std::deque<Held*> gathered = {f.held(1, "a"), f.held(2, "b"), f.held(3, "c")};
    EXPECT_EQ(take_oldest(gathered, 2).size(), 2u);
    ASSERT_EQ(gathered.size(), 1u);
    EXPECT_EQ(gathered.front()->message.receipt_handle, "c");
    EXPECT_EQ(take_oldest(gathered, 2).size(), 1u);
}

}  // namespace
}  // namespace sqs2pg::pipeline
