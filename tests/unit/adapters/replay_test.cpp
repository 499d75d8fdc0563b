// Replay on a real server: every dead letter ends as its row, as a dead letter again, or removed on purpose; never as
// two of them, however many are at it at once.
#include "pipeline/replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>

#include "adapters/database_on_pg.h"
#include "adapters/dead_letters_on_pg.h"
#include "pg/catalog.h"
#include "pipeline/message_seal.h"
#include "postgres_fixture.h"
#include "schema/migrations.h"

namespace sqs2pg::adapters {
namespace {

using namespace std::chrono_literals;
using pipeline::LedgerKey;
using pipeline::ReplayOptions;
using pipeline::ReplayOutcome;

constexpr std::string_view kKeys =
    "active: k2\nkeys:\n  k1: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
    "  k2: ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=\n";
constexpr std::string_view kOldKeys = "active: k0\nkeys:\n  k0: QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xdXl8=\n";

class ReplayTest : public testing::PostgresTest {
   protected:
    ReplayTest() : keyring_(privacy::Keyring::parse(kKeys, "keys").value()), sealer_(keyring_) {
        auto connection = connect();
        auto made = run(schema::migrate(*connection, {}));
        if (!made) throw std::runtime_error(describe(made.error()));
        now_ms_ = std::stoll(sql("SELECT (extract(epoch FROM now()) * 1000)::bigint"));
        sql("CREATE TABLE logins (user_id text, age int, masked_ip text)");
    }

    pg::ConnectOptions options() {
        pg::ConnectOptions options;
        options.conninfo = conninfo();
        return options;
    }

    // user_id <- u, age <- age, masked_ip <- hmac of ip
    pipeline::MapStage map_stage() {
        auto connection = connect();
        auto shape = run(pg::describe_table(*connection, {"public", "logins"}, 20s)).value();
        pipeline::PipelineOptions pipeline;
        pipeline.name = "p";
        auto& route = pipeline.routes.emplace_back();
        for (auto [column, path] : {std::pair{"user_id", "u"}, std::pair{"age", "age"}, std::pair{"masked_ip", "ip"}}) {
            pipeline::ColumnRule rule;
            rule.column = column;
            rule.from = pipeline::parse_source(path).value();
            route.columns.push_back(rule);
        }
        privacy::MaskOptions mask;
        mask.domain = "ip";
        route.columns.back().mask = mask;
        return pipeline::MapStage::make(pipeline, {&shape, 1}, keyring_).value();
    }

    static std::string good(int n) { return fmt::format(R"({{"u":"user-{}","age":{},"ip":"192.0.2.1"}})", n, n % 90); }

    LedgerKey key(int n) const { return pipeline::ledger_key("1/q", fmt::format("message-{}", n), now_ms_ + n / 3); }

    // Message `n`, stored as a worker stores it.
    void store(int n, std::string body, const privacy::Sealer& sealer, std::string reason = "not_json") {
        pipeline::Received message;
        message.message_id = fmt::format("message-{}", n);
        message.body = std::move(body);
        message.sent_ms = now_ms_ + n / 3;
        pipeline::DeadLetter letter;
        letter.why = {std::move(reason), "", ""};
        letter.pipeline = "p";
        letter.queue = "q";
        letter.message_id = message.message_id;
        letter.sent_ms = message.sent_ms;
        letter.receive_count = 1;
        letter.key_id = sealer.key_id();
        auto id = key(n);
        std::string_view bytes(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size());
        letter.sealed = sealer.seal("p", bytes, pipeline::to_sealable_text(message));
        letters_.push_back({id, std::move(letter)});
    }
    void store(int n, std::string body, std::string reason = "not_json") {
        store(n, std::move(body), sealer_, std::move(reason));
    }
    void commit_letters() {
        std::ranges::sort(letters_, {}, [](const auto& one) { return one.first; });
        std::vector<pipeline::WriteEntry> entries;
        for (const auto& [id, letter] : letters_) entries.push_back({id, nullptr, &letter});
        DatabaseOnPg database(io_.get_executor(), options(), {{{"public", "logins"}, {"user_id"}}});
        auto written = run(database.write(entries));
        ASSERT_TRUE(written.has_value()) << describe(written.error().error);
    }

    struct Player {
        pipeline::MapStage map;
        DeadLettersOnPg port;
        SystemClock clock;
        pipeline::Replay replay;

        Player(ReplayTest& test, schema::LetterSelection selection, ReplayOptions options)
            : map(test.map_stage()),
              port(test.io_.get_executor(), test.options(), map.targets(), std::move(selection),
                   {"me@here", "all", "mended", "T-1"}),
              replay(port, map, test.sealer_, clock, std::move(options)) {}
    };

