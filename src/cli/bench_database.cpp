// See bench_database.h.
#include "cli/bench_database.h"

#include <algorithm>
#include <chrono>
#include <random>

#include <fmt/format.h>
#include <boost/asio/this_coro.hpp>

#include "adapters/database_on_pg.h"
#include "base/clock.h"
#include "pg/copy.h"

namespace sqs2pg::cli {
namespace {

using Steady = std::chrono::steady_clock;
constexpr std::chrono::seconds kDeadline{10};
constexpr int kRoundTrips = 100;
constexpr int kCommits = 30;

double ms_since(Steady::time_point began) {
    return std::chrono::duration<double, std::milli>(Steady::now() - began).count();
}

Error stopped() {
    return {ErrorKind::Stopping, Stage::Start, "stopped", "stopped by a signal; nothing was left behind"};
}

// A table as its target, logged, with indexes and checks. Defaults are made anew: one of the user's sequences would
// move, and a function of the user's may do anything; such a column may be null instead.
std::string scratch_table(const std::string& source, const std::string& schema, std::size_t i) {
    return fmt::format(
        "CREATE TABLE {0}.t{1} (LIKE {2} INCLUDING ALL EXCLUDING DEFAULTS EXCLUDING STATISTICS);\n"
        "DO $bench$ DECLARE c record; BEGIN FOR c IN SELECT a.attname, a.attnum, "
        "pg_catalog.pg_get_expr(d.adbin, d.adrelid) AS e, EXISTS (SELECT FROM pg_catalog.pg_depend p WHERE p.classid = "
        "'pg_catalog.pg_attrdef'::regclass AND p.objid = d.oid AND p.refclassid = 'pg_catalog.pg_proc'::regclass) AS "
        "own "
        "FROM pg_catalog.pg_attrdef d JOIN pg_catalog.pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum "
        "WHERE d.adrelid = {3}::regclass AND a.attgenerated = '' LOOP "
        "IF c.e LIKE 'nextval(%' THEN EXECUTE format('CREATE SEQUENCE {0}.t{1}_%s', c.attnum); "
        "EXECUTE format('ALTER TABLE {0}.t{1} ALTER %I SET DEFAULT nextval(''{0}.t{1}_%s'')', c.attname, c.attnum); "
        "ELSIF c.own OR c.e LIKE '%nextval(%' THEN "
        "EXECUTE format('ALTER TABLE {0}.t{1} ALTER %I DROP NOT NULL', c.attname); "
        "ELSE EXECUTE format('ALTER TABLE {0}.t{1} ALTER %I SET DEFAULT %s', c.attname, c.e); "
        "END IF; END LOOP; END $bench$;\n",
        schema, i, source, "'" + source + "'");
}

class Run {
   public:
    Run(boost::asio::any_io_executor executor, const DatabaseBench& bench, std::string schema)
        : executor_(std::move(executor)), bench_(bench), schema_(std::move(schema)) {}

    // `control` outlives the call; so does this object.
    awaitable<Result<DatabaseFigures>> measure(pg::Connection& control) {
        auto making = make(control);
        if (auto made = co_await std::move(making); !made) co_return fail(made.error());
        auto working = work(control);
        auto worked = co_await std::move(working);
        auto dropping = control.query("DROP SCHEMA " + schema_ + " CASCADE", std::chrono::seconds(30));
        if (auto dropped = co_await std::move(dropping); !dropped) {
            auto error = dropped.error().error;
            error.detail = fmt::format("the scratch schema could not be dropped ({}): DROP SCHEMA {} CASCADE",
                                       error.detail, schema_);
            co_return fail(std::move(error));
        }
        if (worked) co_return figures_;
        co_return fail(worked.error());
    }

   private:
    awaitable<Status> make(pg::Connection& control) {
        auto sql = fmt::format(
            "CREATE SCHEMA {0};\nCREATE TABLE {0}.ledger (id uuid NOT NULL, PRIMARY KEY (id)) PARTITION BY RANGE "
            "(id);\n"
            "CREATE TABLE {0}.ledger_all PARTITION OF {0}.ledger FOR VALUES FROM (MINVALUE) TO (MAXVALUE);\n",
            schema_);
        for (std::size_t i = 0; i < bench_.targets.size(); ++i) {
            auto name = pg::quote(bench_.targets[i].table);
            sql += scratch_table(name, schema_, i);
        }
        auto making = control.query(std::move(sql), kDeadline);
        auto made = co_await std::move(making);
        if (made) co_return Status{};
        auto error = made.error().error;
        if (error.code == "42501") {
            error.detail = fmt::format(
                "the role {0} may not make the scratch schema or copy a target's shape; nothing was made: GRANT CREATE "
                "ON DATABASE {1} TO {0}; and for each target GRANT SELECT ON TABLE … TO {0} (or name another role "
                "with PGUSER)",
                pg::quote_identifier(control.user()), pg::quote_identifier(control.database()));
        }
        co_return fail(std::move(error));
    }

