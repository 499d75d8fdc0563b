// From JSON to a stored value, through the map and a real COPY: a column of every type, and what the worker lets pass
// the server takes.
#include <fmt/format.h>

#include <set>

#include "adapters/database_on_pg.h"
#include "pg/catalog.h"
#include "pipeline/map.h"
#include "postgres_fixture.h"
#include "schema/migrations.h"

namespace sqs2pg::adapters {
namespace {

constexpr std::string_view kKeyFile = "active: k1\nkeys:\n  k1: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n";

struct Trip {
    std::string type;
    std::string json;
    std::string stored;  // as the server prints it
};

const std::vector<Trip> kTrips = {
    {"smallint", "-32768", "-32768"},
    {"integer", "\"2\"", "2"},
    {"bigint", "9223372036854775807", "9223372036854775807"},
    {"numeric", "123456789012345678901234567890.10", "123456789012345678901234567890.10"},
    {"numeric(5,2)", "1.239", "1.24"},
    {"real", "1.5", "1.5"},
    {"double precision", "0.1", "0.1"},
    {"boolean", "true", "true"},
    {"boolean", "\"no\"", "false"},
    {"text", R"("tab\there\nline \\ \\N é")", "tab\there\nline \\ \\N é"},
    {"text", "1.50", "1.50"},
    {"varchar(3)", R"("\u00e9\u00e9\u00e9")", "ééé"},
    {"char(3)", "\"ab\"", "ab"},
    {"name", "\"n\"", "n"},
    {"\"char\"", "\"c\"", "c"},
    {"uuid", "\"A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11\"", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
    {"date", "\"2024-02-29\"", "2024-02-29"},
    {"time(0)", "\"10:20:30.6\"", "10:20:31"},
    {"timetz", "\"10:20:30+02\"", "10:20:30+02"},
    {"timestamp(3)", "\"2024-01-31T10:20:30.1239Z\"", "2024-01-31 10:20:30.124"},
    {"timestamptz", "\"2024-01-31T10:20:30+02:00\"", "2024-01-31 08:20:30+00"},
    {"interval", "\"P1DT2H\"", "1 day 02:00:00"},
    {"interval day to hour", "\"1 day 2 hours\"", "1 day 02:00:00"},
    {"json", R"({"a": [1, 2.50]})", R"({"a": [1, 2.50]})"},
    {"jsonb", R"({"b":1e2,"a":"\u00e9"})", R"({"a": "é", "b": 100})"},
    {"jsonb", "true", "true"},
    {"inet", "\"192.168.0.1/24\"", "192.168.0.1/24"},
    {"cidr", "\"2001:db8::/32\"", "2001:db8::/32"},
    {"macaddr", "\"08-00-2b-01-02-03\"", "08:00:2b:01:02:03"},
    {"macaddr8", "\"08002b0102030405\"", "08:00:2b:01:02:03:04:05"},
    {"bytea", R"("\\xdeadbeef")", "\\xdeadbeef"},
    {"bit(3)", "101", "101"},
    {"bit varying(5)", "\"x1\"", "0001"},
    {"oid", "4294967295", "4294967295"},
    {"pg_lsn", "\"16/B374D848\"", "16/B374D848"},
    {"point", "\"(1,2)\"", "(1,2)"},
    {"circle", "\"<(1,2),3>\"", "<(1,2),3>"},
    {"money", "\"12.34\"", "$12.34"},
    {"tsvector", "\"a b\"", "'a' 'b'"},
    {"jsonpath", "\"$.a\"", "$.\"a\""},
    {"colour", "\"dark blue\"", "dark blue"},
    {"positive", "2.5", "2.50"},
    {"integer[]", "[1,null,\"2\"]", "{1,NULL,2}"},
    {"integer[]", "[[1,2],[3,4]]", "{{1,2},{3,4}}"},
    {"integer[]", "\"{5}\"", "{5}"},
    {"integer[]", "[]", "{}"},
    {"text[]", R"(["a,b", "q\"\\", "NULL", "", null, true])", R"({"a,b","q\"\\","NULL","",NULL,true})"},
    {"varchar(3)[]", "[\"abc\"]", "{abc}"},
    {"jsonb[]", R"([{"a":"x"}, [1], null, 3])", R"({"{\"a\": \"x\"}",[1],NULL,3})"},
    {"box[]", R"j(["(1,2),(3,4)","(5,6),(7,8)"])j", "{(3,4),(1,2);(7,8),(5,6)}"},
    {"colour[]", "[\"red\",\"it's, {odd}\"]", "{red,\"it's, {odd}\"}"},
    {"int4range", "\"[1,5]\"", "[1,6)"},
    {"tstzrange", R"j("[2024-01-31T10:20:30+02:00,)")j", R"j(["2024-01-31 08:20:30+00",))j"},
    {"datemultirange", "\"{[2024-01-01,2024-02-01)}\"", "{[2024-01-01,2024-02-01)}"},
    {"citext", "\"Mixed\"", "Mixed"},
    {"hstore", R"("a=>1")", R"("a"=>"1")"},
    {"ltree", "\"a.b.c\"", "a.b.c"},
};

class TypesTest : public testing::PostgresTest {
   protected:
    TypesTest() {
        auto connection = connect();
        auto made = run(schema::migrate(*connection, {}));
        if (!made) throw std::runtime_error(describe(made.error()));
        now_ms_ = std::stoll(sql("SELECT (extract(epoch FROM now()) * 1000)::bigint"));
        sql("CREATE EXTENSION citext; CREATE EXTENSION hstore; CREATE EXTENSION ltree; "
            "CREATE TYPE colour AS ENUM ('red', 'dark blue', 'it''s, {odd}'); "
            "CREATE DOMAIN positive AS numeric(5,2) CHECK (value > 0)");
    }

