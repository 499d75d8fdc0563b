// on_conflict against a real server: which row wins, in a batch and against what is there, and that nothing is cut,
// cast or lost on the way through the staging table.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "adapters/conflict_statements.h"
#include "adapters/database_on_pg.h"
#include "pg/catalog.h"
#include "pipeline/conflict_rules.h"
#include "pipeline/map.h"
#include "postgres_fixture.h"
#include "schema/migrations.h"

namespace sqs2pg::adapters {
namespace {

using namespace std::chrono_literals;
using pipeline::OnConflict;

constexpr std::string_view kKeyFile = "active: k1\nkeys:\n  k1: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n";

class ConflictTest : public testing::PostgresTest {
   protected:
    void SetUp() override {
        run_sql(
            "CREATE SCHEMA app; CREATE TYPE app.mood AS ENUM ('good', 'bad');"
            "CREATE TABLE app.stock (sku varchar(5) PRIMARY KEY, amount int, version int, mood app.mood, "
            "tags text[], note text DEFAULT 'from the table');"
            "CREATE TABLE app.pairs (a int, b int, v text, UNIQUE (b, a));"
            "CREATE TABLE app.plain (a int, v text, d int UNIQUE DEFERRABLE, p int);"
            "CREATE UNIQUE INDEX ON app.plain (p) WHERE p > 0; CREATE UNIQUE INDEX ON app.plain ((a + 1))");
        auto connection = connect();
        auto migrated = run(schema::migrate(*connection, {}));
        ASSERT_TRUE(migrated) << describe(migrated.error());
    }

    pg::ConnectOptions options(const std::string& role = "postgres") {
        pg::ConnectOptions options;
        options.conninfo = conninfo(role);
        return options;
    }
    std::vector<pg::Row> run_sql(std::string sql) {
        auto connection = connect();
        auto result = run(connection->query(std::move(sql), 20s));
        EXPECT_TRUE(result) << describe(result.error().error);
        return result ? result->back().rows : std::vector<pg::Row>{};
    }
    // Rows as text, one a line.
    std::string table(const std::string& query) {
        std::string text;
        for (const auto& row : run_sql(query)) {
            for (const auto& cell : row) text += cell.value_or("-") + " ";
            text.back() = '\n';
        }
        return text;
    }

    pipeline::Route route(std::string name, std::vector<std::string> columns, OnConflict conflict) {
        pipeline::Route made;
        made.table = {"app", std::move(name)};
        for (auto& column : columns) {
            pipeline::ColumnRule rule;
            rule.from = pipeline::parse_source(column).value();
            rule.column = std::move(column);
            rule.optional = true;
            made.columns.push_back(std::move(rule));
        }
        made.on_conflict = std::move(conflict);
        return made;
    }

    pg::TableShape shape(const pipeline::Route& of) {
        auto connection = connect();
        return run(pg::describe_table(*connection, of.table, 20s)).value();
    }

    std::vector<std::string> findings(const pipeline::Route& of) {
        std::vector<std::string> codes;
        for (const auto& finding : pipeline::check_rules(of, shape(of))) codes.push_back(finding.code);
        return codes;
    }

    // Writes the messages in one transaction; ids follow the order.
    void write(const pipeline::Route& to, const std::vector<std::string>& bodies) {
        pipeline::PipelineOptions pipeline;
        pipeline.routes.push_back(to);
        auto found = shape(to);
        auto map = pipeline::MapStage::make(pipeline, {&found, 1}, privacy::Keyring::parse(kKeyFile, "k").value());
        ASSERT_TRUE(map) << map.error().detail;
        if (!database_port_) {
            database_port_ = std::make_unique<DatabaseOnPg>(io_.get_executor(), options(), map->targets());
        }
        std::vector<pipeline::MaskedRow> rows;
        rows.reserve(bodies.size());
        std::vector<pipeline::WriteEntry> entries;
        auto now =
            std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
                .count();
        for (const auto& body : bodies) {
            pipeline::Received message;
            message.body = body;
            auto mapped = map->transform(message);
            ASSERT_TRUE(mapped) << mapped.error().reason << mapped.error().place;
            rows.push_back(std::move(**mapped));
            ++sent_;
            entries.push_back({pipeline::ledger_key("0/q", std::to_string(sent_), now + sent_), &rows.back(), nullptr});
        }
        auto written = run(database_port_->write(entries));
        ASSERT_TRUE(written) << describe(written.error().error);
    }

