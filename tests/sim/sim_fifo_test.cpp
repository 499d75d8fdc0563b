// Seeded simulations of a FIFO queue, see sim_fifo_world.h; seeds as in seeds.h.
#include <gtest/gtest.h>

#include "sim/seeds.h"
#include "sim/sim_fifo_world.h"

namespace sqs2pg::sim {
namespace {

using namespace std::chrono_literals;

std::string again(const FifoWorld& world) { return "SQS2PG_SIM_SEED=" + std::to_string(world.seed); }

void expect_none(const FifoWorld& world, const std::vector<std::string>& found) {
    EXPECT_TRUE(found.empty()) << again(world) << ": " << found.size() << " faults, the first: " << found.front();
}

void start_some(FifoWorld& world) {
    auto workers = 1 + world.random() % 3;
    for (std::uint64_t i = 0; i < workers; ++i) world.start();
}

TEST(Fifo, KeepsTheOrderOfEachGroupOnBadDays) {
    for (auto seed : seeds(30)) {
        FifoWorld world(seed);
        world.send(50 + world.random() % 200, 1 + world.random() % 20);
        world.bad_days();
        start_some(world);
        ASSERT_TRUE(world.run_until_ended()) << again(world);
        expect_none(world, world.faults_found());
    }
}

// Processes are killed and stopped for longer than the visibility timeout, in the middle of transactions too, while
// others go on and take over.
TEST(Fifo, KeepsTheOrderThroughKillsAndStops) {
    for (auto seed : seeds(30)) {
        FifoWorld world(seed);
        world.send(80 + world.random() % 150, 1 + world.random() % 12);
        world.bad_days();
        start_some(world);
        for (int turn = 0; turn < 12; ++turn) {
            ASSERT_TRUE(world.run_for(std::chrono::milliseconds(world.random() % 3000))) << again(world);
            auto victim = world.random() % world.processes.size();
            if (world.random() % 2 == 0) {
                world.kill(victim);
                world.start();
            } else if (world.processes[victim]) {
                world.processes[victim]->stall.stop_for(std::chrono::milliseconds(world.random() % 90'000));
            }
            world.hold_or_go_on();
        }
        world.all_go_on();
        world.start();
        ASSERT_TRUE(world.run_until_ended()) << again(world);
        expect_none(world, world.faults_found());
    }
}

TEST(Fifo, StoppedUnderLoadItGivesBackWithoutLosingTheOrder) {
    for (auto seed : seeds(20)) {
        FifoWorld world(seed);
        world.send(250, 1 + world.random() % 30);
        world.bad_days();
        auto first = world.start([](auto& options) { options.drain = false; });
        auto second = world.start();
        ASSERT_TRUE(world.run_for(std::chrono::milliseconds(world.random() % 600))) << again(world);
        world.hold_or_go_on();
        ASSERT_TRUE(world.run_for(std::chrono::milliseconds(world.random() % 600))) << again(world);
        world.all_go_on();
        world.processes[first]->worker->stop(std::chrono::milliseconds(world.random() % 2000));
        ASSERT_TRUE(world.run_until_ended()) << again(world);
        EXPECT_EQ(world.processes[first]->events.figures().in_flight, 0) << again(world);
        EXPECT_TRUE(world.processes[second]->ended);
        world.start();
        ASSERT_TRUE(world.run_until_ended()) << again(world);
        expect_none(world, world.faults_found());
    }
}

TEST(Fifo, BlockWritesEachGroupUpToItsFirstBadMessageAndNoFurther) {
    for (auto seed : seeds(15)) {
        FifoWorld world(seed);
        world.on_bad = pipeline::OnBadMessage::Block;
        world.send(50 + world.random() % 150, 1 + world.random() % 20);
        world.bad_days();
        start_some(world);
        for (int turn = 0; turn < 4; ++turn) {
            ASSERT_TRUE(world.run_for(std::chrono::milliseconds(world.random() % 3000))) << again(world);
            if (world.random() % 2 == 0) {
                world.kill(world.random() % world.processes.size());
                world.start();
            }
        }
        ASSERT_TRUE(world.run_until_ended()) << again(world);
        world.kill_all();
        world.start();
        ASSERT_TRUE(world.run_until_ended()) << again(world);
        expect_none(world, world.faults_found_blocked());

        // Told to skip, the groups go on where they stood.
        world.on_bad = pipeline::OnBadMessage::Skip;
        world.kill_all();
        world.start();
        ASSERT_TRUE(world.run_until_ended()) << again(world);
        expect_none(world, world.faults_found());
    }
}

TEST(Fifo, ABlockedGroupIsToldAndDoesNotSpin) {
    FifoWorld world(3);
    world.on_bad = pipeline::OnBadMessage::Block;
    world.send_one("mine", false, false);
    world.send_one("mine", true, false);
    world.send_one("mine", false, false);
    auto process = world.start([](auto& options) { options.drain = false; });
    ASSERT_TRUE(world.run_for(10min));
    EXPECT_EQ(world.processes[process]->events.figures().blocked_groups, 1u);
    EXPECT_EQ(world.database.rows.size(), 1u);
    EXPECT_GE(world.queue.receive_count(1), 10u);  // tried again, but
    EXPECT_LE(world.queue.receive_count(1), 20u);  // seven times in the first two minutes, then once a minute
    world.send_one("other", false, false);
    ASSERT_TRUE(world.run_for(10s));
    EXPECT_EQ(world.database.rows.size(), 2u);
}

TEST(Fifo, ADrainEndsWithAnErrorWhenOnlyBlockedGroupsAreLeft) {
    FifoWorld world(4);
    world.on_bad = pipeline::OnBadMessage::Block;
    world.send_one("mine", true, false);
    world.send_one("mine", false, false);
    world.send_one("other", false, false);
    auto process = world.start();
    ASSERT_TRUE(world.run_until_ended());
    ASSERT_TRUE(world.processes[process]->error.has_value());
    EXPECT_EQ(world.processes[process]->error->code, "blocked_groups");
    EXPECT_LT(world.clock.now(), Clock::Steady(2min));
    EXPECT_EQ(world.queue.left(), 2u);
    EXPECT_EQ(world.database.rows.size(), 1u);
}

TEST(Fifo, ALostReplyComesAgainAtOnceInsteadOfAfterTheVisibilityTimeout) {
    FifoWorld world(5);
    world.queue.faults.reply_lost = 1;
    for (int i = 0; i < 8; ++i) world.send_one("group", false, false);
    world.start([](auto& options) { options.pipeline.visibility_timeout_seconds = 600; });
    ASSERT_TRUE(world.run_for(1s));
    EXPECT_TRUE(world.database.rows.empty());
    world.queue.faults.reply_lost = 0;
    ASSERT_TRUE(world.run_until([&] { return world.database.rows.size() == 8; }));
    EXPECT_LT(world.clock.now(), Clock::Steady(30s));
    EXPECT_GE(world.queue.repeated, 1u);
    EXPECT_EQ(world.queue.receive_count(0), 1u);
}

TEST(Fifo, AnExpiredHandleIsDroppedAndItsMessageNotWrittenTwice) {
    FifoWorld world(6);
    for (int i = 0; i < 5; ++i) world.send_one("group", false, false);
    world.queue.call_refused_for_a_handle = 1;
    world.database.slowness = 100ms;
    auto first = world.start([](auto& options) { options.drain = false; });
    ASSERT_TRUE(world.run_until([&] { return world.database.rows.size() == 5; }));
    world.processes[first]->stall.stop_for(2min);  // committed, and no delete was sent
    ASSERT_TRUE(world.run_for(40s));
    world.start();
    ASSERT_TRUE(world.run_for(3min));
    EXPECT_EQ(world.processes[first]->events.figures().in_flight, 0);
    EXPECT_EQ(world.processes[first]->events.figures().paused_cause, "");
    expect_none(world, world.faults_found());
}

TEST(Fifo, ManyGroupsFillATransaction) {
    FifoWorld world(7);
    for (int i = 0; i < 2000; ++i) world.send_one("group-" + std::to_string(i % 200), false, false);
    world.database.slowness = 50ms;
    world.start([](auto& options) { options.pipeline.max_batch_rows = 100; });
    ASSERT_TRUE(world.run_until_ended());
    expect_none(world, world.faults_found());
    EXPECT_LT(world.database.transactions, 100u);
}

// A stopped worker wakes when SQS has moved its message to a dead-letter queue and others have written what is behind
// it: too late to write it, unless it was stopped in the very transaction.
TEST(Fifo, WhatIsLateIsNotWrittenWhenTheQueueMovedIt) {
    FifoWorld world(8);
    for (int i = 0; i < 4; ++i) world.send_one("group", false, false);
    world.queue.most_receives = 1;
    world.database.faults.configuration = true;
    auto late = world.start([](auto& options) { options.drain = false; });
    ASSERT_TRUE(world.run_until([&] { return world.database.transactions > 0; }));
    ASSERT_TRUE(world.run_for(100ms));  // it waits for its next attempt
    world.processes[late]->stall.stop_for(3min);
    ASSERT_TRUE(world.run_for(1min));
    world.database.faults.configuration = false;
    for (int i = 0; i < 2; ++i) world.send_one("group", false, false);
    world.start();
    ASSERT_TRUE(world.run_for(5min));
    EXPECT_EQ(world.database.rows.size(), 2u);
    expect_none(world, world.faults_found());
}

}  // namespace
}  // namespace sqs2pg::sim
