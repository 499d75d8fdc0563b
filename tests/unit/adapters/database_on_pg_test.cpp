// The writing transaction on a real server: written once, counted as duplicate ever after, refused rows named, lost
// connections and doubtful COMMITs told for what they are.
#include "adapters/database_on_pg.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <thread>

#include "unit/adapters/database_fixture.h"

namespace sqs2pg::adapters {
namespace {

using namespace std::chrono_literals;

TEST_F(DatabaseOnPgTest, writes_rows_once_and_reports_duplicates_ever_after) {
    auto database = database_as();
    auto first = write(database, rows(0, 1000));
    ASSERT_TRUE(first.has_value()) << describe(first.error().error);
    EXPECT_EQ(written_of(first), 1000u);
    auto again = write(database, rows(0, 1000));
    EXPECT_EQ(written_of(again), 0u);
    auto mixed = write(database, rows(990, 1010));
    EXPECT_EQ(written_of(mixed), 10u);
    EXPECT_EQ(mixed->fates.front(), Fate::Duplicate);
    EXPECT_EQ(mixed->fates.back(), Fate::Written);
    EXPECT_EQ(sql("SELECT count(*) || ':' || count(DISTINCT user_id) FROM logins"), "1010:1010");
    EXPECT_EQ(sql("SELECT count(*) FROM sqs2pg.ledger"), "1010");
}

// Notes how each batch came: BEGIN where it was one round trip, COPY where the ledger had been asked in one before.
struct RoundTrips : DatabaseOnPgTest {
    void SetUp() override {
        DatabaseOnPgTest::SetUp();
        // The whole text that the client sent: all statements of the one round trip, or those of the second of two.
        sql("CREATE TABLE trips (n int GENERATED ALWAYS AS IDENTITY, first text)");
        sql("CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "INSERT INTO trips (first) VALUES (split_part(current_query(), ' ', 1)); RETURN NULL; END $$");
        sql("CREATE TRIGGER note AFTER INSERT ON logins EXECUTE FUNCTION note()");
    }
    std::string trips() { return sql("SELECT string_agg(first, ' ' ORDER BY n) FROM trips"); }
};

TEST_F(RoundTrips, the_ledger_is_asked_first_where_duplicates_were_met_lately) {
    auto database = database_as();
    EXPECT_EQ(written_of(write(database, rows(0, 5))), 5u);
    auto mixed = write(database, rows(3, 8));
    EXPECT_EQ(mixed.value().fates,
              (std::vector<Fate>{Fate::Duplicate, Fate::Duplicate, Fate::Written, Fate::Written, Fate::Written}));
    constexpr int kAsked = 32;
    for (int n = 8; n < 8 + kAsked + 2; ++n) EXPECT_EQ(written_of(write(database, rows(n, n + 1))), 1u);
    EXPECT_EQ(
        sql("SELECT string_agg(first || ' ' || times, ', ' ORDER BY began) FROM (SELECT first, count(*) AS times, "
            "min(n) AS began FROM (SELECT n, first, n - row_number() OVER (PARTITION BY first ORDER BY n) AS run "
            "FROM trips) AS runs GROUP BY first, run) AS told"),
        fmt::format("BEGIN 1, COPY {}, BEGIN 2", 1 + kAsked));
    EXPECT_EQ(sql("SELECT count(*) || ':' || count(DISTINCT user_id) FROM logins"),
              fmt::format("{0}:{0}", 10 + kAsked));
}

TEST_F(RoundTrips, it_is_asked_for_what_was_delivered_before) {
    auto database = database_as();
    auto first = [&](int from, int until) {
        auto entries = rows(from, until);
        for (auto& entry : entries) entry.first_receive = true;
        return entries;
    };
    EXPECT_EQ(written_of(write(database, first(0, 5))), 5u);
    EXPECT_EQ(written_of(write(database, rows(4, 6))), 1u);
    EXPECT_EQ(written_of(write(database, first(6, 9))), 3u);
    auto mixed = first(9, 12);
    for (const auto& again : rows(7, 9)) mixed.push_back(again);
    EXPECT_EQ(write(database, mixed).value().fates,
              (std::vector<Fate>{Fate::Written, Fate::Written, Fate::Written, Fate::Duplicate, Fate::Duplicate}));
    EXPECT_EQ(trips(), "BEGIN COPY BEGIN COPY");
    // The queue is wrong about one: it is found, and the next batches are asked for as a whole.
    EXPECT_EQ(write(database, first(11, 13)).value().fates, (std::vector<Fate>{Fate::Duplicate, Fate::Written}));
    EXPECT_EQ(write(database, first(12, 14)).value().fates, (std::vector<Fate>{Fate::Duplicate, Fate::Written}));
    EXPECT_EQ(trips(), "BEGIN COPY BEGIN COPY COPY COPY");
    for (int n = 14; n < 14 + 32; ++n) EXPECT_EQ(written_of(write(database, first(n, n + 1))), 1u);
    EXPECT_EQ(written_of(write(database, first(46, 47))), 1u);
    EXPECT_TRUE(trips().ends_with("COPY COPY BEGIN")) << trips();
    EXPECT_EQ(sql("SELECT count(*) || ':' || count(DISTINCT user_id) FROM logins"), "47:47");
}

TEST_F(DatabaseOnPgTest, rows_stand_in_the_order_of_the_entries_whatever_their_ids) {
    sql("ALTER TABLE logins ADD place bigint GENERATED ALWAYS AS IDENTITY, ADD CHECK (age < 100)");
    auto database = database_as();
    auto early = rows(3, 5);
    ASSERT_TRUE(write(database, early).has_value());
    std::vector<WriteEntry> entries;
    for (int n : {5, 2, 7, 3, 0, 6, 4, 1}) entries.push_back(row(n, fmt::format("user-{}", n)));
    entries[5] = row(6, "user-6", "100");
    auto refused = write(database, entries);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().suspect, 5u);
    entries[5] = row(6, "user-6");
    auto written = write(database, entries);
    ASSERT_TRUE(written.has_value()) << describe(written.error().error);
    EXPECT_EQ(written->fates[3], Fate::Duplicate);
    EXPECT_EQ(written->fates[6], Fate::Duplicate);
    EXPECT_EQ(sql("SELECT string_agg(user_id, ' ' ORDER BY place) FROM logins"),
              "user-3 user-4 user-5 user-2 user-7 user-0 user-6 user-1");
}

TEST_F(DatabaseOnPgTest, nothing_to_write_needs_no_server) {
    pg::ConnectOptions nowhere;
    nowhere.conninfo = "host=/nowhere user=x dbname=y";
    DatabaseOnPg database(io_.get_executor(), nowhere, {});
    EXPECT_TRUE(write(database, {}).has_value());
    expect_failure(write(database, rows(0, 1)), ErrorKind::Retry, "connection_refused");
}

TEST_F(DatabaseOnPgTest, dead_letters_are_stored_beside_rows_in_one_transaction) {
    pipeline::DeadLetter letter;
    letter.why = {"wrong_type", "age", "22P02"};
    letter.pipeline = "logins";
    letter.queue = "login-queue";
    letter.message_id = "message-1";
    letter.sent_ms = now_ms_;
    letter.receive_count = 2;
    letter.key_id = "k1";
    letter.sealed = std::string("\x00\xFF\\x\t\n", 6);
    auto entries = rows(0, 3);
    entries[1].row = nullptr;
    entries[1].dead_letter = &letter;
    auto database = database_as();
    EXPECT_EQ(written_of(write(database, entries)), 3u);
    EXPECT_EQ(written_of(write(database, entries)), 0u);
    EXPECT_EQ(sql("SELECT count(*) FROM logins"), "2");
    EXPECT_EQ(
        sql("SELECT concat_ws(',', pipeline, queue, message_id, receive_count, reason, place, sqlstate, key_id, "
            "sealed, first_received_at IS NULL, (extract(epoch FROM sent_at) * 1000)::bigint) FROM sqs2pg.dead_letter"),
        fmt::format("logins,login-queue,message-1,2,wrong_type,age,22P02,k1,\\x00ff5c78090a,t,{}", now_ms_));
}

TEST_F(DatabaseOnPgTest, a_refused_row_is_named_and_nothing_of_the_batch_is_there) {
    sql("ALTER TABLE logins ADD CONSTRAINT grown CHECK (age < 100), ADD UNIQUE (user_id)");
    auto database = database_as();
    auto entries = rows(0, 50);
    entries[30] = row(30, "MARKER", "100");
    auto refused = write(database, entries);
    expect_failure(refused, ErrorKind::BadRow, "23514");
    EXPECT_EQ(refused.error().suspect, 30u);
    EXPECT_EQ(refused.error().constraint, "grown");
    EXPECT_EQ(sql("SELECT (SELECT count(*) FROM logins) + (SELECT count(*) FROM sqs2pg.ledger)"), "0");
    entries[30] = row(30, "MARKER");
    entries[41] = row(41, "MARKER");
    auto twice = write(database, entries);
    expect_failure(twice, ErrorKind::BadRow, "23505");
    EXPECT_EQ(twice.error().suspect, 41u);
    entries[41] = row(41, "other", "MARKER");
    auto wrong = write(database, entries);
    expect_failure(wrong, ErrorKind::BadRow, "22P02");
    EXPECT_EQ(wrong.error().suspect, 41u);
    entries.erase(entries.begin() + 41);
    EXPECT_EQ(written_of(write(database, entries)), 49u);
}

TEST_F(DatabaseOnPgTest, the_suspects_line_counts_survivors_only) {
    sql("ALTER TABLE logins ADD CONSTRAINT grown CHECK (age < 100)");
    auto database = database_as();
    ASSERT_TRUE(write(database, rows(0, 10)).has_value());
    auto entries = rows(0, 20);
    entries[15] = row(15, "MARKER", "100");
    auto refused = write(database, entries);
    expect_failure(refused, ErrorKind::BadRow, "23514");
    EXPECT_EQ(refused.error().suspect, 15u);
}

TEST_F(DatabaseOnPgTest, a_foreign_key_is_checked_before_the_commit_and_names_no_line) {
    sql("CREATE TABLE users (id text PRIMARY KEY); INSERT INTO users VALUES ('user-0'); ALTER TABLE logins ADD FOREIGN "
        "KEY "
        "(user_id) REFERENCES users DEFERRABLE INITIALLY DEFERRED");
    auto database = database_as();
    auto refused = write(database, {row(0, "user-0"), row(1, "MARKER")});
    expect_failure(refused, ErrorKind::BadRow, "23503");
    EXPECT_EQ(refused.error().constraint, "logins_user_id_fkey");
    EXPECT_EQ(refused.error().suspect, std::nullopt);
    EXPECT_TRUE(write(database, {row(0, "user-0")}).has_value());
}

TEST_F(DatabaseOnPgTest, triggers_may_refuse_a_row_and_may_warn) {
    sql("CREATE FUNCTION judge() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING 'MARKER'; "
        "IF NEW.age = 13 THEN RAISE EXCEPTION 'MARKER'; END IF; RETURN NEW; END $$; "
        "CREATE TRIGGER judge BEFORE INSERT ON logins FOR EACH ROW EXECUTE FUNCTION judge()");
    auto database = database_as();
    EXPECT_EQ(written_of(write(database, rows(0, 300))), 300u);
    auto refused = write(database, {row(300, "a"), row(301, "b", "13")});
    expect_failure(refused, ErrorKind::BadRow, "P0001");
    EXPECT_EQ(refused.error().suspect, 1u);
}

TEST_F(DatabaseOnPgTest, a_message_outside_the_ledgers_partitions_is_configuration) {
    auto database = database_as();
    auto entry = row(0, "x");
    entry.id = pipeline::ledger_key("1/q", "old", now_ms_ - 40LL * 86'400'000);
    expect_failure(write(database, {entry}), ErrorKind::Configuration, "ledger_range");
    entry.id = pipeline::ledger_key("1/q", "none", 0);
    expect_failure(write(database, {entry}), ErrorKind::Configuration, "ledger_range");
    EXPECT_TRUE(write(database, rows(1, 2)).has_value());
}

TEST_F(DatabaseOnPgTest, a_missing_partition_of_the_users_table_is_configuration) {
    sql("DROP TABLE logins; CREATE TABLE logins (user_id text, age int) PARTITION BY RANGE (age)");
    auto database = database_as();
    expect_failure(write(database, {row(0, "MARKER")}), ErrorKind::Configuration, "23514");
}

TEST_F(DatabaseOnPgTest, what_is_missing_is_configuration) {
    auto database = database_as();
    sql("ALTER TABLE logins DROP COLUMN age");
    expect_failure(write(database, rows(0, 1)), ErrorKind::Configuration, "42703");
    sql("DROP TABLE logins");
    expect_failure(write(database, rows(0, 1)), ErrorKind::Configuration, "42P01");
    sql("DROP SCHEMA sqs2pg CASCADE");
    expect_failure(write(database, rows(0, 1)), ErrorKind::Configuration, "no_schema");
}

TEST_F(DatabaseOnPgTest, a_worker_role_of_its_own_needs_the_migrations_rights_and_no_more) {
    sql("CREATE ROLE lone LOGIN");
    auto database = database_as("lone");
    expect_failure(write(database, rows(0, 1)), ErrorKind::Configuration, "42501");
    auto connection = connect();
    schema::MigrationOptions options;
    options.worker_role = "lone";
    options.targets = {{{"public", "logins"}}};
    ASSERT_TRUE(run(schema::migrate(*connection, options)).has_value());
    auto entries = rows(0, 3);
    pipeline::DeadLetter letter;
    entries[2] = {entries[2].id, nullptr, &letter};
    auto written = write(database, entries);
    EXPECT_TRUE(written.has_value()) << describe(written.error().error);
    EXPECT_EQ(written_of(write(database, entries)), 0u);
    EXPECT_TRUE(run(database.maintain()).has_value());
    sql("ALTER TABLE logins ENABLE ROW LEVEL SECURITY");
    expect_failure(write(database, rows(3, 4)), ErrorKind::Configuration, "0A000");
    sql("DROP OWNED BY lone; DROP ROLE lone");
}

TEST_F(DatabaseOnPgTest, ids_that_a_stalled_peer_holds_are_told_from_a_locked_table) {
    auto peer = connect();
    const std::string id = "INSERT INTO sqs2pg.ledger VALUES ('" + pipeline::to_uuid_text(key(5)) + "')";
    WriteLimits limits;
    limits.lock_timeout = 100ms;
    auto database = database_as("postgres", limits);
    for (const auto& [lock, ids_held] : {std::pair{id, true}, std::pair{std::string("LOCK TABLE logins"), false}}) {
        ASSERT_TRUE(run(peer->query("BEGIN; " + lock, 10s)).has_value());
        auto written = write(database, rows(0, 10));
        expect_failure(written, ErrorKind::Retry, "55P03");
        EXPECT_EQ(written.error().ids_held, ids_held);
        ASSERT_TRUE(run(peer->query("ROLLBACK", 10s)).has_value());
    }
    EXPECT_EQ(written_of(write(database, rows(0, 10))), 10u);
}

TEST_F(DatabaseOnPgTest, two_workers_with_the_same_messages_write_each_once) {
    auto one = database_as();
    auto other = database_as();
    auto entries = rows(0, 2000);
    auto first = boost::asio::co_spawn(io_, one.write(entries), boost::asio::use_future);
    auto second = boost::asio::co_spawn(io_, other.write(entries), boost::asio::use_future);
    io_.restart();
    // A connection that rests keeps a timer on the loop.
    auto done = [](auto& future) { return future.wait_for(0s) == std::future_status::ready; };
    while (!(done(first) && done(second)) && io_.run_one() > 0) {
    }
    EXPECT_EQ(written_of(first.get()) + written_of(second.get()), 2000u);
    EXPECT_EQ(sql("SELECT count(*) FROM logins"), "2000");
}

// Met a duplicate lately, so it looks its ids up first; the peer's is taken already, but nobody can see it yet.
TEST_F(DatabaseOnPgTest, an_id_that_a_peer_takes_between_the_look_and_the_claim_is_a_duplicate) {
    auto database = database_as();
    ASSERT_TRUE(write(database, rows(0, 2)).has_value());
    EXPECT_EQ(written_of(write(database, rows(1, 3))), 1u);
    auto peer = connect();
    const std::string take = "INSERT INTO sqs2pg.ledger VALUES ('" + pipeline::to_uuid_text(key(5)) + "')";
    ASSERT_TRUE(run(peer->query("BEGIN; " + take, 10s)).has_value());
    auto entries = rows(2, 8);
    auto written = boost::asio::co_spawn(io_, database.write(entries), boost::asio::use_future);
    io_.restart();
    while (sql("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'") != "1") {
        io_.poll();
        ASSERT_NE(written.wait_for(0s), std::future_status::ready);
    }
    ASSERT_TRUE(run(peer->query("COMMIT", 10s)).has_value());
    io_.restart();
    while (written.wait_for(0s) != std::future_status::ready && io_.run_one() > 0) {
    }
    EXPECT_EQ(written.get().value().fates, (std::vector<Fate>{Fate::Duplicate, Fate::Written, Fate::Written,
                                                              Fate::Duplicate, Fate::Written, Fate::Written}));
    EXPECT_EQ(sql("SELECT string_agg(user_id, ' ' ORDER BY user_id) FROM logins"),
              "user-0 user-1 user-2 user-3 user-4 user-6 user-7");
}

TEST_F(DatabaseOnPgTest, ids_that_a_stalled_peer_holds_are_told_where_the_ledger_is_asked_first) {
    WriteLimits limits;
    limits.lock_timeout = 100ms;
    auto database = database_as("postgres", limits);
    ASSERT_TRUE(write(database, rows(0, 2)).has_value());
    EXPECT_EQ(written_of(write(database, rows(1, 3))), 1u);
    auto peer = connect();
    const std::string take = "INSERT INTO sqs2pg.ledger VALUES ('" + pipeline::to_uuid_text(key(5)) + "')";
    ASSERT_TRUE(run(peer->query("BEGIN; " + take, 10s)).has_value());
    auto held = write(database, rows(2, 8));
    expect_failure(held, ErrorKind::Retry, "55P03");
    EXPECT_TRUE(held.error().ids_held);
    ASSERT_TRUE(run(peer->query("ROLLBACK", 10s)).has_value());
    EXPECT_EQ(written_of(write(database, rows(2, 8))), 5u);
}

TEST_F(DatabaseOnPgTest, the_table_is_read_again_and_rows_follow_its_columns) {
    auto database = database_as();
    ASSERT_TRUE(write(database, rows(0, 2)).has_value());
    auto before = run(database.tables());
    ASSERT_TRUE(before.has_value());
    EXPECT_EQ(*before, run(database.tables()).value());
    sql("ALTER TABLE logins RENAME COLUMN age TO years");
    auto after = run(database.tables());
    ASSERT_TRUE(after.has_value());
    EXPECT_NE(before->front(), after->front());
    expect_failure(write(database, rows(2, 4)), ErrorKind::Configuration, "42703");
    database.write_to({{{"public", "logins"}, {"user_id", "years"}}});
    EXPECT_EQ(written_of(write(database, rows(2, 4))), 2u);
    sql("DROP TABLE logins");
    auto gone = run(database.tables());
    ASSERT_FALSE(gone.has_value());
    EXPECT_EQ(gone.error().kind, ErrorKind::Configuration);
}

TEST_F(DatabaseOnPgTest, one_connection_of_the_process_goes_round) {
    pg::ConnectOptions options;
    options.conninfo = conninfo("postgres");
    options.budget = std::make_shared<pg::ConnectionBudget>(1);
    const std::vector<pipeline::Target> targets{{{"public", "logins"}, {"user_id", "age"}}};
    DatabaseOnPg one(io_.get_executor(), options, targets);
    DatabaseOnPg other(io_.get_executor(), options, targets);
    EXPECT_EQ(written_of(write(one, rows(0, 2))), 2u);
    EXPECT_EQ(written_of(write(other, rows(2, 4))), 2u);  // once the first has rested for a moment
    EXPECT_EQ(written_of(write(one, rows(4, 6))), 2u);
}

TEST_F(DatabaseOnPgTest, a_statement_that_takes_too_long_asks_for_half) {
    sql("CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN NEW; END $$; "
        "CREATE TRIGGER slow BEFORE INSERT ON logins FOR EACH ROW EXECUTE FUNCTION slow()");
    WriteLimits limits;
    limits.statement_timeout = 200ms;
    auto database = database_as("postgres", limits);
    auto slow = write(database, rows(0, 2));
    expect_failure(slow, ErrorKind::Retry, "57014");
    EXPECT_TRUE(slow.error().halve);
    limits.statement_timeout = 30s;
    limits.deadline = 300ms;
    auto silent = database_as("postgres", limits);
    expect_failure(write(silent, rows(0, 2)), ErrorKind::InDoubt, "timeout");
}

TEST_F(DatabaseOnPgTest, a_read_only_server_is_left_and_tried_again) {
    sql("ALTER DATABASE " + database() + " SET default_transaction_read_only = on");
    auto database = database_as();
    expect_failure(write(database, rows(0, 1)), ErrorKind::Retry, "25006");
    sql("BEGIN READ WRITE; ALTER DATABASE " + this->database() + " RESET default_transaction_read_only; COMMIT");
    EXPECT_TRUE(write(database, rows(0, 1)).has_value());
}

TEST_F(DatabaseOnPgTest, a_killed_server_costs_a_retry_and_no_row) {
    auto database = database_as();
    ASSERT_TRUE(write(database, rows(0, 10)).has_value());
    cluster().stop_immediate();
    auto down = write(database, rows(5, 15));
    auto still_down = write(database, rows(5, 15));
    cluster().start();
    ASSERT_FALSE(down.has_value());
    EXPECT_EQ(down.error().error.kind, ErrorKind::Retry);
    expect_failure(still_down, ErrorKind::Retry, "connection_refused");
    EXPECT_EQ(written_of(write(database, rows(5, 15))), 5u);
    EXPECT_EQ(sql("SELECT count(*) FROM logins"), "15");
}

}  // namespace
}  // namespace sqs2pg::adapters
