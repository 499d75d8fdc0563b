// From the schema of each earlier version to the present one, with what a database of that version holds.
#include <fmt/format.h>

#include "postgres_fixture.h"
#include "schema/migrations.h"
#include "schema/script_parts.h"

namespace sqs2pg::schema {
namespace {

using namespace std::chrono_literals;

class UpgradeTest : public testing::PostgresTest {
   protected:
    // The schema as a program of version 1 left it.
    void make_version_1() {
        sql("CREATE SCHEMA sqs2pg; CREATE TABLE sqs2pg.migration (version integer PRIMARY KEY, applied_at timestamptz "
            "NOT "
            "NULL DEFAULT now())");
        sql(kVersion1);
        sql(kFunctions);
        sql("INSERT INTO sqs2pg.ledger_settings (retention) VALUES (interval '20 days'); "
            "SELECT sqs2pg.maintain_ledger(); "
            "INSERT INTO sqs2pg.ledger SELECT sqs2pg.ledger_bound(now()); "
            "INSERT INTO sqs2pg.dead_letter (id, pipeline, queue, message_id, receive_count, reason, key_id, sealed) "
            "VALUES (gen_random_uuid(), 'p', 'q', 'm', 3, 'not_json', 'k1', '\\x0102')");
        ASSERT_EQ(sql("SELECT max(version) FROM sqs2pg.migration"), "1");
    }
    std::string shape() {
        return sql(R"sql(
SELECT string_agg(line, E'\n' ORDER BY line) FROM (
    SELECT c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull || ' ' ||
           coalesce(pg_get_expr(d.adbin, d.adrelid), '') AS line
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relnamespace = 'sqs2pg'::regnamespace AND NOT c.relispartition
    UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'sqs2pg' AND tablename !~ '^ledger_\d'
    UNION ALL SELECT conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'sqs2pg'::regnamespace AND conrelid::regclass::text !~ 'ledger_\d'
    UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid::regclass::text LIKE 'sqs2pg.%'
) shape)sql");
    }
    void migrated(int from) {
        auto connection = connect();
        auto report = run(migrate(*connection, {}));
        ASSERT_TRUE(report.has_value()) << describe(report.error());
        EXPECT_EQ(report->version_before, from);
        EXPECT_EQ(report->version, kSchemaVersion);
    }
};

TEST_F(UpgradeTest, from_version_1_everything_stays_and_the_shape_is_that_of_a_new_schema) {
    make_version_1();
    auto connection = connect();
    auto old = judge(run(inspect(*connection)).value(), "postgres");
    ASSERT_FALSE(old.has_value());
    EXPECT_EQ(old.error().code, "old_schema");
    migrated(1);
    EXPECT_EQ(sql("SELECT count(*) FROM sqs2pg.ledger"), "1");
    EXPECT_EQ(
        sql("SELECT reason || receive_count || encode(sealed, 'hex') || replay_count || (last_replayed_at IS NULL) "
            "FROM sqs2pg.dead_letter"),
        "not_json301020true");
    EXPECT_EQ(sql("SELECT retention FROM sqs2pg.ledger_settings"), "20 days");
    auto upgraded = shape();
    sql("DROP SCHEMA sqs2pg CASCADE");
    migrated(0);
    EXPECT_EQ(upgraded, shape());
}

TEST_F(UpgradeTest, racing_upgrades_all_succeed) {
    make_version_1();
    std::vector<std::unique_ptr<pg::Connection>> connections;
    for (int i = 0; i < 4; ++i) connections.push_back(connect());
    std::vector<std::future<Result<MigrationReport>>> racing;
    for (auto& connection : connections)
        racing.push_back(boost::asio::co_spawn(io_, migrate(*connection, {}), boost::asio::use_future));
    io_.restart();
    io_.run();
    for (auto& one : racing) {
        auto report = one.get();
        ASSERT_TRUE(report.has_value()) << describe(report.error());
        EXPECT_EQ(report->version, kSchemaVersion);
    }
}

}  // namespace
}  // namespace sqs2pg::schema