    awaitable<Status> work(pg::Connection& control) {
        auto trips = times(control, "SELECT 1", kRoundTrips, figures_.round_trip);
        if (auto done = co_await std::move(trips); !done) co_return done;
        auto commits = times(control, fmt::format("INSERT INTO {}.ledger SELECT md5(random()::text)::uuid", schema_),
                             kCommits, figures_.commit);
        if (auto done = co_await std::move(commits); !done) co_return done;
        auto looking = count_triggers(control);
        if (auto done = co_await std::move(looking); !done) co_return done;
        auto writing = write(control);
        co_return co_await std::move(writing);
    }

    awaitable<Status> times(pg::Connection& control, std::string sql, int count, Spread& spread) {
        std::vector<double> took;
        for (int i = 0; i < count; ++i) {
            if (bench_.stop) co_return fail(stopped());
            const auto began = Steady::now();
            auto asking = control.query(sql, kDeadline);
            auto answer = co_await std::move(asking);
            if (!answer) co_return fail(answer.error().error);
            took.push_back(ms_since(began));
        }
        spread = spread_of(std::move(took));
        co_return Status{};
    }

    awaitable<Status> count_triggers(pg::Connection& control) {
        std::string list;
        for (const auto& target : bench_.targets) {
            list += fmt::format("{}'{}'::regclass", list.empty() ? "" : ", ", pg::quote(target.table));
        }
        auto asking = control.query(
            "SELECT count(*) FROM pg_catalog.pg_trigger WHERE NOT tgisinternal AND tgrelid IN (" + list + ")",
            kDeadline);
        auto answer = co_await std::move(asking);
        if (!answer) co_return fail(answer.error().error);
        figures_.triggers = std::stoull(answer->back().rows.at(0).at(0).value_or("0"));
        co_return Status{};
    }

    // One pass over the rows a TRUNCATE, so that unique indexes meet each row once and the disk stays small.
    awaitable<Status> write(pg::Connection& control) {
        auto connect = bench_.connect;
        connect.application_name = schema_;
        adapters::WriteLimits limits;
        limits.deadline = kDeadline;
        limits.ledger = schema_ + ".ledger";
        auto targets = bench_.targets;
        for (std::size_t i = 0; i < targets.size(); ++i) targets[i].table = {schema_, fmt::format("t{}", i)};
        adapters::DatabaseOnPg sink(executor_, connect, targets, limits);
        auto connecting = sink.tables();
        if (auto connected = co_await std::move(connecting); !connected) co_return fail(connected.error());
        while (figures_.seconds < bench_.seconds) {
            auto passing = pass(sink);
            if (auto passed = co_await std::move(passing); !passed) co_return passed;
            std::string tables;
            for (std::size_t i = 0; i < targets.size(); ++i) tables += fmt::format(", {}.t{}", schema_, i);
            auto emptying = control.query("TRUNCATE " + schema_ + ".ledger" + tables, kDeadline);
            if (auto emptied = co_await std::move(emptying); !emptied) co_return fail(emptied.error().error);
        }
        co_return Status{};
    }

    awaitable<Status> pass(adapters::DatabaseOnPg& sink) {
        std::vector<pipeline::WriteEntry> entries;
        for (std::size_t at = 0; at < bench_.rows.size() && figures_.seconds < bench_.seconds; at += bench_.batch) {
            if (bench_.stop) co_return fail(stopped());
            const auto end = std::min(at + bench_.batch, bench_.rows.size());
            entries.clear();
            const auto now = clock_.wall_ms();
            for (auto i = at; i < end; ++i) {
                entries.push_back({.id = pipeline::ledger_key("000000000000/bench", fmt::to_string(counter_++), now),
                                   .row = &bench_.rows[i]});
            }
            std::ranges::sort(entries, {}, &pipeline::WriteEntry::id);
            const auto began = Steady::now();
            auto sending = sink.write(entries);
            auto report = co_await std::move(sending);
            figures_.seconds += ms_since(began) / 1000;
            if (!report) co_return fail(report.error().error);
            figures_.messages += entries.size();
            ++figures_.transactions;
        }
        co_return Status{};
    }

    boost::asio::any_io_executor executor_;
    const DatabaseBench& bench_;
    std::string schema_;
    SystemClock clock_;
    std::uint64_t counter_ = 0;
    DatabaseFigures figures_;
};

}  // namespace

Spread spread_of(std::vector<double> milliseconds) {
    if (milliseconds.empty()) return {};
    std::ranges::sort(milliseconds);
    const auto at = [&](std::size_t percent) {
        return milliseconds[std::min(milliseconds.size() - 1, milliseconds.size() * percent / 100)];
    };
    return {at(50), at(99)};
}

awaitable<Result<DatabaseFigures>> bench_database(const DatabaseBench& bench) {
    auto executor = co_await boost::asio::this_coro::executor;
    auto options = bench.connect;
    auto connecting = pg::Connection::connect(executor, std::move(options));
    auto control = co_await std::move(connecting);
    if (!control) co_return fail(control.error());
    std::random_device random;
    Run run(executor, bench, fmt::format("sqs2pg_bench_{:08x}{:08x}", random(), random()));
    auto measuring = run.measure(**control);
    co_return co_await std::move(measuring);
}

}  // namespace sqs2pg::cli
