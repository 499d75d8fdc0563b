// Seeded simulations of whole workers; seeds as in seeds.h.
#include <gtest/gtest.h>

#include "sim/seeds.h"
#include "sim/sim_world.h"

namespace sqs2pg::sim {
namespace {

using namespace std::chrono_literals;

TEST(Simulation, EachMessageIsOneRowOrOneDeadLetterOnBadDays) {
    for (auto seed : seeds(60)) {
        World world(seed);
        world.send(50 + world.random() % 300);
        bad_days(world);
        auto workers = 1 + world.random() % 3;
        for (std::uint64_t i = 0; i < workers; ++i) {
            world.start([i](auto& options) { options.sentinel = i == 0; });
        }
        ASSERT_TRUE(world.run_until_ended()) << again(world);
        expect_sound(world);
        EXPECT_EQ(world.figures().in_flight, 0) << again(world);
    }
}

TEST(Simulation, KilledAtAnyMomentNothingIsLostAndNothingIsTwice) {
    for (auto seed : seeds(60)) {
        World world(seed);
        world.send(100 + world.random() % 200);
        bad_days(world);
        for (int kills = 0; kills < 8; ++kills) {
            world.start();
            if (world.random() % 2 == 0) world.start([](auto& options) { options.sentinel = false; });
            auto until = world.clock.now() + std::chrono::milliseconds(world.random() % 400);
            ASSERT_TRUE(world.run_until([&] { return world.clock.now() >= until; })) << again(world);
            world.crash_all();
        }
        world.start();
        ASSERT_TRUE(world.run_until_ended()) << again(world);
        expect_sound(world);
    }
}

TEST(Simulation, StoppedUnderLoadItWritesOrReleasesWhatItHolds) {
    for (auto seed : seeds(40)) {
        World world(seed);
        world.send(300);
        bad_days(world);
        world.start([](auto& options) { options.drain = false; });
        auto until = world.clock.now() + std::chrono::milliseconds(world.random() % 500);
        ASSERT_TRUE(world.run_until([&] { return world.clock.now() >= until; })) << again(world);
        auto stopped_at = world.clock.now();
        world.stop_all(25s);
        ASSERT_TRUE(world.run_until_ended()) << again(world);
        EXPECT_LE(world.clock.now() - stopped_at, 60s) << again(world);
        EXPECT_EQ(world.figures().in_flight, 0) << again(world);

        world.start();
        ASSERT_TRUE(world.run_until_ended()) << again(world);
        expect_sound(world);
    }
}

TEST(Simulation, KeeperHoldsMessagesThroughALongOutage) {
    World world(7);
    world.send(120);
    world.database.faults.retry = 1;
    world.start();
    auto until = world.clock.now() + 10min;
    ASSERT_TRUE(world.run_until([&] { return world.clock.now() >= until; }));
    EXPECT_EQ(world.figures().in_flight, 120);
    EXPECT_EQ(world.figures().received, 120u);  // nothing came a second time
    EXPECT_GT(world.queue.extensions, 120u * 30);
    world.database.faults.retry = 0;
    ASSERT_TRUE(world.run_until_ended());
    EXPECT_EQ(world.figures().duplicate, 0u);
    expect_sound(world);
}

TEST(Simulation, ACallThatStallsDoesNotKeepOthersFromBeingExtended) {
    for (auto seed : seeds(20)) {
        World world(seed);
        world.send(120);
        world.database.faults.retry = 1;
        world.queue.faults.stalled_extensions = 2 + seed % 5;
        world.start();
        auto until = world.clock.now() + 3min;
        ASSERT_TRUE(world.run_until([&] { return world.clock.now() >= until; })) << again(world);
        EXPECT_EQ(world.figures().received, 120u) << again(world);  // nothing came a second time
        world.database.faults.retry = 0;
        world.queue.faults.stalled_extensions = 0;
        ASSERT_TRUE(world.run_until_ended()) << again(world);
        expect_sound(world);
    }
}

TEST(Simulation, ALockedTableIsWaitedForWithEverythingInHand) {
    World world(17);
    world.send(120);
    world.database.faults.locked = 1;
    world.database.slowness = 5s;  // the lock_timeout
    world.start();
    ASSERT_TRUE(world.run_until([&] { return world.clock.now() >= Clock::Steady(10min); }));
    EXPECT_EQ(world.figures().received, 120u);  // nothing was let go
    EXPECT_EQ(world.figures().in_flight, 120);
    world.database.faults.locked = 0;
    world.database.slowness = 5ms;
    ASSERT_TRUE(world.run_until_ended());
    EXPECT_EQ(world.figures().abandoned, 0u);
    expect_sound(world);
}

TEST(Simulation, PausesOnAWrongConfigurationAndGoesOnWhenItIsMended) {
    World world(8);
    world.send(150);
    world.database.faults.configuration = true;
    world.start();
    ASSERT_TRUE(world.run_until([&] { return world.clock.now() >= Clock::Steady(5min); }));
    EXPECT_EQ(world.figures().paused_cause, "42P01");
    EXPECT_TRUE(world.database.rows.empty());
    EXPECT_TRUE(world.database.dead_letters.empty());
    EXPECT_EQ(world.queue.left(), 150u);
    EXPECT_LT(world.database.transactions, 60u);  // it waits, it does not hammer
    world.database.faults.configuration = false;
    ASSERT_TRUE(world.run_until_ended());
    EXPECT_EQ(world.figures().paused_cause, "");
    expect_sound(world);
}

TEST(Simulation, ADrainThatPausesEndsWithTheErrorAndReleases) {
    World world(9);
    world.send(80);
    world.database.faults.configuration = true;
    world.start([](auto& options) { options.fail_on_pause = true; });
    ASSERT_TRUE(world.run_until_ended());
    ASSERT_TRUE(world.error_of(0).has_value());
    EXPECT_EQ(world.error_of(0)->code, "42P01");
    EXPECT_EQ(world.figures().released, world.figures().received);
    EXPECT_EQ(world.queue.left(), 80u);
}

TEST(Simulation, DeniedDeletesStopReceivingAndLoseNothing) {
    World world(10);
    world.send(400);
    world.queue.faults.deny_deletes = true;
    world.start();
    ASSERT_TRUE(world.run_until([&] { return world.clock.now() >= Clock::Steady(10min); }));
    EXPECT_EQ(world.figures().paused_cause, "AccessDenied");
    EXPECT_LT(world.figures().received, 400u);
    world.queue.faults.deny_deletes = false;
    ASSERT_TRUE(world.run_until_ended());
    expect_sound(world);
}

TEST(Simulation, ABadRowDoesNotBurnItsNeighboursReceiveCounts) {
    World world(11);
    for (int i = 0; i < 30; ++i) {
        auto user = i % 10 == 3 ? std::string(SimDatabase::kPoison) : "user-" + std::to_string(i);
        world.send_one("m" + std::to_string(i),
                       R"({"user_id":")" + user + R"(","ip":"10.0.0.1","locale":"DE","app_version":"1.0"})",
                       i % 10 == 3 ? "check" : "");
    }
    world.start();
    ASSERT_TRUE(world.run_until_ended());
    EXPECT_EQ(world.figures().received, 30u);
    EXPECT_EQ(world.figures().released, 0u);
    EXPECT_EQ(world.figures().inserted, 27u);
    EXPECT_EQ(world.figures().dead_lettered, 3u);
    expect_sound(world);
}

TEST(Simulation, IdleItKeepsOnePollOpenHoweverManyWorkers) {
    World world(12);
    for (int i = 0; i < 4; ++i) {
        world.start([i](auto& options) {
            options.drain = false;
            options.sentinel = i == 0;
        });
    }
    ASSERT_TRUE(world.run_until([&] { return world.clock.now() >= Clock::Steady(1min); }));
    auto before = world.queue.receives;
    ASSERT_TRUE(world.run_until([&] { return world.clock.now() >= Clock::Steady(11min); }));
    EXPECT_LE(world.queue.receives - before, 61u);  // six a minute
    EXPECT_GE(world.queue.receives - before, 50u);
}

TEST(Simulation, PollsStayFewBeforeASlowDatabaseAndWithinTheirBounds) {
    World world(13);
    world.send(3000);
    world.database.slowness = 300ms;
    std::int64_t most = 0;
    world.start();
    ASSERT_TRUE(world.run_until([&] {
        most = std::max(most, world.figures().in_flight);
        return false;
    }));
    EXPECT_GE(world.queue.most_polls_at_once, 2u);
    EXPECT_LE(world.queue.most_polls_at_once, 8u);
    EXPECT_LE(most, 200);
    EXPECT_LE(world.database.largest_transaction, 50u);
    expect_sound(world);
}

void send_good_ones(World& world, int count) {
    for (int i = 0; i < count; ++i) {
        world.send_one("m" + std::to_string(i), R"({"user_id":"u","ip":"10.0.0.1","locale":null,"app_version":"1"})",
                       "");
    }
}

TEST(Simulation, PollsGrowWhileTheWriterWaitsForASlowQueue) {
    World world(18);
    world.queue.quickest = 5ms;
    send_good_ones(world, 3000);
    world.start([](auto& options) {
        options.pipeline.max_polls = 32;
        options.pipeline.max_in_flight = 3000;
        options.pipeline.max_batch_rows = 5000;
    });
    ASSERT_TRUE(world.run_until_ended()) << again(world);
    EXPECT_GT(world.queue.most_polls_at_once, 20u);
    EXPECT_LE(world.queue.most_polls_at_once, 32u);
    expect_sound(world);
}

void default_limits(pipeline::WorkerOptions& options) {
    const pipeline::PipelineOptions defaults;
    options.pipeline.max_polls = defaults.max_polls;
    options.pipeline.max_in_flight = defaults.max_in_flight;
    options.pipeline.max_in_flight_bytes = defaults.max_in_flight_bytes;
    options.pipeline.max_batch_rows = defaults.max_batch_rows;
}

// What a full queue has its worker do at the most, with settings of its own left alone.
void drain_a_full_queue(World& world) {
    send_good_ones(world, 6000);
    world.start(default_limits);
    ASSERT_TRUE(world.run_until_ended()) << again(world);
    expect_sound(world);
}

TEST(Simulation, AQueueThatAnswersAtOnceIsAskedByFew) {
    World world(19);
    world.queue.quickest = world.queue.slowest = 300us;
    drain_a_full_queue(world);
    EXPECT_LE(world.queue.most_polls_at_once, 16u);
    EXPECT_LE(world.queue.most_deletes_at_once, 32u);
}

TEST(Simulation, AQueueThatServesOneAfterTheOtherIsNotAskedByMany) {
    World world(21);
    world.queue.quickest = world.queue.slowest = 100us;
    world.queue.for_each_other = 300us;
    drain_a_full_queue(world);
    EXPECT_LE(world.queue.most_polls_at_once, 16u);
}

TEST(Simulation, AQueueFarAwayIsAskedByManyAndGetsItsDeletesInTime) {
    World world(20);
    world.queue.quickest = world.queue.slowest = 20ms;
    drain_a_full_queue(world);
    EXPECT_GE(world.queue.most_polls_at_once, 64u);
    EXPECT_GE(world.queue.most_deletes_at_once, 32u);
    EXPECT_LT(world.clock.now(), Clock::Steady(2s));
}

// Where four workers share what one could receive, each has few rows at a time, and rests until they are worth it.
TEST(Simulation, SeveralWorkersWriteInTransactionsThatAreWorthIt) {
    World world(22);
    world.queue.quickest = world.queue.slowest = 300us;
    world.queue.for_each_other = 50us;
    world.database.slowness = 2ms;
    send_good_ones(world, 20000);
    for (int i = 0; i < 4; ++i) world.start(default_limits);
    ASSERT_TRUE(world.run_until_ended()) << again(world);
    EXPECT_LE(world.database.transactions, 45u);  // without a rest: 64
    expect_sound(world);
}

// What is in hand is all that there will be until it is written.
TEST(Simulation, AWorkerWithoutRoomForMoreDoesNotRest) {
    World world(23);
    world.queue.quickest = world.queue.slowest = 300us;
    world.database.slowness = 20ms;
    send_good_ones(world, 6000);
    world.start([](auto& options) {
        options.pipeline.max_in_flight = 200;
        options.pipeline.max_batch_rows = 5000;
    });
    ASSERT_TRUE(world.run_until_ended()) << again(world);
    EXPECT_LT(world.clock.now(), Clock::Steady(1400ms));  // with a rest between two of them: 1,542 ms
    expect_sound(world);
}

TEST(Simulation, AWriterThatRestsHasNoMorePollsThanAreAllowed) {
    World world(25);
    world.queue.quickest = world.queue.slowest = 300us;
    send_good_ones(world, 6000);
    world.start([](auto& options) {
        default_limits(options);
        options.pipeline.max_polls = 4;
    });
    ASSERT_TRUE(world.run_until_ended()) << again(world);
    EXPECT_LE(world.queue.most_polls_at_once, 4u);
    expect_sound(world);
}

TEST(Simulation, ATimeThatMakesNoSenseHoldsUpNothing) {
    World world(24);
    world.queue.ahead_ms = 9'000'000'000'000'000'000;
    drain_a_full_queue(world);
}

TEST(Simulation, AThrottledQueueIsNotHammered) {
    World world(14);
    world.queue.faults.throttled = 1;
    world.start([](auto& options) { options.drain = false; });
    ASSERT_TRUE(world.run_until([&] { return world.clock.now() >= Clock::Steady(10min); }));
    EXPECT_LT(world.queue.receives, 120u);
}

TEST(Simulation, ALoneMessageIsWrittenAtOnce) {
    World world(15);
    world.start([](auto& options) { options.drain = false; });
    ASSERT_TRUE(world.run_until([&] { return world.clock.now() >= Clock::Steady(30s); }));
    world.send_one("lone", R"({"user_id":"u","ip":"10.0.0.1","locale":null,"app_version":"1"})", "");
    auto sent_at = world.clock.now();
    ASSERT_TRUE(world.run_until([&] { return !world.database.rows.empty(); }));
    EXPECT_LT(world.clock.now() - sent_at, 1s);
}

TEST(Simulation, ADeadLetterThatTheServerRefusesPausesInsteadOfLooping) {
    World world(16);
    world.send_one("bad", "{", "not_json");
    world.database.faults.refuses_dead_letters = true;
    world.start();
    ASSERT_TRUE(world.run_until([&] { return world.clock.now() >= Clock::Steady(2min); }));
    EXPECT_NE(world.figures().paused_cause, "");
    EXPECT_LT(world.database.transactions, 40u);
    EXPECT_EQ(world.queue.left(), 1u);
    world.database.faults.refuses_dead_letters = false;
    ASSERT_TRUE(world.run_until_ended());
    expect_sound(world);
}

}  // namespace
}  // namespace sqs2pg::sim
