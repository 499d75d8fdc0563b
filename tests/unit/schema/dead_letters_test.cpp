// Dead letters selected, counted, dropped and revealed on a real server; expiry bounded; the indexes used.
#include "schema/dead_letters.h"

#include <algorithm>

#include <fmt/format.h>

#include "postgres_fixture.h"
#include "schema/migrations.h"

namespace sqs2pg::schema {
namespace {

using namespace std::chrono_literals;

class DeadLettersTest : public testing::PostgresTest {
   protected:
    DeadLettersTest() : connection_(connect()) {
        auto made = run(migrate(*connection_, {}));
        if (!made) throw std::runtime_error(describe(made.error()));
    }

    // `count` letters, one a minute, the newest a minute old.
    void store(int count, const std::string& pipeline = "p", const std::string& reason = "not_json") {
        sql(
            fmt::format("INSERT INTO sqs2pg.dead_letter (id, pipeline, queue, message_id, receive_count, reason, "
                        "key_id, sealed, created_at) SELECT gen_random_uuid(), '{}', 'q', 'm' || n, 1, '{}', 'k1', "
                        "'\\x00ff', now() - n * interval '1 minute' FROM generate_series(1, {}) n",
                        pipeline, reason, count));
    }
    std::int64_t selected(const LetterSelection& selection) {
        std::int64_t sum = 0;
        for (const auto& one : run(count_letters(*connection_, selection)).value()) sum += one.letters;
        return sum;
    }