    static ReplayOptions in_pages_of(std::size_t letters) {
        ReplayOptions options;
        options.pipeline = "p";
        options.max_letters = letters;
        return options;
    }

    ReplayOutcome replayed(schema::LetterSelection selection = {}, ReplayOptions options = in_pages_of(100)) {
        Player player(*this, std::move(selection), std::move(options));
        auto outcome = run(player.replay.run());
        EXPECT_FALSE(outcome.error) << describe(*outcome.error);
        return outcome;
    }

    std::string rows() { return sql("SELECT count(*) FROM logins"); }
    std::string letters() { return sql("SELECT count(*) FROM sqs2pg.dead_letter"); }

    privacy::Keyring keyring_;
    privacy::Sealer sealer_;
    std::int64_t now_ms_ = 0;
    std::vector<std::pair<LedgerKey, pipeline::DeadLetter>> letters_;
};

TEST_F(ReplayTest, mended_letters_become_masked_rows_and_the_audit_names_them) {
    for (int n = 0; n < 25; ++n) store(n, good(n));
    commit_letters();
    auto outcome = replayed({}, in_pages_of(7));
    EXPECT_EQ(outcome.counts.written, 25u);
    EXPECT_EQ(outcome.counts.rows, 25u);
    EXPECT_EQ(outcome.counts.stayed(), 0u);
    EXPECT_EQ(letters(), "0");
    EXPECT_EQ(sql("SELECT count(DISTINCT user_id) || ' ' || count(DISTINCT masked_ip) || ' ' || "
                  "min(substr(masked_ip, 1, 3)) FROM logins"),
              "25 1 k2_");
    EXPECT_EQ(sql("SELECT sum(cardinality(letters)) || ' ' || min(actor) || ' ' || min(action) || ' ' || min(reason) "
                  "|| ' ' || min(ticket) || ' ' || min(session_role) FROM sqs2pg.audit"),
              "25 me@here replay mended T-1 postgres");
    // The ledger still knows them: a redelivery writes nothing.
    DatabaseOnPg database(io_.get_executor(), options(), {{{"public", "logins"}, {"user_id"}}});
    std::vector<pipeline::WriteEntry> again = {{letters_[0].first, nullptr, &letters_[0].second}};
    EXPECT_EQ(run(database.write(again)).value().fates[0], pipeline::Fate::Duplicate);
    EXPECT_EQ(letters(), "0");
}

TEST_F(ReplayTest, what_is_still_bad_stays_with_its_new_reason_and_its_count) {
    store(1, good(1));
    store(2, R"({"u":"a","ip":"1.1.1.1"})");
    store(3, R"({"u":"a","age":"MARKER","ip":"1.1.1.1"})");
    commit_letters();
    auto before = sql("SELECT min(created_at) FROM sqs2pg.dead_letter");
    auto sealed =
        sql("SELECT md5(string_agg(sealed, '' ORDER BY id)) FROM sqs2pg.dead_letter WHERE id::text NOT LIKE '" +
            pipeline::to_uuid_text(key(1)) + "'");
    auto outcome = replayed();
    EXPECT_EQ(outcome.counts.written, 1u);
    EXPECT_EQ(outcome.counts.again, (std::map<std::string, std::uint64_t>{{"missing_field", 1}, {"wrong_type", 1}}));
    replayed();
    EXPECT_EQ(sql("SELECT string_agg(reason || ' ' || place || ' ' || replay_count || ' ' || (last_replayed_at > "
                  "created_at), ';' ORDER BY reason) FROM sqs2pg.dead_letter"),
              "missing_field age 2 true;wrong_type age 2 true");
    EXPECT_EQ(sql("SELECT min(created_at) FROM sqs2pg.dead_letter"), before);  // kept no longer for being tried
    EXPECT_EQ(sql("SELECT md5(string_agg(sealed, '' ORDER BY id)) FROM sqs2pg.dead_letter"), sealed);
    EXPECT_EQ(rows(), "1");
}

TEST_F(ReplayTest, what_only_the_server_refuses_is_bisected_out_of_its_batch) {
    sql("ALTER TABLE logins ADD CHECK (age <> 42); CREATE UNIQUE INDEX ON logins (user_id)");
    sql("INSERT INTO logins VALUES ('user-7', 1, 'x')");
    for (int n = 0; n < 60; ++n) store(n, good(n));
    commit_letters();
    auto outcome = replayed();
    EXPECT_EQ(outcome.counts.written, 58u);
    EXPECT_EQ(outcome.counts.again, (std::map<std::string, std::uint64_t>{{"check", 1}, {"unique", 1}}));
    EXPECT_EQ(rows(), "59");
    EXPECT_EQ(sql("SELECT string_agg(reason || ' ' || sqlstate || ' ' || place, ';' ORDER BY reason) FROM "
                  "sqs2pg.dead_letter"),
              "check 23514 logins_age_check;unique 23505 logins_user_id_idx");
}

TEST_F(ReplayTest, a_letter_without_its_key_or_with_a_broken_seal_is_left_and_named) {
    privacy::Sealer old(privacy::Keyring::parse(kOldKeys, "old").value());
    store(1, good(1), old);
    store(2, good(2));
    store(3, good(3));
    commit_letters();
    sql("UPDATE sqs2pg.dead_letter SET sealed = set_byte(sealed, 20, get_byte(sealed, 20) # 1) WHERE id = '" +
        pipeline::to_uuid_text(key(2)) + "'");
    auto outcome = replayed();
    EXPECT_EQ(outcome.counts.written, 1u);
    EXPECT_EQ(outcome.counts.without_key, (std::map<std::string, std::uint64_t>{{"k0", 1}}));
    EXPECT_EQ(outcome.counts.unreadable, 1u);
    EXPECT_EQ(outcome.counts.unreadable_id, pipeline::to_uuid_text(key(2)));
    EXPECT_EQ(sql("SELECT string_agg(reason || replay_count, ';') FROM sqs2pg.dead_letter"), "not_json0;not_json0");
}

TEST_F(ReplayTest, a_letter_cannot_be_passed_off_as_another) {
    store(1, good(1));
    store(2, good(2));
    commit_letters();
    sql("UPDATE sqs2pg.dead_letter a SET sealed = b.sealed FROM sqs2pg.dead_letter b WHERE a.id <> b.id");
    EXPECT_EQ(replayed().counts.unreadable, 2u);
    EXPECT_EQ(rows(), "0");
}

TEST_F(ReplayTest, only_the_selected_letters_are_replayed) {
    for (int n = 0; n < 6; ++n) store(n, good(n), n % 2 == 0 ? "too_long" : "unique");
    commit_letters();
    sql("UPDATE sqs2pg.dead_letter SET created_at = now() - interval '2 days' WHERE id = '" +
        pipeline::to_uuid_text(key(0)) + "'; UPDATE sqs2pg.dead_letter SET pipeline = 'other' WHERE id = '" +
        pipeline::to_uuid_text(key(2)) + "'");
    schema::LetterSelection selection;
    selection.pipeline = "p";
    selection.reason = "too_long";
    selection.since_ms = now_ms_ - 86'400'000;
    selection.until_ms = now_ms_ + 60'000;
    EXPECT_EQ(replayed(selection).counts.written, 1u);  // 4
    selection = {};
    selection.ids = {pipeline::to_uuid_text(key(1)), pipeline::to_uuid_text(key(4))};
    EXPECT_EQ(replayed(selection).counts.written, 1u);  // 1
    EXPECT_EQ(letters(), "4");
}

TEST_F(ReplayTest, a_dry_run_changes_nothing) {
    store(1, good(1));
    store(2, "{");
    commit_letters();
    auto options = in_pages_of(100);
    options.dry_run = true;
    auto outcome = replayed({}, options);
    EXPECT_EQ(outcome.counts.written, 1u);
    EXPECT_EQ(outcome.counts.again, (std::map<std::string, std::uint64_t>{{"not_json", 1}}));
    EXPECT_EQ(letters() + rows(), "20");
    EXPECT_EQ(sql("SELECT count(*) FROM sqs2pg.audit"), "0");
    EXPECT_EQ(sql("SELECT sum(replay_count) FROM sqs2pg.dead_letter"), "0");
}

TEST_F(ReplayTest, stopped_half_way_the_rest_stays_and_a_second_run_ends_it) {
    for (int n = 0; n < 40; ++n) store(n, good(n));
    commit_letters();
    auto options = in_pages_of(8);
    bool enough = false;
    options.progress = [&](const pipeline::ReplayCounts& counts) { enough = counts.written >= 16; };
    options.stop = [&] { return enough; };
    auto outcome = replayed({}, options);
    EXPECT_TRUE(outcome.stopped);
    EXPECT_EQ(outcome.counts.written, 16u);
    EXPECT_EQ(letters(), "24");
    EXPECT_EQ(replayed().counts.written, 24u);
    EXPECT_EQ(sql("SELECT count(*) || ' ' || count(DISTINCT user_id) FROM logins"), "40 40");
}

TEST_F(ReplayTest, pages_are_bounded_by_the_bytes_of_sealed_messages) {
    for (int n = 0; n < 10; ++n) store(n, good(n) + std::string(10000, ' '));
    commit_letters();
    Player player(*this, {}, in_pages_of(100));
    auto page = run(player.port.next({}, 100, 25000)).value();
    EXPECT_EQ(page.size(), 3u);
    page = run(player.port.next({}, 100, 1)).value();
    EXPECT_EQ(page.size(), 1u);
    page = run(player.port.next(page[0].id, 4, 1 << 20)).value();
    EXPECT_EQ(page.size(), 4u);
    EXPECT_GT(page[0].id, letters_[0].first);
}

TEST_F(ReplayTest, a_lost_server_is_waited_for_and_a_missing_table_is_told) {
    store(1, good(1));
    commit_letters();
    auto options = in_pages_of(10);
    Player player(*this, {}, options);
    run(player.port.next({}, 1, 1)).value();
    sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
        "pg_backend_pid()");
    auto outcome = run(player.replay.run());
    EXPECT_FALSE(outcome.error) << describe(*outcome.error);
    EXPECT_EQ(outcome.counts.written, 1u);

