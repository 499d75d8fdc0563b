// Schema sqs2pg on a real server: made once, made twice, made by two at the same time, with one role and with two; the
// ledger's partitions and their maintenance; key checks.
#include "schema/migrations.h"

#include <fmt/format.h>

#include <thread>

#include "postgres_fixture.h"

namespace sqs2pg::schema {
namespace {

using namespace std::chrono_literals;
constexpr auto kLong = 60s;

class MigrationsTest : public testing::PostgresTest {
   protected:
    MigrationReport migrated(MigrationOptions options = {}, const std::string& role = "postgres") {
        auto connection = connect(role);
        auto report = run(migrate(*connection, std::move(options)));
        EXPECT_TRUE(report.has_value()) << describe(report.error());
        return report ? *report : MigrationReport{};
    }
    SchemaState state(const std::string& role = "postgres") {
        auto connection = connect(role);
        return run(inspect(*connection)).value();
    }
    MaintenanceReport maintained(const std::string& role = "postgres") {
        auto connection = connect(role);
        auto report = run(maintain(*connection));
        EXPECT_TRUE(report.has_value()) << describe(report.error());
        return report ? *report : MaintenanceReport{};
    }
    std::string ledger_insert(const std::string& moment) {
        return fmt::format("INSERT INTO sqs2pg.ledger SELECT sqs2pg.ledger_bound({})", moment);
    }
    bool ledger_takes(const std::string& moment) {
        try {
            sql(ledger_insert(moment));
            return true;
        } catch (const std::exception&) {
            return false;
        }
    }
    // Two partitions become due to be dropped, and one to be made.
    void make_work() {
        auto newest = sql("SELECT name FROM sqs2pg.ledger_partition ORDER BY lower_bound DESC LIMIT 1");
        sql(
            fmt::format("DROP TABLE sqs2pg.{0}; DELETE FROM sqs2pg.ledger_partition WHERE name = '{0}'; "
                        "UPDATE sqs2pg.ledger_settings SET retention = interval '14 days'",
                        newest));
    }
};

TEST_F(MigrationsTest, a_first_migration_makes_partitions_for_a_backlog_and_for_three_days_to_come) {
    auto report = migrated();
    EXPECT_EQ(report.version_before, 0);
    EXPECT_EQ(report.version, kSchemaVersion);
    EXPECT_EQ(report.partitions_made, 20);  // 16 days back, today, 3 to come
    EXPECT_TRUE(ledger_takes("now()"));
    EXPECT_TRUE(ledger_takes("now() - interval '15 days 23 hours'"));
    EXPECT_TRUE(ledger_takes("now() + interval '3 days'"));
    EXPECT_FALSE(ledger_takes("now() - interval '18 days'"));
    EXPECT_FALSE(ledger_takes("now() + interval '5 days'"));
}

TEST_F(MigrationsTest, inspection_tells_absent_present_and_newer) {
    EXPECT_FALSE(state().present);
    auto absent = judge(state(), "postgres");
    ASSERT_FALSE(absent.has_value());
    EXPECT_EQ(absent.error().code, "no_schema");
    migrated();
    auto now = state();
    EXPECT_TRUE(now.usable());
    EXPECT_TRUE(judge(now, "postgres").has_value());
    EXPECT_EQ(now.ledger_retention, 24h * 16);
    EXPECT_EQ(now.partition_width, 24h);
    EXPECT_EQ(now.covered_until_ms - now.covered_from_ms, std::chrono::milliseconds(24h * 20).count());
    EXPECT_GT(now.ledger_bytes, 0);
    sql("INSERT INTO sqs2pg.migration VALUES (1000)");
    auto newer = judge(state(), "postgres");
    ASSERT_FALSE(newer.has_value());
    EXPECT_EQ(newer.error().code, "newer_schema");
    auto connection = connect();
    auto refused = run(migrate(*connection, {}));
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, "newer_schema");
}

TEST_F(MigrationsTest, a_second_migration_changes_nothing) {
    migrated();
    auto before =
        sql("SELECT string_agg(c.relname || c.oid, ',' ORDER BY c.oid) FROM pg_class c "
            "WHERE relnamespace = 'sqs2pg'::regnamespace");
    auto again = migrated();
    EXPECT_EQ(again.version_before, kSchemaVersion);
    EXPECT_EQ(again.partitions_made, 0);
    EXPECT_EQ(sql("SELECT string_agg(c.relname || c.oid, ',' ORDER BY c.oid) FROM pg_class c "
                  "WHERE relnamespace = 'sqs2pg'::regnamespace"),
              before);
}

TEST_F(MigrationsTest, racing_migrations_all_succeed) {
    std::vector<std::unique_ptr<pg::Connection>> connections;
    for (int i = 0; i < 6; ++i) connections.push_back(connect());
    std::vector<std::future<Result<MigrationReport>>> racing;
    for (auto& connection : connections) {
        racing.push_back(boost::asio::co_spawn(io_, migrate(*connection, {}), boost::asio::use_future));
    }
    io_.restart();
    io_.run();
    int made = 0;
    for (auto& one : racing) {
        auto report = one.get();
        ASSERT_TRUE(report.has_value()) << describe(report.error());
        made += report->partitions_made;
    }
    EXPECT_EQ(made, 20);
}

TEST_F(MigrationsTest, the_printed_script_is_what_is_run) {
    MigrationOptions options;
    options.key_checks = {{"it's \\k1", "aaaa"}};
    sql(migration_sql(options));
    sql(migration_sql(options));
    EXPECT_TRUE(state().usable());
    auto connection = connect();
    EXPECT_TRUE(run(hold_key_check(*connection, "it's \\k1", "aaaa")).has_value());
}

TEST_F(MigrationsTest, retention_is_set_at_first_raised_later_and_never_lowered) {
    MigrationOptions options;
    options.ledger_retention = 24h * 6;
    EXPECT_EQ(migrated(options).partitions_made, 10);
    migrated();  // without a wish nothing changes
    EXPECT_EQ(state().ledger_retention, 24h * 6);
    options.ledger_retention = 24h * 8;
    EXPECT_EQ(migrated(options).partitions_made, 2);
    EXPECT_TRUE(ledger_takes("now() - interval '7 days 23 hours'"));
    options.ledger_retention = 24h;
    migrated(options);
    EXPECT_EQ(state().ledger_retention, 24h * 8);
}

TEST_F(MigrationsTest, partitions_of_an_hour_follow_those_of_a_day_without_gap) {
    MigrationOptions options;
    options.ledger_retention = 24h * 2;
    migrated(options);
    sql("DELETE FROM sqs2pg.ledger_partition WHERE lower_bound > now(); "
        "DO $$ DECLARE n text; BEGIN FOR n IN SELECT relname FROM pg_class c WHERE relispartition AND relkind = 'r' "
        "AND NOT EXISTS (SELECT FROM sqs2pg.ledger_partition p WHERE p.name = c.relname) "
        "LOOP EXECUTE 'DROP TABLE sqs2pg.' || n; END LOOP; END $$");
    options.partition_width = 1h;
    EXPECT_GE(migrated(options).partitions_made, 49);  // from midnight on, hours up to now + 3 days
    EXPECT_EQ(sql("SELECT count(*) FROM sqs2pg.ledger_partition p WHERE NOT EXISTS "
                  "(SELECT FROM sqs2pg.ledger_partition q WHERE q.lower_bound = p.upper_bound)"),
              "1");
    EXPECT_TRUE(ledger_takes("now()"));
    EXPECT_TRUE(ledger_takes("now() + interval '3 days'"));
}

TEST_F(MigrationsTest, owner_and_worker_apart_each_with_its_rights_only) {
    sql("CREATE ROLE the_owner; CREATE ROLE \"The Worker\" LOGIN; CREATE TABLE logins (a int)");
    MigrationOptions options;
    options.owner_role = "the_owner";
    options.worker_role = "The Worker";
    options.targets = {{{"public", "logins"}}, {{"", "absent_table"}}};
    auto report = migrated(options);
    ASSERT_EQ(report.warnings.size(), 1u);
    EXPECT_NE(report.warnings[0].find("absent_table"), std::string::npos);
    EXPECT_EQ(sql("SELECT DISTINCT relowner::regrole::text FROM pg_class WHERE relnamespace = 'sqs2pg'::regnamespace"),
              "the_owner");
    EXPECT_TRUE(state("The Worker").usable());
    EXPECT_EQ(maintained("The Worker").made, 0);

    auto worker = connect("The Worker");
    auto may = [&](const std::string& statement) {
        auto result = run(worker->query(statement, kLong));
        return result ? std::string("yes") : result.error().server.sqlstate;
    };
    EXPECT_EQ(may("INSERT INTO sqs2pg.ledger SELECT ('019' || repeat('0', 29))::uuid WHERE false "
                  "ON CONFLICT DO NOTHING RETURNING id"),
              "yes");
    EXPECT_EQ(may("INSERT INTO logins VALUES (1)"), "yes");
    EXPECT_EQ(may("SELECT check_value FROM sqs2pg.key_check"), "yes");
    for (const char* forbidden : {"SELECT sealed FROM sqs2pg.dead_letter", "DELETE FROM sqs2pg.ledger",
                                  "UPDATE sqs2pg.ledger_settings SET retention = '1 hour'", "DROP TABLE sqs2pg.ledger",
                                  "INSERT INTO sqs2pg.key_check VALUES ('k9', 'x')", "SELECT * FROM logins",
                                  "DELETE FROM sqs2pg.dead_letter", "CREATE TABLE sqs2pg.x (a int)"}) {
        EXPECT_EQ(may(forbidden), "42501") << forbidden;
    }
    sql("DROP SCHEMA sqs2pg CASCADE; DROP OWNED BY \"The Worker\"; DROP ROLE \"The Worker\"; DROP ROLE the_owner");
}

TEST_F(MigrationsTest, a_stranger_may_not_even_maintain) {
    migrated();
    sql("CREATE ROLE stranger LOGIN; GRANT USAGE ON SCHEMA sqs2pg TO stranger");
    auto connection = connect("stranger");
    auto report = run(maintain(*connection));
    ASSERT_FALSE(report.has_value());
    EXPECT_EQ(report.error().code, "42501");
    EXPECT_FALSE(state("stranger").rights);
    auto judged = judge(state("stranger"), "stranger");
    ASSERT_FALSE(judged.has_value());
    EXPECT_NE(judged.error().detail.find("SELECT on sqs2pg.migration"), std::string::npos) << judged.error().detail;
    sql("DROP OWNED BY stranger; DROP ROLE stranger");
}

TEST_F(MigrationsTest, a_role_that_may_not_create_a_schema_is_told_what_to_do) {
    sql("CREATE ROLE poor LOGIN");
    auto connection = connect("poor");
    auto report = run(migrate(*connection, {}));
    ASSERT_FALSE(report.has_value());
    EXPECT_EQ(report.error().kind, ErrorKind::Configuration);
    EXPECT_NE(report.error().detail.find("--print"), std::string::npos) << report.error().detail;
    EXPECT_TRUE(connection->ok());
    sql("DROP ROLE poor");
}

TEST_F(MigrationsTest, a_role_that_does_not_exist_is_named) {
    MigrationOptions options;
    options.worker_role = "no_such_worker";
    auto connection = connect();
    auto report = run(migrate(*connection, options));
    ASSERT_FALSE(report.has_value());
    EXPECT_EQ(report.error().kind, ErrorKind::Configuration);
    EXPECT_NE(report.error().detail.find("no_such_worker"), std::string::npos) << report.error().detail;
    EXPECT_FALSE(state().present);
}

TEST_F(MigrationsTest, a_grant_that_only_the_targets_owner_may_give_is_told) {
    sql("CREATE ROLE app_owner LOGIN; CREATE ROLE ledger_owner LOGIN; CREATE ROLE worker LOGIN; "
        "GRANT CREATE ON DATABASE " +
        database() +
        " TO ledger_owner; CREATE SCHEMA app AUTHORIZATION app_owner; "
        "CREATE TABLE app.logins (a int); ALTER TABLE app.logins OWNER TO app_owner; GRANT USAGE ON SCHEMA app TO "
        "ledger_owner");
    MigrationOptions options;
    options.worker_role = "worker";
    options.targets = {{{"app", "logins"}}};
    auto report = migrated(options, "ledger_owner");
    ASSERT_EQ(report.warnings.size(), 2u);
    EXPECT_NE(report.warnings[0].find("GRANT USAGE ON SCHEMA \"app\" TO \"worker\";"), std::string::npos)
        << report.warnings[0];
    EXPECT_NE(report.warnings[1].find("GRANT INSERT ON \"app\".\"logins\" TO \"worker\";"), std::string::npos);
    sql("DROP OWNED BY ledger_owner CASCADE; DROP OWNED BY app_owner CASCADE; DROP OWNED BY worker; "
        "DROP ROLE app_owner, ledger_owner, worker");
}

TEST_F(MigrationsTest, maintenance_drops_what_is_past_its_retention_and_never_makes_it_again) {
    migrated();
    EXPECT_EQ(maintained().made, 0);
    make_work();
    auto report = maintained();
    EXPECT_EQ(report.made, 1);
    EXPECT_EQ(report.dropped, 2);
    EXPECT_EQ(report.postponed, 0);
    EXPECT_EQ(sql("SELECT dropped_before = (SELECT min(lower_bound) FROM sqs2pg.ledger_partition) "
                  "FROM sqs2pg.ledger_settings"),
              "t");
    sql("UPDATE sqs2pg.ledger_settings SET retention = interval '40 days'");
    auto lowest = sql("SELECT min(lower_bound) FROM sqs2pg.ledger_partition");
    maintained();
    EXPECT_EQ(sql("SELECT min(lower_bound) FROM sqs2pg.ledger_partition"), lowest);
}

TEST_F(MigrationsTest, a_partition_dropped_by_hand_is_not_made_again) {
    migrated();
    auto name = sql("SELECT name FROM sqs2pg.ledger_partition WHERE lower_bound <= now() AND upper_bound > now()");
    sql("DROP TABLE sqs2pg." + name);
    EXPECT_EQ(maintained().made, 0);
    EXPECT_FALSE(ledger_takes("now()"));
    sql("DELETE FROM sqs2pg.ledger_partition WHERE name = '" + name + "'");  // the operator's word that it may
    EXPECT_EQ(maintained().made, 1);
    EXPECT_TRUE(ledger_takes("now()"));
}

TEST_F(MigrationsTest, dead_letters_expire) {
    MigrationOptions options;
    options.dead_letter_retention = 24h * 7;
    migrated(options);
    sql("INSERT INTO sqs2pg.dead_letter (id, pipeline, queue, message_id, receive_count, reason, key_id, sealed, "
        "created_at) "
        "SELECT gen_random_uuid(), 'p', 'q', 'm', 1, 'not_json', 'k1', '', now() - n * interval '1 day' "
        "FROM generate_series(0, 10) n");
    EXPECT_EQ(maintained().expired, 4);
    EXPECT_EQ(sql("SELECT count(*) FROM sqs2pg.dead_letter"), "7");
}

TEST_F(MigrationsTest, a_long_reader_delays_drops_and_never_writers) {
    migrated();
    make_work();
    auto reader = connect();
    ASSERT_TRUE(run(reader->query("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM sqs2pg.ledger", kLong)));
    // pg_dump's lock on every table of the ledger is held; partitions are still made, and drops are put off.
    auto maintainer = connect();
    auto writer = connect();
    auto maintaining = boost::asio::co_spawn(io_, maintain(*maintainer), boost::asio::use_future);
    int written = 0;
    auto slowest = 0ms;
    io_.restart();
    for (bool done = false; !done;) {
        auto before = std::chrono::steady_clock::now();
        auto insert = ledger_insert(fmt::format("now() - interval '{} seconds'", written++));
        ASSERT_TRUE(run(writer->query(insert, kLong)).has_value());
        auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - before);
        slowest = std::max(slowest, took);
        done = maintaining.wait_for(0s) == std::future_status::ready;
    }
    auto report = maintaining.get();
    ASSERT_TRUE(report.has_value()) << describe(report.error());
    EXPECT_EQ(report->dropped, 0);
    EXPECT_EQ(report->postponed, 2);
    EXPECT_EQ(report->made, 1);
    EXPECT_LT(slowest, 2000ms);  // the drop's own wait is 200 ms
    ASSERT_TRUE(run(reader->query("COMMIT", kLong)));
    EXPECT_EQ(maintained().dropped, 2);
}

