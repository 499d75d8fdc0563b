// Holds in the simulation: an operator's pauses at any moment of bad days, and the brake. The oracle stays what it is:
// each message one row or one dead letter, received = settled + in flight at every moment.
#include <gtest/gtest.h>

#include "sim/seeds.h"
#include "sim/sim_world.h"

namespace sqs2pg::sim {
namespace {

using namespace std::chrono_literals;

pipeline::Hold by_operator() { return {"operator", "for the move of the table", "sqs2pg resume logins -c FILE"}; }

TEST(Hold, AnOperatorsPausesOnBadDaysLoseNothingAndKeepNothingInFlight) {
    for (auto seed : seeds(30)) {
        World world(seed);
        world.send(100 + world.random() % 300);
        bad_days(world);
        auto workers = 1 + world.random() % 3;
        for (std::uint64_t i = 0; i < workers; ++i) {
            world.start([i](auto& options) { options.sentinel = i == 0; });
        }
        for (int pauses = 0; pauses < 4 && !world.all_ended(); ++pauses) {
            auto until = world.clock.now() + std::chrono::milliseconds(world.random() % 600);
            ASSERT_TRUE(world.run_until([&] { return world.clock.now() >= until; })) << again(world);
            world.tell(by_operator());
            // Receives end within five seconds; a delete that fails is tried again for half a minute at most.
            until = world.clock.now() + 5s;
            ASSERT_TRUE(world.run_until([&] { return world.clock.now() >= until; })) << again(world);
            auto received = world.queue.receives;
            until = world.clock.now() + 60s;
            ASSERT_TRUE(world.run_until([&] { return world.clock.now() >= until; })) << again(world);
            if (!world.all_ended()) {
                EXPECT_EQ(world.queue.receives, received) << again(world);
                EXPECT_EQ(world.figures().paused_cause, "operator") << again(world);
            }
            EXPECT_EQ(world.figures().in_flight, 0) << again(world);
            world.tell(std::nullopt);
        }
        ASSERT_TRUE(world.run_until_ended()) << again(world);
        expect_sound(world);
    }
}

TEST(Hold, WhatALongPollBringsAfterThePauseIsGivenBackUnwritten) {
    World world(1);
    world.start([](auto& options) { options.drain = false; });
    ASSERT_TRUE(world.run_until([&] { return world.clock.now() >= Clock::Steady(21s); }));
    world.tell(by_operator());
    auto told_at = world.clock.now();
    ASSERT_TRUE(world.run_until([&] { return world.clock.now() >= told_at + 5s; }));
    world.send(5);
    ASSERT_TRUE(world.run_until([&] { return world.clock.now() >= told_at + 40s; }));
    EXPECT_TRUE(world.database.ledger.empty());
    EXPECT_EQ(world.figures().received, world.figures().released);
    EXPECT_EQ(world.queue.left(), 5u);
    world.tell(std::nullopt);
    ASSERT_TRUE(world.run_until([&] { return world.queue.left() == 0; }));
    EXPECT_EQ(world.database.ledger.size(), 5u);
}

TEST(Hold, AWrongConfigurationUnderAPauseGivesBackWhatCannotBeWritten) {
    World world(2);
    world.send(120);
    world.database.faults.configuration = true;
    world.start();
    ASSERT_TRUE(world.run_until([&] { return world.figures().paused_cause == "42P01"; }));
    world.tell(by_operator());
    auto told_at = world.clock.now();
    ASSERT_TRUE(world.run_until([&] { return world.clock.now() >= told_at + 10s; }));
    EXPECT_EQ(world.figures().in_flight, 0);
    EXPECT_EQ(world.figures().paused_cause, "operator");
    auto transactions = world.database.transactions;
    ASSERT_TRUE(world.run_until([&] { return world.clock.now() >= told_at + 2min; }));
    EXPECT_EQ(world.database.transactions, transactions) << "it tries nothing while it is held";
    world.database.faults.configuration = false;
    world.tell(std::nullopt);
    ASSERT_TRUE(world.run_until_ended());
    expect_sound(world);
}

TEST(Hold, ResumeLooksAgainAtOnceAtWhateverItPausedFor) {
    World world(3);
    world.send(60);
    world.database.faults.configuration = true;
    world.start();
    ASSERT_TRUE(world.run_until([&] { return world.clock.now() >= Clock::Steady(5min); }));
    world.database.faults.configuration = false;
    world.tell(std::nullopt);
    auto told_at = world.clock.now();
    ASSERT_TRUE(world.run_until([&] { return !world.database.rows.empty(); }));
    EXPECT_LT(world.clock.now() - told_at, 3500ms);
    ASSERT_TRUE(world.run_until_ended());
    expect_sound(world);
}

TEST(Hold, ADrainWritesWhatItHoldsAndEndsWithTheErrorThatNamesThePause) {
    World world(4);
    world.send(300);
    world.database.slowness = 200ms;
    world.start([](auto& options) { options.fail_on_pause = true; });
    ASSERT_TRUE(world.run_until([&] { return world.figures().received > 50; }));
    world.tell(by_operator());
    ASSERT_TRUE(world.run_until_ended());
    ASSERT_TRUE(world.error_of(0).has_value());
    EXPECT_EQ(world.error_of(0)->code, "operator");
    EXPECT_NE(world.error_of(0)->detail.find("sqs2pg resume logins -c FILE"), std::string::npos);
    EXPECT_EQ(world.figures().released, 0u) << "a release burns a receive";
    EXPECT_EQ(world.queue.left(), 300u - world.database.ledger.size());
}

TEST(Hold, OneThatWasPausedBeforeItsStartReceivesNothing) {
    World world(5);
    world.send(30);
    world.tell(by_operator());
    world.start();
    ASSERT_TRUE(world.run_until([&] { return world.clock.now() >= Clock::Steady(1min); }));
    EXPECT_EQ(world.queue.receives, 0u);
    world.tell(std::nullopt);
    ASSERT_TRUE(world.run_until_ended());
    expect_sound(world);
}

// Every message is a good one, and the mapping is wrong: what a mis-deploy looks like.
void map_wrongly(pipeline::WorkerOptions& options) {
    options.pipeline.routes[0].columns[0].from = pipeline::parse_source("user_id_of_old").value();
}

TEST(BrakeInTheWorld, AMisdeployLeavesNearlyAllMessagesInTheQueueAndTheRightMappingThenWritesThem) {
    for (auto seed : seeds(12)) {
        World world(seed);
        constexpr std::size_t kSent = 600;
        for (std::size_t i = 0; i < kSent; ++i) {
            auto id = "m" + std::to_string(i);
            world.send_one(id, R"({"user_id":")" + id + R"(","ip":"10.0.0.1","locale":"DE","app_version":"1.0"})", "");
        }
        bad_days(world);
        world.queue.faults.damaged = 0;
        const std::size_t processes = seed % 2 == 0 ? 1 : 3;
        for (int i = 0; i < 4; ++i) {
            auto wrong = [i](auto& options) {
                map_wrongly(options);
                options.sentinel = i % 2 == 0;
            };
            world.start(wrong, processes > 1 && i >= 2);
        }
        ASSERT_TRUE(world.run_until([&] { return world.trips > 0; })) << again(world);
        auto tripped_at = world.clock.now();
        ASSERT_TRUE(world.run_until([&] { return world.clock.now() >= tripped_at + 60s; })) << again(world);
        EXPECT_LE(world.trips, static_cast<int>(processes)) << again(world);
        EXPECT_EQ(world.figures().paused_cause, "brake") << again(world);
        EXPECT_EQ(world.figures().in_flight, 0) << again(world);
        auto letters = world.database.dead_letters.size();
        EXPECT_LE(letters, 20 * processes) << again(world);
        EXPECT_TRUE(world.database.rows.empty());

        world.crash_all();  // and the next one finds the brake in the database
        world.start();
        auto before = world.queue.receives;
        auto until = world.clock.now() + 30s;
        ASSERT_TRUE(world.run_until([&] { return world.clock.now() >= until; })) << again(world);
        EXPECT_EQ(world.queue.receives, before) << again(world);

        world.tell(std::nullopt);
        ASSERT_TRUE(world.run_until_ended()) << again(world);
        EXPECT_EQ(world.database.dead_letters.size(), letters) << again(world);
        EXPECT_EQ(world.database.rows.size(), kSent - letters) << again(world);
        EXPECT_EQ(world.queue.left(), 0u) << again(world);
        EXPECT_TRUE(world.conserved_always) << again(world);
        EXPECT_TRUE(world.queue.violations.empty()) << again(world);
    }
}

TEST(BrakeInTheWorld, WhatTheServerRefusesTripsItToo) {
    for (auto seed : seeds(10)) {
        World world(seed);
        constexpr std::size_t kSent = 400;
        for (std::size_t i = 0; i < kSent; ++i) {
            world.send_one("m" + std::to_string(i),
                           R"({"user_id":"poison","ip":"10.0.0.1","locale":"DE","app_version":"1.0"})", "check");
        }
        world.database.faults.no_suspect = world.random() % 2 == 0 ? 0 : 0.5;
        world.start();
        ASSERT_TRUE(world.run_until([&] { return world.trips > 0; })) << again(world);
        auto tripped_at = world.clock.now();
        ASSERT_TRUE(world.run_until([&] { return world.clock.now() >= tripped_at + 60s; })) << again(world);
        EXPECT_LE(world.database.dead_letters.size(), 20u) << again(world);
        EXPECT_EQ(world.figures().in_flight, 0) << again(world);
        EXPECT_EQ(world.queue.left(), kSent - world.database.dead_letters.size()) << again(world);
        EXPECT_TRUE(world.conserved_always) << again(world);
    }
}

TEST(BrakeInTheWorld, AThirdOfBadMessagesDoesNotTripItInWhateverOrderTheyAreJudged) {
    for (auto seed : seeds(10)) {
        World world(seed);
        for (std::size_t i = 0; i < 600; ++i) {
            auto user = i % 3 == 0 ? std::string(SimDatabase::kPoison) : "user-" + std::to_string(i);
            world.send_one("m" + std::to_string(i),
                           R"({"user_id":")" + user + R"(","ip":"10.0.0.1","locale":"DE","app_version":"1.0"})",
                           i % 3 == 0 ? "check" : "");
        }
        world.database.faults.no_suspect = world.random() % 3 == 0 ? 0.5 : 0;
        world.start();
        ASSERT_TRUE(world.run_until_ended()) << again(world);
        EXPECT_EQ(world.trips, 0) << again(world);
        expect_sound(world);
    }
}

}  // namespace
}  // namespace sqs2pg::sim
