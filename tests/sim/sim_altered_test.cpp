// The table is altered under a running worker: it pauses, reads the table again and goes on by itself; nothing is lost,
// nothing is repeated, and nothing becomes a dead letter for the old shape's sake. And the limit on rows a second.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sim/sim_world.h"

namespace sqs2pg::sim {
namespace {

using namespace std::chrono_literals;

void send_logins(World& world, int count, const std::string& user, std::string reason = "") {
    for (int i = 0; i < count; ++i) {
        world.send_one(fmt::format("m{}", world.sent.size()),
                       fmt::format(R"({{"user_id":"{}","ip":"10.0.0.1","locale":"DE","app_version":"1.0"}})", user),
                       reason);
    }
}

void runs_on(pipeline::WorkerOptions& options) { options.drain = false; }

bool run_for(World& world, Clock::Duration time) {
    const auto until = world.clock.now() + time;
    return world.run_until([&] { return world.clock.now() >= until; });
}

bool runs_until_empty(World& world) {
    return world.run_until([&] { return world.queue.left() == 0 && world.figures().in_flight == 0; });
}

void expect_sound(const World& world) {
    for (const auto& fault : world.faults_found()) ADD_FAILURE() << fault;
    EXPECT_EQ(world.figures().abandoned, 0u);
}

pg::Column extra_column() {
    pg::Column column;
    column.name = "extra";
    column.type = pg::TypeClass::Text;
    column.type_name = "text";
    column.not_null = true;
    return column;
}

TEST(Altered, ADroppedColumnPausesUntilItIsBack) {
    World world(21);
    world.start(runs_on);
    send_logins(world, 60, "u");
    ASSERT_TRUE(runs_until_empty(world));
    const auto whole = world.database.table;
    world.database.table.columns.erase(world.database.table.columns.begin() + 2);
    send_logins(world, 60, "u");
    ASSERT_TRUE(run_for(world, 5min));
    EXPECT_NE(world.figures().paused_cause, "");
    EXPECT_NE(world.figures().paused_detail.find("locale"), std::string::npos) << world.figures().paused_detail;
    EXPECT_EQ(world.figures().dead_lettered, 0u);
    world.database.table = whole;
    ASSERT_TRUE(runs_until_empty(world));
    EXPECT_EQ(world.figures().paused_cause, "");
    EXPECT_EQ(world.figures().inserted, 120u);
    expect_sound(world);
}

TEST(Altered, ANotNullColumnThatNothingMapsPausesInsteadOfRefusingEveryMessage) {
    World world(22);
    world.start(runs_on);
    send_logins(world, 30, "u");
    ASSERT_TRUE(runs_until_empty(world));
    world.database.table.columns.push_back(extra_column());
    send_logins(world, 60, "u");
    ASSERT_TRUE(run_for(world, 3min));
    EXPECT_NE(world.figures().paused_cause, "");
    EXPECT_EQ(world.figures().dead_lettered, 0u);
    world.database.table.columns.back().has_default = true;
    ASSERT_TRUE(runs_until_empty(world));
    EXPECT_EQ(world.figures().dead_lettered, 0u);
    expect_sound(world);
}

TEST(Altered, AWidenedColumnTakesWhatTheOldOneRefused) {
    World world(23);
    world.start(runs_on);
    send_logins(world, 10, "u");
    ASSERT_TRUE(runs_until_empty(world));
    world.database.table.columns[0].max_length = 1000;
    send_logins(world, 20, std::string(500, 'x'));
    ASSERT_TRUE(runs_until_empty(world));
    EXPECT_EQ(world.figures().dead_lettered, 0u);
    expect_sound(world);
}

TEST(Altered, ANarrowedColumnRefusesWhatIsTooLongForItAndNothingElse) {
    World world(24);
    world.start(runs_on);
    send_logins(world, 10, "a-longer-user");
    ASSERT_TRUE(runs_until_empty(world));
    world.database.table.columns[0].max_length = 5;
    send_logins(world, 10, "u");
    send_logins(world, 3, "a-longer-user", "too_long");
    ASSERT_TRUE(runs_until_empty(world));
    expect_sound(world);
}

TEST(Altered, OnBadDaysNothingIsLostEither) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        World world(seed);
        world.database.faults.retry = 0.1;
        world.database.faults.in_doubt_committed = 0.1;
        world.database.faults.in_doubt_lost = 0.1;
        world.database.faults.no_suspect = 0.5;
        world.start(runs_on);
        world.start([](auto& options) {
            options.drain = false;
            options.sentinel = false;
        });
        for (int turn = 0; turn < 6; ++turn) {
            world.send(60);
            ASSERT_TRUE(run_for(world, std::chrono::milliseconds(world.random() % 400))) << seed;
            auto& columns = world.database.table.columns;
            const bool there = columns.back().name == "extra";
            there ? columns.pop_back() : columns.push_back(extra_column());
            ASSERT_TRUE(run_for(world, std::chrono::milliseconds(500 + world.random() % 20000))) << seed;
        }
        if (world.database.table.columns.back().name == "extra") world.database.table.columns.pop_back();
        ASSERT_TRUE(runs_until_empty(world)) << seed;
        for (const auto& fault : world.faults_found()) ADD_FAILURE() << "seed " << seed << ": " << fault;
    }
}

TEST(Altered, AHealthyTableIsNotLookedAtForGoodMessages) {
    World world(25);
    world.start(runs_on);
    send_logins(world, 500, "u");
    ASSERT_TRUE(runs_until_empty(world));
    EXPECT_EQ(world.database.looks, 0u);
}

TEST(Altered, APauseAsksForTheConfigurationEachTime) {
    World world(26);
    int asked = 0;
    world.start([&](auto& options) {
        options.drain = false;
        options.on_write_pause = [&asked] { ++asked; };
    });
    world.database.table.columns.erase(world.database.table.columns.begin());
    send_logins(world, 5, "u");
    ASSERT_TRUE(run_for(world, 5min));
    EXPECT_GE(asked, 5);
    EXPECT_LE(asked, 200);
}

TEST(RateOfRows, IsKeptByThePipelineHoweverManyWorkers) {
    World world(27);
    world.shared.emplace(pipeline::BrakeOptions{}, &world, 50);
    world.start(runs_on);
    world.start(runs_on);
    send_logins(world, 3000, "u");
    ASSERT_TRUE(run_for(world, 10s));
    const auto before = world.figures().inserted;
    std::int64_t most = 0;
    ASSERT_TRUE(world.run_until([&, until = world.clock.now() + 20s] {
        most = std::max(most, world.figures().in_flight);
        return world.clock.now() >= until;
    }));
    EXPECT_NEAR(static_cast<double>(world.figures().inserted - before), 1000, 60);
    EXPECT_LE(most, 60);  // the rest waits in the queue
}

TEST(RateOfRows, BelowOneReceiveASecondAsksForFewerMessages) {
    World world(28);
    world.shared.emplace(pipeline::BrakeOptions{}, &world, 2);
    world.start(runs_on);
    send_logins(world, 300, "u");
    ASSERT_TRUE(run_for(world, 60s));
    EXPECT_NEAR(static_cast<double>(world.figures().inserted), 120, 6);
}

}  // namespace
}  // namespace sqs2pg::sim
