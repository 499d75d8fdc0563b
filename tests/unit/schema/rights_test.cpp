// Every right that owner, worker, replayer and analyst have on a real server, on every table, column, sequence and
// function of schema sqs2pg and on the target table: what is not in the lists here is refused.
#include <fmt/format.h>

#include <set>

#include "postgres_fixture.h"
#include "schema/migrations.h"

namespace sqs2pg::schema {
namespace {

using namespace std::chrono_literals;

class RightsTest : public testing::PostgresTest {
   protected:
    RightsTest() {
        sql("CREATE ROLE r_owner LOGIN; CREATE ROLE r_worker LOGIN; CREATE ROLE r_replayer LOGIN; "
            "CREATE ROLE r_analyst LOGIN; CREATE ROLE r_app LOGIN");
        sql("GRANT CREATE ON DATABASE " + database() + " TO r_owner");
        sql("CREATE SCHEMA app AUTHORIZATION r_app; CREATE TABLE app.logins (id int, ip text); "
            "ALTER TABLE app.logins OWNER TO r_app; GRANT USAGE ON SCHEMA app TO r_owner WITH GRANT OPTION; "
            "GRANT INSERT ON app.logins TO r_owner WITH GRANT OPTION");
    }
    ~RightsTest() override {
        sql("DROP SCHEMA IF EXISTS sqs2pg CASCADE; DROP SCHEMA app CASCADE; DROP OWNED BY r_owner, r_worker, "
            "r_replayer, r_analyst, r_app; DROP ROLE r_owner, r_worker, r_replayer, r_analyst, r_app");
    }

    static MigrationOptions options() {
        MigrationOptions options;
        options.owner_role = "r_owner";
        options.worker_role = "r_worker";
        options.replayer_role = "r_replayer";
        options.analyst_role = "r_analyst";
        options.targets = {{{"app", "logins"}}};
        options.key_checks = {{"k1", "aaaa"}};
        return options;
    }

    // By a role that is no superuser.
    void migrated(MigrationOptions with = options()) {
        auto connection = connect("r_owner");
        auto report = run(migrate(*connection, std::move(with)));
        ASSERT_TRUE(report.has_value()) << describe(report.error());
        EXPECT_EQ(report->warnings, std::vector<std::string>{});
    }

    // "SELECT app.logins", "UPDATE sqs2pg.dead_letter.reason", "EXECUTE sqs2pg.f()", "USAGE sqs2pg"; partitions as one.
    std::set<std::string> rights_of(const std::string& role) {
        auto all = sql(fmt::format(R"sql(
WITH relation AS (
    SELECT c.oid, c.relkind, n.nspname || '.' || CASE WHEN c.relispartition THEN 'PARTITION' ELSE c.relname END AS name
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('sqs2pg', 'app') AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
), has (what) AS (
    SELECT p || ' ' || name
    FROM relation, unnest('{{SELECT,INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}}'::text[]) p
    WHERE relkind <> 'S' AND has_table_privilege('{0}', oid, p)
    UNION SELECT p || ' ' || name || '.' || attname
    FROM relation JOIN pg_attribute ON attrelid = oid AND attnum > 0 AND NOT attisdropped,
         unnest('{{SELECT,INSERT,UPDATE,REFERENCES}}'::text[]) p
    WHERE relkind <> 'S' AND has_column_privilege('{0}', oid, attnum, p) AND NOT has_table_privilege('{0}', oid, p)
    UNION SELECT p || ' ' || name FROM relation, unnest('{{USAGE,SELECT,UPDATE}}'::text[]) p
    WHERE relkind = 'S' AND has_sequence_privilege('{0}', oid, p)
    UNION SELECT 'EXECUTE ' || oid::regprocedure FROM pg_proc
    WHERE pronamespace IN ('sqs2pg'::regnamespace, 'app'::regnamespace)
      AND has_function_privilege('{0}', oid, 'EXECUTE')
    UNION SELECT p || ' ' || nspname FROM pg_namespace, unnest('{{USAGE,CREATE}}'::text[]) p
    WHERE nspname IN ('sqs2pg', 'app') AND has_schema_privilege('{0}', oid, p)
)
SELECT string_agg(what, ';') FROM has)sql",
                                   role));
        std::set<std::string> rights;
        for (std::size_t start = 0; start < all.size();) {
            auto end = std::min(all.find(';', start), all.size());
            rights.insert(all.substr(start, end - start));
            start = end + 1;
        }
        return rights;
    }

