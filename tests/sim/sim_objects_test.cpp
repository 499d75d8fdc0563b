// Seeded simulations of messages that are pointers to objects: on bad days, through kills and stops, denied, large, and
// on a FIFO queue. Seeds as in seeds.h.
#include <gtest/gtest.h>

#include "sim/seeds.h"
#include "sim/sim_fifo_world.h"
#include "sim/sim_world.h"

namespace sqs2pg::sim {
namespace {

using namespace std::chrono_literals;

std::string login(std::string_view user, std::size_t padding = 0) {
    return R"({"user_id":")" + std::string(user) +
           R"(","ip":"10.0.0.1","locale":null,"app_version":"1.0","padding":")" + std::string(padding, 'x') + "\"}";
}

void bad_objects(ObjectFaults& faults, std::mt19937_64& random) {
    faults.retry = static_cast<double>(random() % 30) / 100.0;
    faults.throttled = static_cast<double>(random() % 10) / 100.0;
}

// Messages whose object somebody has deleted.
void send_orphans(World& world, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        auto id = "orphan-" + std::to_string(i);
        world.send_one(id, login("u"), "envelope");
        world.objects.stored.erase(id);
    }
}

TEST(Objects, EachPointerIsOneRowOrOneDeadLetterOnBadDays) {
    for (auto seed : seeds(20)) {
        World world(seed);
        world.in_s3 = 0.5;
        world.delete_object = world.random() % 2 == 0;
        world.send(50 + world.random() % 200);
        world.in_s3 = 1;
        send_orphans(world, 3);
        bad_days(world);
        bad_objects(world.objects.faults, world.random);
        auto workers = 1 + world.random() % 3;
        for (std::uint64_t i = 0; i < workers; ++i) {
            world.start([i](auto& options) { options.sentinel = i == 0; });
        }
        ASSERT_TRUE(world.run_until_ended()) << again(world);
        expect_sound(world);
        EXPECT_EQ(world.figures().in_flight, 0) << again(world);
    }
}

TEST(Objects, KilledAtAnyMomentNothingIsLostAndNothingIsTwice) {
    for (auto seed : seeds(20)) {
        World world(seed);
        world.in_s3 = 0.7;
        world.delete_object = true;
        world.send(100 + world.random() % 200);
        bad_days(world);
        bad_objects(world.objects.faults, world.random);
        for (int kills = 0; kills < 8; ++kills) {
            world.start();
            if (world.random() % 2 == 0) world.start([](auto& options) { options.sentinel = false; });
            auto until = world.clock.now() + std::chrono::milliseconds(world.random() % 600);
            ASSERT_TRUE(world.run_until([&] { return world.clock.now() >= until; })) << again(world);
            world.crash_all();
        }
        world.start();
        ASSERT_TRUE(world.run_until_ended()) << again(world);
        expect_sound(world);
    }
}

TEST(Objects, StoppedWhileTheyAreFetchedTheMessagesAreWrittenOrReleased) {
    for (auto seed : seeds(12)) {
        World world(seed);
        world.in_s3 = 0.8;
        world.objects.slowness_ms = 3000;
        world.send(300);
        bad_days(world);
        bad_objects(world.objects.faults, world.random);
        world.start([](auto& options) { options.drain = false; });
        auto until = world.clock.now() + std::chrono::milliseconds(world.random() % 4000);
        ASSERT_TRUE(world.run_until([&] { return world.clock.now() >= until; })) << again(world);
        auto stopped_at = world.clock.now();
        world.stop_all(2s);
        ASSERT_TRUE(world.run_until_ended()) << again(world);
        EXPECT_LE(world.clock.now() - stopped_at, 40s) << again(world);
        EXPECT_EQ(world.figures().in_flight, 0) << again(world);
        world.start();
        ASSERT_TRUE(world.run_until_ended()) << again(world);
        expect_sound(world);
    }
}

TEST(Objects, DeniedItPausesAndDeletesNothing) {
    World world(1);
    world.in_s3 = 1;
    world.send(150);
    world.objects.faults.denied = true;
    world.start();
    ASSERT_TRUE(world.run_until([&] { return world.clock.now() >= Clock::Steady(10min); }));
    EXPECT_EQ(world.figures().paused_cause, "AccessDenied");
    EXPECT_EQ(world.queue.left(), 150u);
    EXPECT_TRUE(world.database.dead_letters.empty());
    EXPECT_LT(world.objects.fetches, 16u * 60);  // it waits, it does not hammer
    world.objects.faults.denied = false;
    ASSERT_TRUE(world.run_until_ended());
    EXPECT_EQ(world.figures().paused_cause, "");
    expect_sound(world);
}