    std::unique_ptr<DatabaseOnPg> database_port_;
    int sent_ = 0;
};

TEST_F(ConflictTest, IgnoreKeepsTheRowThatIsThereAndTheFirstOfABatch) {
    auto to = route("stock", {"sku", "amount"}, {{"sku"}, OnConflict::Do::Ignore, "", ""});
    ASSERT_EQ(findings(to), std::vector<std::string>{});
    write(to, {R"({"sku":"b","amount":1})", R"({"sku":"a","amount":2})", R"({"sku":"b","amount":3})"});
    write(to, {R"({"sku":"a","amount":9})", R"({"sku":"c","amount":4})"});
    EXPECT_EQ(table("SELECT sku, amount, note FROM app.stock ORDER BY 1"),
              "a 2 from the table\nb 1 from the table\nc 4 from the table\n");
}

TEST_F(ConflictTest, UpdateTakesTheLastWrittenAndLeavesUnmappedColumns) {
    auto to = route("stock", {"sku", "amount"}, {{"sku"}, OnConflict::Do::Update, "", ""});
    write(to, {R"({"sku":"a","amount":1})", R"({"sku":"a","amount":2})"});
    run_sql("UPDATE app.stock SET note = 'kept'");
    write(to, {R"({"sku":"a","amount":7})", R"({"sku":"a","amount":5})"});
    EXPECT_EQ(table("SELECT sku, amount, note FROM app.stock"), "a 5 kept\n");
}

TEST_F(ConflictTest, NewerByNeverLetsAnOlderRowOverwriteANewerOne) {
    auto to = route("stock", {"sku", "amount", "version"}, {{"sku"}, OnConflict::Do::Update, "version", ""});
    write(to, {R"({"sku":"a","amount":1,"version":5})", R"({"sku":"a","amount":2,"version":3})",
               R"({"sku":"b","amount":1})", R"({"sku":"b","amount":2,"version":1})"});
    EXPECT_EQ(table("SELECT sku, amount, version FROM app.stock ORDER BY 1"), "a 1 5\nb 2 1\n");
    write(to, {R"({"sku":"a","amount":3,"version":4})", R"({"sku":"b","amount":9})"});
    EXPECT_EQ(table("SELECT sku, amount, version FROM app.stock ORDER BY 1"), "a 1 5\nb 2 1\n");
    write(to, {R"({"sku":"a","amount":6,"version":5})", R"({"sku":"b","amount":7,"version":2})"});
    EXPECT_EQ(table("SELECT sku, amount, version FROM app.stock ORDER BY 1"), "a 6 5\nb 7 2\n");
}

TEST_F(ConflictTest, TypesOfTheTargetHoldInTheStagingTableAndNothingIsCut) {
    auto to = route("stock", {"sku", "mood", "tags"}, {{"sku"}, OnConflict::Do::Update, "", ""});
    write(to, {R"({"sku":"ab","mood":"bad","tags":["x\ty",null,"{}"]})"});
    EXPECT_EQ(table("SELECT sku, mood, tags FROM app.stock"), "ab bad {\"x\ty\",NULL,\"{}\"}\n");
    auto sql = merge_sql({{"app", "stock"}, {"sku", "mood", "tags"}, pipeline::plan_conflict(to, shape(to))});
    EXPECT_TRUE(sql.contains(R"("sku" character varying(5), "mood" app.mood, "tags" text[])")) << sql;
}

TEST_F(ConflictTest, ARowThatTheTargetRefusesIsNamedAndTheOthersAreWrittenWithoutIt) {
    run_sql("ALTER TABLE app.stock ADD CHECK (amount < 100)");
    auto to = route("stock", {"sku", "amount"}, {{"sku"}, OnConflict::Do::Update, "", ""});
    auto found = shape(to);
    pipeline::PipelineOptions pipeline;
    pipeline.routes.push_back(to);
    auto map = pipeline::MapStage::make(pipeline, {&found, 1}, privacy::Keyring::parse(kKeyFile, "k").value()).value();
    DatabaseOnPg port(io_.get_executor(), options(), map.targets());
    pipeline::Received message;
    message.body = R"({"sku":"a","amount":100})";
    auto row = map.transform(message).value().value();
    auto now =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
            .count();
    std::vector<pipeline::WriteEntry> entries{{pipeline::ledger_key("0/q", "m", now), &row, nullptr}};
    auto written = run(port.write(entries));
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().error.kind, ErrorKind::BadRow);
    EXPECT_EQ(written.error().error.code, "23514");
    EXPECT_EQ(written.error().constraint, "stock_amount_check");
}

TEST_F(ConflictTest, ANullInTheKeyConflictsWithNothing) {
    auto to = route("pairs", {"a", "b", "v"}, {{"a", "b"}, OnConflict::Do::Update, "", ""});
    ASSERT_EQ(findings(to), std::vector<std::string>{});
    write(to, {R"({"a":1,"b":null,"v":"x"})", R"({"a":1,"b":null,"v":"y"})", R"({"a":1,"b":2,"v":"z"})",
               R"({"a":1,"b":2,"v":"w"})"});
    EXPECT_EQ(table("SELECT a, b, v FROM app.pairs ORDER BY v"), "1 2 w\n1 - x\n1 - y\n");
}

TEST_F(ConflictTest, NullsThatTheIndexTakesForEqualConflict) {
    run_sql("CREATE TABLE app.equal (k int UNIQUE NULLS NOT DISTINCT, v text)");
    auto to = route("equal", {"k", "v"}, {{"k"}, OnConflict::Do::Update, "", ""});
    write(to, {R"({"k":null,"v":"x"})", R"({"k":null,"v":"y"})"});
    write(to, {R"({"k":null,"v":"z"})"});
    EXPECT_EQ(table("SELECT k, v FROM app.equal"), "- z\n");
}

TEST_F(ConflictTest, ASessionServesTargetsAfterEachOtherAndWhatIsStagedEndsWithItsTransaction) {
    auto to = route("stock", {"sku", "amount"}, {{"sku"}, OnConflict::Do::Update, "", ""});
    for (int round = 1; round <= 3; ++round) write(to, {fmt::format(R"({{"sku":"r{}","amount":{}}})", round, round)});
    EXPECT_EQ(table("SELECT count(*), sum(amount) FROM app.stock"), "3 6\n");
}

TEST_F(ConflictTest, WhatCannotWorkIsFoundBeforeTheFirstMessage) {
    using Codes = std::vector<std::string>;
    auto conflict = [](std::vector<std::string> key, OnConflict::Do what, std::string newer_by = "") {
        return OnConflict{std::move(key), what, std::move(newer_by), "c.yaml:1:1"};
    };
    using enum OnConflict::Do;
    EXPECT_EQ(findings(route("stock", {"sku", "amount"}, conflict({"amount"}, Update))), Codes{"conflict_no_index"});
    EXPECT_EQ(findings(route("pairs", {"a", "b", "v"}, conflict({"a"}, Update))), Codes{"conflict_no_index"});
    EXPECT_EQ(findings(route("plain", {"d", "v"}, conflict({"d"}, Update))), Codes{"conflict_no_index"});
    EXPECT_EQ(findings(route("plain", {"p", "v"}, conflict({"p"}, Update))), Codes{"conflict_no_index"});
    EXPECT_EQ(findings(route("plain", {"a", "v"}, conflict({"a"}, Update))), Codes{"conflict_no_index"});
    EXPECT_EQ(findings(route("stock", {"sku"}, conflict({"sku"}, Update))), Codes{"conflict_nothing_to_update"});
    EXPECT_EQ(findings(route("stock", {"sku"}, conflict({"sku"}, Ignore))), Codes{});
    auto unmapped = route("stock", {"amount", "sku"}, conflict({"sku", "note"}, Update, "version"));
    EXPECT_EQ(findings(unmapped), (Codes{"conflict_column", "conflict_column"}));
}

TEST_F(ConflictTest, TheGrantsOfMigrateAreEnoughAndNoMore) {
    auto role = "worker_" + database();
    auto to = route("stock", {"sku", "amount", "version"}, {{"sku"}, OnConflict::Do::Update, "version", ""});
    run_sql(fmt::format("CREATE ROLE {} LOGIN; REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC", role, database()));
    schema::MigrationOptions migration;
    migration.worker_role = role;
    migration.targets.push_back({to.table, pipeline::rights_needed(to), true});
    auto connection = connect();
    auto migrated = run(schema::migrate(*connection, migration));
    ASSERT_TRUE(migrated) << describe(migrated.error());
    EXPECT_EQ(migrated->warnings, std::vector<std::string>{});
    auto as_worker = options(role);
    auto found = shape(to);
    pipeline::PipelineOptions pipeline;
    pipeline.routes.push_back(to);
    auto map = pipeline::MapStage::make(pipeline, {&found, 1}, privacy::Keyring::parse(kKeyFile, "k").value()).value();
    database_port_ = std::make_unique<DatabaseOnPg>(io_.get_executor(), as_worker, map.targets());
    write(to, {R"({"sku":"a","amount":1,"version":1})"});
    write(to, {R"({"sku":"a","amount":2,"version":2})"});
    EXPECT_EQ(table("SELECT sku, amount FROM app.stock"), "a 2\n");
    auto worker = run(pg::Connection::connect(io_.get_executor(), as_worker)).value();
    for (const char* forbidden : {"SELECT note FROM app.stock", "UPDATE app.stock SET sku = 'z'",
                                  "UPDATE app.stock SET note = 'z'", "DELETE FROM app.stock"}) {
        auto refused = run(worker->query(forbidden, 20s));
        ASSERT_FALSE(refused) << forbidden;
        EXPECT_EQ(refused.error().server.sqlstate, "42501") << forbidden;
    }
}

}  // namespace
}  // namespace sqs2pg::adapters