    pipeline::MapStage map_of(const std::string& table, std::size_t columns) {
        auto connection = connect();
        auto shape = run(pg::describe_table(*connection, {"", table}, std::chrono::seconds(60)));
        if (!shape) throw std::runtime_error(describe(shape.error()));
        pipeline::PipelineOptions options;
        auto& route = options.routes.emplace_back();
        for (std::size_t i = 0; i < columns; ++i) {
            pipeline::ColumnRule rule;
            rule.column = fmt::format("c{}", i);
            rule.from = pipeline::parse_source(rule.column).value();
            route.columns.push_back(std::move(rule));
        }
        auto map = pipeline::MapStage::make(options, {&*shape, 1}, privacy::Keyring::parse(kKeyFile, "keys").value());
        if (!map) throw std::runtime_error(describe(map.error()));
        return std::move(*map);
    }

    // nullopt: written. Else the SQLSTATE.
    std::optional<std::string> write(const pipeline::MapStage& map, const std::vector<pipeline::MaskedRow>& rows) {
        pg::ConnectOptions options;
        options.conninfo = conninfo();
        DatabaseOnPg database(io_.get_executor(), options, map.targets());
        std::vector<pipeline::WriteEntry> entries;
        for (const auto& row : rows) {
            ++count_;
            auto id = pipeline::ledger_key("1/q", fmt::format("message-{}", count_), now_ms_ + count_);
            entries.push_back({id, &row, nullptr});
        }
        auto written = run(database.write(entries));
        if (written) return std::nullopt;
        return written.error().error.code;
    }

