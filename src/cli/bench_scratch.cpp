// See bench_scratch.h.
#include "cli/bench_scratch.h"

#include <chrono>
#include <random>

#include <fmt/format.h>
#include <boost/asio/this_coro.hpp>

#include "base/clock.h"
#include "cli/bench_clock.h"
#include "pg/copy.h"

namespace sqs2pg::cli {
namespace {

constexpr std::chrono::seconds kDeadline{10};
constexpr std::chrono::seconds kConnectDeadline{5};
constexpr double kEndSeconds = 3;

// A table as its target, with indexes and checks. Defaults are made anew: one of the user's sequences would move, and a
// function of the user's may do anything; such a column may be null instead.
std::string scratch_table(const pg::TableShape& table, const std::string& schema, std::size_t i) {
    const auto source = pg::quote(table.name);
    std::string literal;
    for (char c : source) literal += c == '\'' ? "''" : std::string(1, c);
    return fmt::format(
        "CREATE {4} TABLE {0}.t{1} (LIKE {2} INCLUDING ALL EXCLUDING DEFAULTS EXCLUDING STATISTICS);\n"
        "DO $bench$ DECLARE c record; BEGIN FOR c IN SELECT a.attname, a.attnum, "
        "pg_catalog.pg_get_expr(d.adbin, d.adrelid) AS e, EXISTS (SELECT FROM pg_catalog.pg_depend p WHERE p.classid = "
        "'pg_catalog.pg_attrdef'::regclass AND p.objid = d.oid AND p.refclassid = 'pg_catalog.pg_proc'::regclass) AS "
        "own "
        "FROM pg_catalog.pg_attrdef d JOIN pg_catalog.pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum "
        "WHERE d.adrelid = '{3}'::regclass AND a.attgenerated = '' LOOP "
        "IF c.e LIKE 'nextval(%' THEN EXECUTE format('CREATE SEQUENCE {0}.t{1}_%s', c.attnum); "
        "EXECUTE format('ALTER TABLE {0}.t{1} ALTER %I SET DEFAULT nextval(''{0}.t{1}_%s'')', c.attname, c.attnum); "
        "ELSIF c.own OR c.e LIKE '%nextval(%' THEN "
        "EXECUTE format('ALTER TABLE {0}.t{1} ALTER %I DROP NOT NULL', c.attname); "
        "ELSE EXECUTE format('ALTER TABLE {0}.t{1} ALTER %I SET DEFAULT %s', c.attname, c.e); "
        "END IF; END LOOP; END $bench$;\n",
        schema, i, source, literal, table.unlogged ? "UNLOGGED" : "");
}

std::string regclasses(std::span<const pg::TableShape> tables) {
    std::string list;
    for (const auto& table : tables) {
        std::string quoted;
        for (char c : pg::quote(table.name)) quoted += c == '\'' ? "''" : std::string(1, c);
        list += fmt::format("{}'{}'::regclass", list.empty() ? "" : ", ", quoted);
    }
    return list;
}

void note(DatabaseFigures& figures, std::uint64_t count, std::string_view one, std::string_view several) {
    if (count == 0) return;
    figures.not_measured.push_back(fmt::format("{} {} of the targets", count, count == 1 ? one : several));
}

}  // namespace

std::string scratch_name() {
    std::random_device random;
    return fmt::format("{}{:08x}{:08x}", kScratchPrefix, random(), random());
}

std::vector<pipeline::Target> scratch_targets(std::vector<pipeline::Target> targets, const std::string& schema) {
    for (std::size_t i = 0; i < targets.size(); ++i) targets[i].table = {schema, fmt::format("t{}", i)};
    return targets;
}

std::string scratch_sql(const std::string& schema, std::span<const pg::TableShape> tables) {
    auto sql = fmt::format(
        "CREATE SCHEMA {0};\nCREATE TABLE {0}.ledger (id uuid NOT NULL, PRIMARY KEY (id)) PARTITION BY RANGE (id);\n"
        "CREATE TABLE {0}.ledger_all PARTITION OF {0}.ledger FOR VALUES FROM (MINVALUE) TO (MAXVALUE);\n"
        "CREATE TABLE {0}.commits (n bigint);\n",
        schema);
    for (std::size_t i = 0; i < tables.size(); ++i) sql += scratch_table(tables[i], schema, i);
    return sql;
}

std::string scratch_truncate(const std::string& schema, std::size_t tables) {
    auto sql = fmt::format("TRUNCATE {}.ledger", schema);
    for (std::size_t i = 0; i < tables; ++i) sql += fmt::format(", {}.t{}", schema, i);
    return sql;
}

awaitable<Status> look_at_targets(pg::Connection& connection, std::span<const pg::TableShape> tables,
                                  DatabaseFigures& figures, bool& unique) {
    const auto list = regclasses(tables);
    auto asking = connection.query(
        fmt::format("SELECT (SELECT count(*) FROM pg_catalog.pg_trigger WHERE NOT tgisinternal AND tgrelid IN ({0})), "
                    "(SELECT count(*) FROM pg_catalog.pg_constraint WHERE contype = 'f' AND conrelid IN ({0})), "
                    "(SELECT count(*) FROM pg_catalog.pg_index WHERE indrelid IN ({0})), "
                    "(SELECT count(*) FROM pg_catalog.pg_index WHERE (indisunique OR indisexclusion) AND indrelid IN "
                    "({0}))",
                    list),
        kDeadline);
    auto answer = co_await std::move(asking);
    if (!answer) co_return fail(answer.error().error);
    const auto& row = answer->back().rows.at(0);
    const auto count = [&row](std::size_t i) { return std::stoull(row.at(i).value_or("0")); };
    note(figures, count(0), "trigger", "triggers");
    note(figures, count(1), "foreign key", "foreign keys");
    figures.indexes = count(2);
    unique = count(3) > 0;
    for (const auto& table : tables) {
        if (table.kind == pg::TableKind::Partitioned) {
            figures.not_measured.push_back("partitions of " + pg::shown(table.name));
        }
        if (table.foreign_rows) figures.not_measured.push_back("the foreign server of " + pg::shown(table.name));
    }
    co_return Status{};
}

awaitable<Status> drop_scratch(pg::ConnectOptions options, std::string schema) {
    auto executor = co_await boost::asio::this_coro::executor;
    const auto left = [&schema](Error error) {
        error.detail =
            fmt::format("the scratch schema could not be dropped ({}): DROP SCHEMA {} CASCADE", error.detail, schema);
        return fail(std::move(error));
    };
    options.connect_deadline = kConnectDeadline;
    auto connecting = pg::Connection::connect(executor, std::move(options));
    auto connection = co_await std::move(connecting);
    if (!connection) co_return left(connection.error());
    // A statement that was given up half-way may make the schema yet.
    const auto until = in(kEndSeconds);
    for (bool others = true; others && Steady::now() < until;) {
        auto ending = (*connection)
                          ->query(fmt::format("SELECT count(pg_catalog.pg_terminate_backend(pid)) FROM "
                                              "pg_catalog.pg_stat_activity WHERE application_name = '{}' AND pid <> "
                                              "pg_catalog.pg_backend_pid() AND state <> 'idle'",
                                              schema),
                                  kDeadline);
        auto ended = co_await std::move(ending);
        if (!ended) co_return left(ended.error().error);
        others = ended->back().rows.at(0).at(0) != "0";
        SystemClock clock;
        if (others) co_await clock.sleep_for(std::chrono::milliseconds(20));
    }
    auto dropping = (*connection)->query(fmt::format("DROP SCHEMA IF EXISTS {} CASCADE", schema), kDeadline);
    auto dropped = co_await std::move(dropping);
    if (!dropped) co_return left(dropped.error().error);
    co_return Status{};
}

}  // namespace sqs2pg::cli