    static std::set<std::string> of_columns(const std::string& privilege, const std::string& table,
                                            const std::vector<std::string>& columns) {
        std::set<std::string> rights;
        for (const auto& column : columns) rights.insert(fmt::format("{} {}.{}", privilege, table, column));
        return rights;
    }

    // "yes", or the SQLSTATE; nothing of it stays.
    std::string may(const std::string& role, const std::string& statement) {
        auto connection = connect(role);
        auto begun = run(connection->query("BEGIN", 20s));
        auto result = run(connection->query(statement, 20s));
        return result ? std::string("yes") : result.error().server.sqlstate;
    }
};

std::set<std::string> operator+(std::set<std::string> left, const std::set<std::string>& right) {
    left.insert(right.begin(), right.end());
    return left;
}

const std::vector<std::string> kClear = {"id",
                                         "pipeline",
                                         "queue",
                                         "message_id",
                                         "sent_at",
                                         "first_received_at",
                                         "last_received_at",
                                         "receive_count",
                                         "reason",
                                         "place",
                                         "sqlstate",
                                         "key_id",
                                         "created_at",
                                         "replay_count",
                                         "last_replayed_at"};

TEST_F(RightsTest, a_worker_adds_rows_ledger_entries_and_dead_letters_and_reads_bookkeeping_only) {
    migrated();
    std::set<std::string> expected = {"USAGE sqs2pg",
                                      "USAGE app",
                                      "INSERT app.logins",
                                      "INSERT sqs2pg.ledger",
                                      "SELECT sqs2pg.ledger.id",
                                      "INSERT sqs2pg.dead_letter",
                                      "SELECT sqs2pg.migration",
                                      "SELECT sqs2pg.ledger_settings",
                                      "SELECT sqs2pg.ledger_partition",
                                      "SELECT sqs2pg.key_check",
                                      "EXECUTE sqs2pg.maintain_ledger()",
                                      "SELECT sqs2pg.pipeline_state",
                                      "SELECT sqs2pg.process",
                                      "EXECUTE sqs2pg.report_process(jsonb)",
                                      "EXECUTE sqs2pg.leave_process(uuid)",
                                      "EXECUTE sqs2pg.set_brake(text,text,bigint)",
                                      "EXECUTE sqs2pg.dead_letter_counts()"};
    // What a table's only column allows, the table allows.
    EXPECT_EQ(rights_of("r_worker"), expected);
}

TEST_F(RightsTest, a_replayer_claims_dead_letters_writes_rows_and_the_audit_and_no_more) {
    migrated();
    std::set<std::string> expected = {"USAGE sqs2pg",
                                      "USAGE app",
                                      "INSERT app.logins",
                                      "SELECT sqs2pg.dead_letter",
                                      "DELETE sqs2pg.dead_letter",
                                      "SELECT sqs2pg.migration",
                                      "SELECT sqs2pg.key_check",
                                      "SELECT sqs2pg.pipeline_state",
                                      "SELECT sqs2pg.process",
                                      "EXECUTE sqs2pg.pause_pipeline(text,text)",
                                      "EXECUTE sqs2pg.resume_pipeline(text)",
                                      "EXECUTE sqs2pg.dead_letter_counts()"};
    EXPECT_EQ(
        rights_of("r_replayer"),
        expected +
            of_columns("UPDATE", "sqs2pg.dead_letter",
                       {"reason", "place", "sqlstate", "replay_count", "last_replayed_at"}) +
            of_columns("INSERT", "sqs2pg.audit", {"actor", "action", "letters", "selection", "reason", "ticket"}));
}

TEST_F(RightsTest, an_analyst_sees_every_column_of_a_dead_letter_but_the_sealed_one) {
    migrated();
    std::set<std::string> expected = {"USAGE sqs2pg", "SELECT sqs2pg.migration", "SELECT sqs2pg.pipeline_state",
                                      "SELECT sqs2pg.process", "EXECUTE sqs2pg.dead_letter_counts()"};
    EXPECT_EQ(rights_of("r_analyst"), expected + of_columns("SELECT", "sqs2pg.dead_letter", kClear));
}

TEST_F(RightsTest, everybody_else_has_nothing_and_the_owner_owns_everything_without_being_superuser) {
    migrated();
    sql("CREATE ROLE r_stranger LOGIN");
    EXPECT_EQ(rights_of("r_stranger"), std::set<std::string>{});
    sql("DROP ROLE r_stranger");
    EXPECT_EQ(sql("SELECT count(*) FROM pg_class WHERE relnamespace = 'sqs2pg'::regnamespace AND relowner <> "
                  "'r_owner'::regrole"),
              "0");
    EXPECT_EQ(sql("SELECT count(*) FROM pg_proc WHERE pronamespace = 'sqs2pg'::regnamespace AND proowner <> "
                  "'r_owner'::regrole"),
              "0");
    EXPECT_EQ(sql("SELECT rolsuper FROM pg_roles WHERE rolname = 'r_owner'"), "f");
}

TEST_F(RightsTest, statements_do_what_the_catalog_says) {
    migrated();
    sql("INSERT INTO sqs2pg.dead_letter (id, pipeline, queue, message_id, receive_count, reason, key_id, sealed) "
        "VALUES (gen_random_uuid(), 'p', 'q', 'm', 1, 'not_json', 'k1', '')");
    constexpr const char* kLetter =
        "INSERT INTO sqs2pg.dead_letter (id, pipeline, queue, message_id, receive_count, reason, key_id, sealed) "
        "VALUES (gen_random_uuid(), 'p', 'q', 'm', 1, 'not_json', 'k1', '')";
    constexpr const char* kNote =
        "INSERT INTO sqs2pg.audit (actor, action, letters, selection, reason) VALUES ('me', 'drop', '{}', 'all', 'x')";
    struct Case {
        const char* statement;
        const char* allowed;  // roles, by their first letter
    };
    const Case cases[] = {
        {"INSERT INTO sqs2pg.ledger VALUES (sqs2pg.ledger_bound(now()))", "o"},
        {"INSERT INTO sqs2pg.ledger SELECT 'ffffffff-0000-0000-0000-000000000000'::uuid WHERE false ON CONFLICT DO "
         "NOTHING RETURNING id",
         "ow"},
        {"SELECT count(*) FROM sqs2pg.ledger", "ow"},
        {"DELETE FROM sqs2pg.ledger", "o"},
        {kLetter, "ow"},
        {"SELECT reason, count(*) FROM sqs2pg.dead_letter GROUP BY reason", "ora"},
        {"SELECT sealed FROM sqs2pg.dead_letter", "or"},
        {"SELECT * FROM sqs2pg.dead_letter", "or"},
        {"DELETE FROM sqs2pg.dead_letter WHERE pipeline = 'p' RETURNING id", "or"},
        {"UPDATE sqs2pg.dead_letter SET reason = 'unique', replay_count = replay_count + 1", "or"},
        {"UPDATE sqs2pg.dead_letter SET sealed = ''", "o"},
        {"SELECT id FROM sqs2pg.dead_letter ORDER BY id FOR UPDATE", "or"},
        {kNote, "or"},
        {"INSERT INTO sqs2pg.audit (session_role, actor, action, letters, selection, reason) VALUES ('x', 'me', "
         "'drop', '{}', 'all', 'x')",
         "o"},
        {"SELECT * FROM sqs2pg.audit", "o"},
        {"UPDATE sqs2pg.ledger_settings SET retention = '1 hour'", "o"},
        {"SELECT retention FROM sqs2pg.ledger_settings", "ow"},
        {"SELECT sqs2pg.maintain_ledger()", "ow"},
        {"SELECT check_value FROM sqs2pg.key_check", "owr"},
        {"INSERT INTO sqs2pg.key_check VALUES ('k9', 'x')", "o"},
        {"SELECT max(version) FROM sqs2pg.migration", "owra"},
        {"SELECT sqs2pg.pause_pipeline('p', '')", "or"},
        {"SELECT sqs2pg.resume_pipeline('p')", "or"},
        {"SELECT sqs2pg.set_brake('p', 'bad', 0)", "ow"},
        {"SELECT sqs2pg.leave_process('00000000-0000-0000-0000-000000000000')", "ow"},
        {"UPDATE sqs2pg.pipeline_state SET paused = false, cause = ''", "o"},
        {"SELECT paused FROM sqs2pg.pipeline_state", "owra"},
        {"SELECT host FROM sqs2pg.process", "owra"},
        {"SELECT * FROM sqs2pg.dead_letter_counts()", "owra"},
        {"INSERT INTO app.logins VALUES (1, 'x')", "owr"},
        {"SELECT * FROM app.logins", ""},
        {"UPDATE app.logins SET id = 1", ""},
        {"DELETE FROM app.logins", ""},
        {"TRUNCATE app.logins", ""},
        {"TRUNCATE sqs2pg.dead_letter", "o"},
        {"ALTER TABLE sqs2pg.dead_letter ADD COLUMN x int", "o"},
        {"DROP TABLE sqs2pg.ledger", "o"},
        {"CREATE TABLE sqs2pg.x (a int)", "o"},
        {"CREATE INDEX ON sqs2pg.dead_letter (queue)", "o"},
    };
    for (const char* role : {"r_owner", "r_worker", "r_replayer", "r_analyst"}) {
        for (const auto& one : cases) {
            bool allowed = std::string_view(one.allowed).contains(role[2]);
            EXPECT_EQ(may(role, one.statement), allowed ? "yes" : "42501") << role << ": " << one.statement;
        }
    }
}

TEST_F(RightsTest, the_audit_names_the_session_and_nobody_alters_it_not_even_its_owner_in_passing) {
    migrated();
    auto replayer = connect("r_replayer");
    auto noted = run(replayer->query(
        "INSERT INTO sqs2pg.audit (actor, action, letters, selection, reason) VALUES ('somebody', 'reveal', "
        "ARRAY[gen_random_uuid()], 'id', 'a ticket')",
        20s));
    ASSERT_TRUE(noted.has_value());
    EXPECT_EQ(sql("SELECT session_role FROM sqs2pg.audit WHERE at <= clock_timestamp()"), "r_replayer");
    for (const char* change :
         {"UPDATE sqs2pg.audit SET reason = 'y'", "DELETE FROM sqs2pg.audit", "TRUNCATE sqs2pg.audit"})
        EXPECT_EQ(may("r_owner", change), "42501") << change;
    auto without_reason =
        "INSERT INTO sqs2pg.audit (actor, action, letters, selection, reason) VALUES ('a', 'drop', '{}', "
        "'all', ";
    EXPECT_EQ(may("r_replayer", std::string(without_reason) + "'')"), "23514");
    EXPECT_EQ(may("r_replayer", std::string(without_reason) + "NULL)"), "23514");
}

TEST_F(RightsTest, inspection_tells_each_role_what_it_lacks) {
    auto with = options();
    with.replayer_role = "";
    migrated(with);
    auto replayer = connect("r_replayer");
    auto state = run(inspect(*replayer, Role::Replayer)).value();
    EXPECT_FALSE(state.usable());
    auto judged = judge(state, "r_replayer");
    ASSERT_FALSE(judged.has_value());
    EXPECT_NE(judged.error().detail.find("postgres: replayer_role"), std::string::npos) << judged.error().detail;
    auto analyst = connect("r_analyst");
    EXPECT_TRUE(run(inspect(*analyst, Role::Analyst)).value().usable());
    state = run(inspect(*analyst, Role::Replayer)).value();
    EXPECT_EQ(state.missing, "SELECT on sqs2pg.key_check");
    migrated();
    EXPECT_TRUE(run(inspect(*replayer, Role::Replayer)).value().usable());
    EXPECT_TRUE(run(inspect(*connect("r_owner"), Role::Replayer)).value().usable());
    EXPECT_EQ(run(inspect(*connect("r_worker"), Role::Replayer)).value().missing, "SELECT on sqs2pg.dead_letter");
}

TEST_F(RightsTest, a_migration_takes_back_what_was_granted_by_hand_and_leaves_an_owner_its_own) {
    migrated();
    auto before = rights_of("r_worker");
    sql("GRANT ALL ON sqs2pg.dead_letter, sqs2pg.ledger TO r_worker; GRANT CREATE ON SCHEMA sqs2pg TO r_worker");
    migrated();
    EXPECT_EQ(rights_of("r_worker"), before);
    MigrationOptions own;  // the connecting role owns the schema, and is named as the worker
    own.worker_role = "r_owner";
    own.targets = {{{"app", "logins"}}};
    migrated(own);
    EXPECT_EQ(may("r_owner", "DELETE FROM sqs2pg.dead_letter"), "yes");
    EXPECT_EQ(may("r_owner", "SELECT sqs2pg.maintain_ledger()"), "yes");
}

TEST_F(RightsTest, one_role_may_be_worker_and_replayer) {
    auto with = options();
    with.replayer_role = "r_worker";
    migrated(with);
    EXPECT_TRUE(run(inspect(*connect("r_worker"), Role::Worker)).value().usable());
    EXPECT_TRUE(run(inspect(*connect("r_worker"), Role::Replayer)).value().usable());
}

}  // namespace
}  // namespace sqs2pg::schema