TEST(Objects, ADrainThatIsDeniedEndsWithTheErrorAndReleases) {
    World world(2);
    world.in_s3 = 1;
    world.send(40);
    world.objects.faults.denied = true;
    world.start([](auto& options) { options.fail_on_pause = true; });
    ASSERT_TRUE(world.run_until_ended());
    ASSERT_TRUE(world.error_of(0).has_value());
    EXPECT_EQ(world.error_of(0)->code, "AccessDenied");
    EXPECT_EQ(world.queue.left(), 40u);
    EXPECT_EQ(world.figures().in_flight, 0);
}

TEST(Objects, ToldToHoldStillItGivesBackWhatItCannotFetch) {
    World world(3);
    world.in_s3 = 1;
    world.send(60);
    world.objects.faults.retry = 1;
    world.start([](auto& options) { options.drain = false; });
    ASSERT_TRUE(world.run_until([&] { return world.clock.now() >= Clock::Steady(5s); }));
    EXPECT_GT(world.figures().in_flight, 0);
    world.tell(pipeline::Hold{"operator", "told so", "resume"});
    ASSERT_TRUE(world.run_until([&] { return world.figures().in_flight == 0; }));
    EXPECT_LT(world.clock.now(), Clock::Steady(3min));
    world.objects.faults.retry = 0;
    world.tell(std::nullopt);
    ASSERT_TRUE(world.run_until([&] { return world.queue.left() == 0; }));
    world.stop_all(25s);
    ASSERT_TRUE(world.run_until_ended());
    expect_sound(world);
}

TEST(Objects, TheBytesOfFetchesStayWithinTheBoundAndTheLargestComesThroughAlone) {
    World world(4);
    world.in_s3 = 1;
    for (int i = 0; i < 60; ++i) {
        auto bytes = i % 20 == 7 ? 3u << 20 : world.random() % 300'000;
        world.send_one("m" + std::to_string(i), login("u" + std::to_string(i), bytes), "");
    }
    world.start([](auto& options) {
        options.pipeline.max_in_flight_bytes = 2u << 20;
        options.pipeline.max_unwrapped_bytes = 4u << 20;
    });
    ASSERT_TRUE(world.run_until_ended());
    expect_sound(world);
    EXPECT_LE(world.objects.most_asked_bytes, 4u << 20);
    EXPECT_GT(world.objects.most_asked_bytes, 1u << 20);  // and several at once where they are small
}

TEST(Objects, OneThatIsTooLargeIsADeadLetter) {
    World world(5);
    world.in_s3 = 1;
    world.send_one("large", login("u", 2000), "envelope");
    world.send_one("small", login("u", 10), "");
    world.start([](auto& options) { options.pipeline.max_unwrapped_bytes = 1024; });
    ASSERT_TRUE(world.run_until_ended());
    expect_sound(world);
}

TEST(Objects, OnlyThoseOfRowsAreDeleted) {
    World world(6);
    world.in_s3 = 1;
    world.delete_object = true;
    world.send(200);
    world.start();
    ASSERT_TRUE(world.run_until_ended());
    expect_sound(world);
    EXPECT_EQ(world.objects.stored.size(), world.database.dead_letters.size());
    EXPECT_GT(world.objects.stored.size(), 0u);
}

TEST(Objects, AFifoQueueKeepsItsOrderThroughThem) {
    for (auto seed : seeds(12)) {
        FifoWorld world(seed);
        world.in_s3 = 0.5;
        world.objects.slowness_ms = 500;
        bad_objects(world.objects.faults, world.random);
        world.send(80 + world.random() % 100, 1 + world.random() % 12);
        world.bad_days();
        world.start();
        world.start();
        for (int turn = 0; turn < 10; ++turn) {
            ASSERT_TRUE(world.run_for(std::chrono::milliseconds(world.random() % 3000)));
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
        ASSERT_TRUE(world.run_until_ended()) << "SQS2PG_SIM_SEED=" << seed;
        auto found = world.faults_found();
        EXPECT_TRUE(found.empty()) << "SQS2PG_SIM_SEED=" << seed << ": " << found.front();
    }
}

}  // namespace
}  // namespace sqs2pg::sim
