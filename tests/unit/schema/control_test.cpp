// Pauses, the brake and signs of life on a real server, as the roles that may.
#include "schema/control.h"

#include <gtest/gtest.h>

#include "postgres_fixture.h"
#include "schema/migrations.h"

namespace sqs2pg::schema {
namespace {

class ControlTest : public testing::PostgresTest {
   protected:
    ControlTest() : connection_(connect()) {
        auto migrated = run(migrate(*connection_, {}));
        EXPECT_TRUE(migrated.has_value()) << (migrated ? "" : migrated.error().detail);
    }

    std::vector<PipelineControl> states(std::vector<Trip> trips = {}, std::string report = {}) {
        auto answer = run(exchange(*connection_, std::move(report), std::move(trips)));
        EXPECT_TRUE(answer.has_value()) << (answer ? "" : answer.error().detail);
        return answer.value_or(std::vector<PipelineControl>{});
    }

    std::string state(const std::string& pipeline) {
        for (const auto& one : states()) {
            if (one.pipeline != pipeline) continue;
            return (one.paused ? one.cause + ": " + one.detail : std::string("goes on")) + " #" +
                   std::to_string(one.generation);
        }
        return "none";
    }

    void pause(const std::string& why) { ASSERT_TRUE(run(pause_pipeline(*connection_, "logins", why))); }
    void resume() { ASSERT_TRUE(run(resume_pipeline(*connection_, "logins"))); }

    std::unique_ptr<pg::Connection> connection_;
};

std::string report_of(const std::string& id, const std::string& pipeline, int received) {
    return R"({"id":")" + id + R"(","host":"h","pid":7,"version":"1","uptime_seconds":60,"pipelines":[{"pipeline":")" +
           pipeline + R"(","workers":2,"state":"running","paused_cause":"","paused_detail":"it's \\ fine",)" +
           R"("how_to_end":"","received":)" + std::to_string(received) +
           R"(,"settled":4,"in_flight":1,"dead_lettered":0,"rows_written":4,"messages_per_second":1.5,)" +
           R"("lag_seconds":0.25}]})";
}

constexpr const char* kOne = "11111111-1111-1111-1111-111111111111";
constexpr const char* kTwo = "22222222-2222-2222-2222-222222222222";

TEST_F(ControlTest, a_pause_is_remembered_with_its_reason_its_role_and_a_new_generation) {
    EXPECT_EQ(state("logins"), "none");
    pause("for O'Brien's \\ move");
    EXPECT_EQ(state("logins"), "operator: for O'Brien's \\ move #1");
    EXPECT_EQ(states().at(0).changed_by, "postgres");
    EXPECT_EQ(states().at(0).changed_at.size(), 20u);
    resume();
    EXPECT_EQ(state("logins"), "goes on #2");
    resume();
    EXPECT_EQ(state("logins"), "goes on #3") << "a resume without a pause makes every process look again";
}

TEST_F(ControlTest, the_brake_holds_until_a_resume_and_a_trip_from_before_it_counts_no_more) {
    states({{"logins", "20 of the last 20 messages were bad", 0}});
    EXPECT_EQ(state("logins"), "brake: 20 of the last 20 messages were bad #1");
    states({{"logins", "another process saw it too", 0}});
    EXPECT_EQ(state("logins"), "brake: 20 of the last 20 messages were bad #1")
        << "the same call again changes nothing";
    resume();
    states({{"logins", "late", 0}});
    states({{"logins", "late", 1}});
    EXPECT_EQ(state("logins"), "goes on #2");
    states({{"logins", "bad again", 2}});
    EXPECT_EQ(state("logins"), "brake: bad again #3");
}

TEST_F(ControlTest, the_brake_does_not_hide_an_operators_pause) {
    pause("mine");
    states({{"logins", "bad", 1}});
    EXPECT_EQ(state("logins"), "operator: mine #1");
}

TEST_F(ControlTest, processes_tell_of_themselves_and_leave_and_the_dead_are_forgotten) {
    states({}, report_of(kOne, "logins", 5));
    states({}, report_of(kOne, "logins", 6));
    states({}, report_of(kTwo, "orders", 9));
    auto seen = run(look_over(*connection_));
    ASSERT_TRUE(seen.has_value()) << seen.error().detail;
    ASSERT_EQ(seen->processes.size(), 2u);
    const auto& line = seen->processes[0];
    EXPECT_EQ(line.id, kOne);
    EXPECT_EQ(line.received, 6);
    EXPECT_EQ(line.pid, 7);
    EXPECT_EQ(line.paused_detail, "it's \\ fine");
    EXPECT_NEAR(line.up_seconds, 60, 5);
    EXPECT_EQ(line.lag_seconds, 0.25);
    EXPECT_FALSE(line.silent());
    EXPECT_GT(seen->ledger_bytes, 0);

    ASSERT_TRUE(run(leave(*connection_, kTwo)));
    sql("UPDATE sqs2pg.process SET seen_at = now() - interval '11 minutes'");
    states({}, report_of(kTwo, "orders", 10));
    EXPECT_EQ(sql("SELECT string_agg(id::text, ',') FROM sqs2pg.process"), kTwo);
}

TEST_F(ControlTest, dead_letters_are_counted_by_reason_over_an_hour_and_a_day) {
    sql("INSERT INTO sqs2pg.dead_letter (id, pipeline, queue, message_id, receive_count, reason, key_id, sealed, "
        "created_at) SELECT gen_random_uuid(), 'logins', 'q', 'm', 1, CASE WHEN n < 3 THEN 'not_json' ELSE 'unique' "
        "END, 'k1', '', now() - n * interval '5 hours' FROM generate_series(0, 9) AS n");
    auto seen = run(look_over(*connection_));
    ASSERT_TRUE(seen.has_value()) << seen.error().detail;
    ASSERT_EQ(seen->dead_letters.size(), 2u);
    EXPECT_EQ(seen->dead_letters[0].reason, "not_json");
    EXPECT_EQ(seen->dead_letters[0].last_hour, 1);
    EXPECT_EQ(seen->dead_letters[0].last_day, 3);
    EXPECT_EQ(seen->dead_letters[1].last_hour, 0);
    EXPECT_EQ(seen->dead_letters[1].last_day, 2);
}

}  // namespace
}  // namespace sqs2pg::schema