    std::unique_ptr<pg::Connection> connection_;
};

TEST_F(DeadLettersTest, newest_first_and_by_every_filter) {
    store(5, "p", "not_json");
    store(3, "p", "unique");
    store(2, "it''s", "unique");
    auto lines = run(list_letters(*connection_, {}, 4)).value();
    ASSERT_EQ(lines.size(), 4u);
    EXPECT_TRUE(std::ranges::is_sorted(lines, std::greater{}, &LetterLine::created_at));
    EXPECT_EQ(lines[0].message_id, "m1");
    EXPECT_EQ(lines[0].created_at.size(), 24u) << lines[0].created_at;
    auto now = run(database_now_ms(*connection_)).value();
    LetterSelection selection;
    selection.reason = "unique";
    EXPECT_EQ(selected(selection), 5);
    selection.pipeline = "it's";
    EXPECT_EQ(selected(selection), 2);
    selection = {};
    selection.since_ms = now - 150'000;
    EXPECT_EQ(selected(selection), 6);
    selection.until_ms = now - 90'000;
    EXPECT_EQ(selected(selection), 3);
    selection.ids = {lines[0].id};
    EXPECT_EQ(selected(selection), 0);
    auto counts = run(count_letters(*connection_, {})).value();
    ASSERT_EQ(counts.size(), 3u);
    EXPECT_EQ(counts[0].reason + std::to_string(counts[0].letters), "not_json5");
    EXPECT_LT(counts[0].oldest, counts[0].newest);
}

TEST_F(DeadLettersTest, an_id_is_found_by_its_first_digits) {
    sql("INSERT INTO sqs2pg.dead_letter (id, pipeline, queue, message_id, receive_count, reason, key_id, sealed) "
        "SELECT id::uuid, 'p', 'q', 'm', 1, 'r', 'k1', '' FROM unnest('{019a1111-0000-0000-0000-000000000001, "
        "019a1112-0000-0000-0000-000000000001}'::text[]) id");
    EXPECT_EQ(run(find_letter(*connection_, "019A1111")).value(), "019a1111-0000-0000-0000-000000000001");
    EXPECT_EQ(run(find_letter(*connection_, "019a1112-0000-0000-0000-000000000001")).value(),
              "019a1112-0000-0000-0000-000000000001");
    EXPECT_EQ(run(find_letter(*connection_, "019a111")).error().code, "many_letters");
    EXPECT_EQ(run(find_letter(*connection_, "019b")).error().code, "no_letter");
    for (const char* bad : {"", "-", "x", "'; DROP", "019a1111-0000-0000-0000-0000000000011"})
        EXPECT_EQ(run(find_letter(*connection_, bad)).error().code, "bad_id") << bad;
}

TEST_F(DeadLettersTest, a_drop_takes_what_is_selected_and_notes_each_id) {
    store(7, "p", "unique");
    store(2, "p", "check");
    LetterSelection selection;
    selection.reason = "unique";
    AuditNote note{"me@here", describe_selection(selection), "it's \\ over", ""};
    EXPECT_EQ(run(drop_letters(*connection_, selection, note, 5)).value(), 5);
    EXPECT_EQ(run(drop_letters(*connection_, selection, note, 5)).value(), 2);
    EXPECT_EQ(run(drop_letters(*connection_, selection, note, 5)).value(), 0);
    EXPECT_EQ(selected({}), 2);
    EXPECT_EQ(sql("SELECT count(*) || ' ' || sum(cardinality(letters)) || ' ' || min(selection) || ' ' || min(reason) "
                  "FROM sqs2pg.audit"),
              "2 7 reason=unique it's \\ over");
    note.reason = "";  // the database itself insists on a reason
    auto refused = run(drop_letters(*connection_, {}, note, 5));
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(selected({}), 2);
}

TEST_F(DeadLettersTest, nothing_is_revealed_that_the_audit_does_not_hold) {
    store(1);
    auto id = sql("SELECT id FROM sqs2pg.dead_letter");
    auto sealed = run(reveal_letter(*connection_, id, {"me@here", "id", "a question", "T-7"}));
    ASSERT_TRUE(sealed.has_value()) << describe(sealed.error());
    EXPECT_EQ(sealed->sealed, std::string("\x00\xff", 2));
    EXPECT_EQ(sealed->id.size(), 16u);
    EXPECT_EQ(sql("SELECT action || letters::text || reason || ticket || session_role FROM sqs2pg.audit"),
              "reveal{" + id + "}a questionT-7postgres");
    sql("ALTER TABLE sqs2pg.audit ADD CHECK (actor <> 'nobody')");
    auto refused = run(reveal_letter(*connection_, id, {"nobody", "id", "a question", ""}));
    ASSERT_FALSE(refused.has_value());
    EXPECT_NE(refused.error().detail.find("nothing is revealed"), std::string::npos) << refused.error().detail;
    EXPECT_TRUE(connection_->ok());
    auto gone = run(reveal_letter(*connection_, "00000000-0000-0000-0000-000000000000", {"me", "id", "why", ""}));
    EXPECT_EQ(gone.error().code, "no_letter");
}

TEST_F(DeadLettersTest, expiry_takes_ten_thousand_a_call_the_oldest_first) {
    store(20);
    sql("INSERT INTO sqs2pg.dead_letter (id, pipeline, queue, message_id, receive_count, reason, key_id, sealed, "
        "created_at) SELECT gen_random_uuid(), 'old', 'q', 'm', 1, 'r', 'k1', '', now() - interval '30 days 1 second' "
        "- "
        "n * interval '1 second' FROM generate_series(1, 10500) n");
    EXPECT_EQ(run(maintain(*connection_)).value().expired, 10000);
    EXPECT_EQ(sql("SELECT count(*) || ' ' || (min(created_at) > now() - interval '30 days 502 seconds') FROM "
                  "sqs2pg.dead_letter WHERE pipeline = 'old'"),
              "500 true");
    EXPECT_EQ(run(maintain(*connection_)).value().expired, 500);
    EXPECT_EQ(run(maintain(*connection_)).value().expired, 0);
    EXPECT_EQ(selected({}), 20);
}

TEST_F(DeadLettersTest, lists_and_pages_read_an_index) {
    store(3000, "p", "not_json");
    store(20, "rare", "unique");
    sql("ANALYZE sqs2pg.dead_letter");
    auto plan_of = [&](const std::string& query) {
        auto answer = run(connection_->query("EXPLAIN " + query, 20s)).value();
        std::string plan;
        for (const auto& row : answer[0].rows) plan += row[0].value_or("") + "\n";
        return plan;
    };
    auto listing = [](const LetterSelection& selection) {
        return "SELECT id FROM sqs2pg.dead_letter WHERE " + condition_of(selection) +
               " ORDER BY created_at DESC, id DESC LIMIT 50";
    };
    LetterSelection selection;
    EXPECT_NE(plan_of(listing(selection)).find("dead_letter_newest"), std::string::npos) << plan_of(listing(selection));
    selection.pipeline = "rare";
    EXPECT_NE(plan_of(listing(selection)).find("dead_letter_pipeline_newest"), std::string::npos);
    selection = {};
    selection.reason = "unique";
    EXPECT_NE(plan_of(listing(selection)).find("dead_letter_reason_newest"), std::string::npos);
}

}  // namespace
}  // namespace sqs2pg::schema