TEST_F(MigrationsTest, two_maintainers_do_not_wait_for_each_other) {
    migrated();
    auto holder = connect();
    ASSERT_TRUE(run(holder->query("BEGIN; SELECT * FROM sqs2pg.maintain_ledger()", kLong)));
    EXPECT_TRUE(maintained().busy);
    ASSERT_TRUE(run(holder->query("COMMIT", kLong)));
    EXPECT_FALSE(maintained().busy);
}

TEST_F(MigrationsTest, a_key_of_the_same_id_with_another_value_is_refused) {
    MigrationOptions options;
    options.key_checks = {{"k1", "aaaa"}};
    migrated(options);
    auto connection = connect();
    EXPECT_TRUE(run(hold_key_check(*connection, "k1", "aaaa")).has_value());
    auto wrong = run(hold_key_check(*connection, "k1", "bbbb"));
    ASSERT_FALSE(wrong.has_value());
    EXPECT_EQ(wrong.error().kind, ErrorKind::Configuration);
    EXPECT_EQ(wrong.error().code, "wrong_key");
    EXPECT_EQ(describe(wrong.error()).find("aaaa"), std::string::npos);
    options.key_checks = {{"k1", "cccc"}};
    auto migration = run(migrate(*connection, options));
    ASSERT_FALSE(migration.has_value());
    EXPECT_EQ(migration.error().code, "wrong_key");
}