    std::int64_t now_ms_ = 0;
    int count_ = 0;
};

TEST_F(TypesTest, a_value_of_every_type_is_read_back_as_what_it_means) {
    std::string columns;
    std::string body;
    for (std::size_t i = 0; i < kTrips.size(); ++i) {
        columns += fmt::format("{}c{} {}", i == 0 ? "" : ", ", i, kTrips[i].type);
        body += fmt::format("{}\"c{}\": {}", i == 0 ? "{" : ", ", i, kTrips[i].json);
    }
    sql("CREATE TABLE every_type (" + columns + ")");
    auto map = map_of("every_type", kTrips.size());
    pipeline::Received message;
    message.body = body + "}";
    auto row = map.transform(message);
    ASSERT_TRUE(row.has_value()) << row.error().reason << ' ' << row.error().place;
    std::vector<pipeline::MaskedRow> rows;
    rows.push_back(std::move(row->value()));
    ASSERT_EQ(write(map, rows), std::nullopt);
    for (std::size_t i = 0; i < kTrips.size(); ++i) {
        EXPECT_EQ(sql(fmt::format("SET TimeZone = 'UTC'; SELECT c{}::text FROM every_type", i)), kTrips[i].stored)
            << kTrips[i].type << ' ' << kTrips[i].json;
    }
}

TEST_F(TypesTest, what_the_worker_lets_pass_the_server_takes) {
    const std::vector<std::string> literals = {
        "true",
        "false",
        "0",
        "2",
        "-1",
        "2.5",
        "1e3",
        "1e400",
        "12345678901",
        "\"\"",
        "\" \"",
        "\"2\"",
        "\"true\"",
        "\"abc\"",
        "\"abc \"",
        "\"2024-01-31T10:20:30Z\"",
        "\"{}\"",
        "\"[]\"",
        "\"\\\"x\\\"\"",
        "[]",
        "{}",
        "[1]",
        "[\"a\",null]",
        "[[1],[2]]",
        "[{\"a\":1}]",
        "{\"a\":\"\\\\u0000\"}",
        "\"\\ud83d\\ude00\"",
        "\"\\\\N\"",
    };
    const std::set<std::string> judged_by_server = {"money", "tsvector", "jsonpath", "hstore", "ltree", "positive"};
    int table = 0;
    std::size_t accepted = 0;
    std::set<std::string> seen;
    for (const auto& trip : kTrips) {
        if (judged_by_server.contains(trip.type) || !seen.insert(trip.type).second) continue;
        auto name = fmt::format("t{}", ++table);
        sql("CREATE TABLE " + name + " (c0 " + trip.type + ")");
        auto map = map_of(name, 1);
        std::vector<pipeline::MaskedRow> rows;
        std::string told;
        for (const auto& literal : literals) {
            pipeline::Received message;
            message.body = "{\"c0\": " + literal + "}";
            auto row = map.transform(message);
            if (!row) continue;
            told += literal + " ";
            rows.push_back(std::move(row->value()));
        }
        accepted += rows.size();
        EXPECT_EQ(write(map, rows), std::nullopt) << trip.type << ": one of " << told;
    }
    EXPECT_GT(accepted, 200u);
}

TEST_F(TypesTest, rows_go_through_a_view_with_its_trigger_and_into_partitions) {
    sql("CREATE TABLE base (c0 int); CREATE VIEW through AS SELECT c0 FROM base; "
        "CREATE FUNCTION put() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN INSERT INTO base VALUES (new.c0 * 2); RETURN new; END'; "
        "CREATE TRIGGER put INSTEAD OF INSERT ON through FOR EACH ROW EXECUTE FUNCTION put(); "
        "CREATE TABLE parts (c0 int) PARTITION BY RANGE (c0); "
        "CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10)");
    for (const char* name : {"through", "parts"}) {
        auto map = map_of(name, 1);
        pipeline::Received message;
        message.body = R"({"c0": 3})";
        std::vector<pipeline::MaskedRow> rows;
        rows.push_back(map.transform(message).value().value());
        EXPECT_EQ(write(map, rows), std::nullopt) << name;
    }
    EXPECT_EQ(sql("SELECT c0 FROM base"), "6");
    EXPECT_EQ(sql("SELECT c0 FROM parts_1"), "3");
}

// Configuration, not bad data: the message waits until there is a partition.
TEST_F(TypesTest, a_row_without_a_partition_pauses_and_is_no_bad_row) {
    sql("CREATE TABLE parts (c0 int) PARTITION BY RANGE (c0)");
    auto map = map_of("parts", 1);
    pipeline::Received message;
    message.body = R"({"c0": 3})";
    auto row = map.transform(message).value().value();
    pg::ConnectOptions options;
    options.conninfo = conninfo();
    DatabaseOnPg database(io_.get_executor(), options, map.targets());
    std::vector<pipeline::WriteEntry> entries = {{pipeline::ledger_key("1/q", "m", now_ms_), &row, nullptr}};
    auto refused = run(database.write(entries));
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().error.kind, ErrorKind::Configuration);
    EXPECT_EQ(refused.error().error.code, "23514");
    EXPECT_NE(describe(refused.error().error).find("partition"), std::string::npos) << describe(refused.error().error);
    sql("CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10)");
    EXPECT_TRUE(run(database.write(entries)).has_value());
}

}  // namespace
}  // namespace sqs2pg::adapters