    letters_.clear();
    store(2, good(2));
    commit_letters();
    Player other(*this, {}, options);
    sql("ALTER TABLE logins RENAME TO elsewhere");
    outcome = run(other.replay.run());
    ASSERT_TRUE(outcome.error);
    EXPECT_EQ(outcome.error->kind, ErrorKind::Configuration);
    EXPECT_EQ(outcome.error->code, "42P01");
    EXPECT_EQ(letters(), "1");
}

TEST_F(ReplayTest, three_replays_a_drop_and_redeliveries_at_once_leave_one_of_each) {
    constexpr int kLetters = 600;
    sql("ALTER TABLE logins ADD CHECK (age <> 42)");
    for (int n = 0; n < kLetters; ++n) store(n, n % 7 == 0 ? std::string("{") : good(n));
    commit_letters();
    std::vector<std::unique_ptr<Player>> players;
    for (int i = 0; i < 3; ++i) {
        auto options = in_pages_of(static_cast<std::size_t>(40 + 13 * i));
        options.seed = static_cast<std::uint64_t>(i);
        players.push_back(std::make_unique<Player>(*this, schema::LetterSelection{}, options));
    }
    std::vector<std::future<ReplayOutcome>> replaying;
    for (auto& player : players)
        replaying.push_back(boost::asio::co_spawn(io_, player->replay.run(), boost::asio::use_future));
    auto dropper = connect();
    std::vector<std::future<Result<std::int64_t>>> dropping;
    schema::LetterSelection some;
    for (int n = 300; n < 330; ++n) some.ids.push_back(pipeline::to_uuid_text(key(n)));
    dropping.push_back(boost::asio::co_spawn(io_, schema::drop_letters(*dropper, some, {"me", "ids", "gone", ""}, 1000),
                                             boost::asio::use_future));
    DatabaseOnPg database(io_.get_executor(), options(), {{{"public", "logins"}, {"user_id"}}});
    std::vector<pipeline::WriteEntry> redelivered;
    for (const auto& [id, letter] : letters_) redelivered.push_back({id, nullptr, &letter});
    auto writing = boost::asio::co_spawn(io_, database.write(redelivered), boost::asio::use_future);
    auto ready = [](const auto& one) { return one.wait_for(std::chrono::seconds(0)) == std::future_status::ready; };
    io_.restart();
    // Not until nothing is left to do: connections that rest are kept for two minutes.
    while (!std::ranges::all_of(replaying, ready) || !ready(dropping[0]) || !ready(writing))
        ASSERT_GT(io_.run_one(), 0U);

    std::uint64_t written = 0;
    for (auto& one : replaying) {
        auto outcome = one.get();
        EXPECT_FALSE(outcome.error) << describe(*outcome.error);
        written += outcome.counts.written;
    }
    auto dropped = dropping[0].get();
    ASSERT_TRUE(dropped.has_value()) << describe(dropped.error());
    for (auto fate : writing.get().value().fates) EXPECT_EQ(fate, pipeline::Fate::Duplicate);
    EXPECT_EQ(std::to_string(written), rows());
    EXPECT_EQ(sql("SELECT count(*) - count(DISTINCT user_id) FROM logins"), "0");
    EXPECT_EQ(std::stoi(rows()) + std::stoi(letters()) + *dropped, kLetters);
    EXPECT_EQ(sql("SELECT count(*) - count(DISTINCT id) FROM (SELECT unnest(letters) AS id FROM sqs2pg.audit) a"), "0");
    EXPECT_EQ(sql("SELECT string_agg(DISTINCT reason, ',') FROM sqs2pg.dead_letter"), "check,not_json");
}

}  // namespace
}  // namespace sqs2pg::adapters