TEST_F(MigrationsTest, comparing_a_key_stores_nothing) {
    migrated({});
    auto connection = connect();
    auto before = run(compare_key_check(*connection, "k3", "eeee"));
    ASSERT_TRUE(before.has_value());
    EXPECT_FALSE(*before);
    EXPECT_FALSE(*run(compare_key_check(*connection, "k3", "ffff")));
    ASSERT_TRUE(run(hold_key_check(*connection, "k3", "eeee")).has_value());
    EXPECT_TRUE(*run(compare_key_check(*connection, "k3", "eeee")));
    EXPECT_EQ(run(compare_key_check(*connection, "k3", "ffff")).error().code, "wrong_key");
}

TEST_F(MigrationsTest, a_worker_with_a_key_that_nobody_introduced_is_told_to_migrate) {
    sql("CREATE ROLE key_worker LOGIN");
    MigrationOptions options;
    options.worker_role = "key_worker";
    migrated(options);
    auto connection = connect("key_worker");
    auto unknown = run(hold_key_check(*connection, "k2", "dddd"));
    ASSERT_FALSE(unknown.has_value());
    EXPECT_EQ(unknown.error().code, "unknown_key");
    sql("DROP OWNED BY key_worker; DROP ROLE key_worker");
}

}  // namespace
}  // namespace sqs2pg::schema
