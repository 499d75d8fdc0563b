// See bench_database.h.
#include "cli/bench_database.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <set>

#include <fmt/format.h>
#include <boost/asio/this_coro.hpp>

#include "base/clock.h"
#include "cli/bench_clock.h"
#include "cli/bench_scratch.h"
#include "cli/bench_writers.h"
#include "pg/copy.h"

namespace sqs2pg::cli {
namespace {

constexpr std::chrono::seconds kDeadline{10};
constexpr std::size_t kRoundTrips = 100;
constexpr std::size_t kCommits = 40;
// Parts of the whole run's time.
constexpr double kTripsPart = 0.05;
constexpr double kCommitPart = 0.04;
constexpr double kWritePart = 0.5;
// A pass holds so many transactions a connection where rows may stand in the table several times.
constexpr std::size_t kTransactionsAPass = 25;
constexpr std::size_t kMostPassMessages = 200'000;
constexpr std::size_t kMostPassBytes = 256u << 20;
constexpr std::size_t kMostRelaxed = 20;
constexpr std::int64_t kMessagesAMs = 100;

// Jiffies of all cores: busy ones and all.
struct MachineTime {
    double busy = 0;
    double all = 0;
};

MachineTime machine_time() {
    std::ifstream stat("/proc/stat");
    std::string word;
    MachineTime time;
    stat >> word;
    double value = 0;
    for (int i = 0; i < 8 && stat >> value; ++i) {  // user nice system idle iowait irq softirq steal
        time.all += value;
        if (i != 3 && i != 4) time.busy += value;
    }
    return time;
}

class Run {
   public:
    Run(const DatabaseBench& bench, DatabaseFigures& figures) : bench_(bench), figures_(figures) {}

    bool made() const noexcept { return made_; }

    awaitable<Status> measure() {
        auto executor = co_await boost::asio::this_coro::executor;
        auto connect = named();
        auto connecting = pg::Connection::connect(executor, std::move(connect));
        auto connected = co_await std::move(connecting);
        if (!connected) co_return fail(connected.error());
        control_ = std::move(*connected);
        using Step = awaitable<Status> (Run::*)();
        static constexpr std::array<Step, 5> kSteps = {&Run::make, &Run::look, &Run::trips, &Run::commits, &Run::write};
        for (auto step : kSteps) {
            auto running = (this->*step)();
            if (auto done = co_await std::move(running); !done) co_return done;
        }
        co_return Status{};
    }

   private:
    awaitable<Status> make() {
        bench_.step("making the scratch tables");
        made_ = true;
        auto making = control_->query(scratch_sql(bench_.schema, bench_.tables), kDeadline);
        auto made = co_await std::move(making);
        if (made) co_return Status{};
        auto error = made.error().error;
        if (error.code == "42501") {
            error.detail = fmt::format(
                "the role {0} may not make the scratch schema or copy a target's shape; nothing was made: GRANT CREATE "
                "ON DATABASE {1} TO {0}; and for each target GRANT SELECT ON TABLE … TO {0} (or name another role "
                "with PGUSER)",
                pg::quote_identifier(control_->user()), pg::quote_identifier(control_->database()));
        }
        co_return fail(std::move(error));
    }

    awaitable<Status> look() { return look_at_targets(*control_, bench_.tables, figures_, unique_); }

    awaitable<Status> trips() {
        bench_.step("PostgreSQL: the round trip");
        return times("SELECT 1", kRoundTrips, kTripsPart, figures_.round_trip);
    }

    awaitable<Status> commits() {
        bench_.step("PostgreSQL: a commit");
        auto without = commit("off", figures_.commit_unflushed);
        if (auto done = co_await std::move(without); !done) co_return done;
        auto local = commit("local", figures_.commit_local);
        if (auto done = co_await std::move(local); !done) co_return done;
        auto asking = control_->query(
            "SELECT pg_catalog.current_setting('synchronous_standby_names') <> '' AND "
            "pg_catalog.current_setting('synchronous_commit') = 'remote_apply', "
            "pg_catalog.current_setting('synchronous_standby_names') <> ''",
            kDeadline);
        auto answer = co_await std::move(asking);
        if (!answer) co_return fail(answer.error().error);
        const auto& standby = answer->back().rows.at(0);
        figures_.commit = figures_.commit_local;
        if (standby.at(1) != "t") co_return Status{};
        auto whole = commit(standby.at(0) == "t" ? "remote_apply" : "on", figures_.commit);  // as the writer has it
        co_return co_await std::move(whole);
    }

    awaitable<Status> commit(std::string_view how, std::optional<Spread>& spread) {
        return times(fmt::format("BEGIN; SET LOCAL synchronous_commit = {}; INSERT INTO {}.commits VALUES (1); COMMIT",
                                 how, bench_.schema),
                     kCommits, kCommitPart, spread);
    }

    // At least one call; what was measured is kept as it comes.
    awaitable<Status> times(std::string sql, std::size_t count, double part, std::optional<Spread>& spread) {
        std::vector<double> took;
        const auto until = in(bench_.seconds * part);
        while (took.empty() || (took.size() < count && Steady::now() < until)) {
            const auto began = Steady::now();
            auto asking = control_->query(sql, kDeadline);
            auto answer = co_await std::move(asking);
            if (!answer) co_return fail(answer.error().error);
            took.push_back(seconds_since(began) * 1000);
            spread = spread_of(took);
        }
        co_return Status{};
    }

    pg::ConnectOptions named() const {
        auto options = bench_.connect();
        options.application_name = bench_.schema;
        return options;
    }

    WriterOptions writer_options() const {
        WriterOptions options;
        options.connect = [this] { return named(); };
        options.targets = scratch_targets(bench_.targets, bench_.schema);
        options.limits.deadline = kDeadline;
        options.limits.ledger = bench_.schema + ".ledger";
        return options;
    }

    // The ids rise with the entries, as those of a queue do.
    void prepare_entries(int connections) {
        std::size_t bytes = 1;
        for (const auto& row : bench_.rows) bytes += row.copy_text().size();
        std::size_t repeat = 1;
        if (!unique_) {
            const auto wanted =
                std::min(kMostPassMessages, static_cast<std::size_t>(connections) * kTransactionsAPass * bench_.batch);
            repeat = std::clamp<std::size_t>(wanted / bench_.rows.size(), 1,
                                             std::max<std::size_t>(1, kMostPassBytes / bytes));
        }
        const SystemClock clock;
        const auto now = clock.wall_ms();
        entries_.reserve(repeat * bench_.rows.size());
        for (std::size_t i = 0; i < repeat * bench_.rows.size(); ++i) {
            const auto sent = now + static_cast<std::int64_t>(i) / kMessagesAMs;
            entries_.push_back({.id = pipeline::ledger_key("000000000000/bench", fmt::to_string(i), sent),
                                .row = &bench_.rows[i % bench_.rows.size()]});
        }
        std::ranges::sort(entries_, {}, &pipeline::WriteEntry::id);
        const auto a_connection = entries_.size() / static_cast<std::size_t>(connections);
        if (unique_ && a_connection < bench_.batch) {
            figures_.not_measured.push_back(fmt::format(
                "full transactions: {} messages are few where a unique index takes each once; {}", entries_.size(),
                bench_.invented ? "a longer run (--seconds) invents more" : "name a file with more (--messages)"));
        }
    }

    awaitable<Status> write() {
        bench_.step("PostgreSQL: connecting the writers");
        Writers writers(writer_options());
        auto connecting = writers.connect(bench_.connections);
        if (auto connected = co_await std::move(connecting); !connected) co_return connected;
        if (writers.size() < bench_.connections) {
            figures_.not_measured.push_back(
                fmt::format("more than {} connections: the server has no more for this role", writers.size()));
        }
        prepare_entries(writers.size());
        auto warming = warm_up(writers);
        if (auto warm = co_await std::move(warming); !warm) co_return warm;
        const bool several = writers.size() > 1;
        for (const int count : {1, writers.size()}) {
            bench_.step(fmt::format("PostgreSQL: the writer on {} connection{}", count, count == 1 ? "" : "s"));
            auto running = phase(writers, count, bench_.seconds * kWritePart / (several ? 2 : 1));
            if (auto done = co_await std::move(running); !done) co_return done;
            if (!several) break;
        }
        co_return Status{};
    }

    // One transaction that does not count. Constraints that invented values cannot know are taken off the copies.
    awaitable<Status> warm_up(Writers& writers) {
        std::set<std::string> relaxed;
        for (;;) {
            auto pass = std::make_shared<WritePass>();
            pass->entries = std::span(entries_).first(std::min(entries_.size(), bench_.batch));
            pass->batch = bench_.batch;
            pass->until = in(1);
            auto running = writers.run(pass, 1, [] { return nothing(); });
            auto tallies = co_await std::move(running);
            const auto& failure = tallies.front().failure;
            if (!failure) break;
            const bool may_go = bench_.invented && failure->error.kind == ErrorKind::BadRow &&
                                !failure->constraint.empty() && relaxed.size() < kMostRelaxed;
            if (!may_go || !relaxed.insert(failure->constraint).second) co_return fail(told(*failure));
            auto relaxing = relax(failure->constraint);
            if (auto done = co_await std::move(relaxing); !done) co_return done;
        }
        if (!relaxed.empty()) {
            figures_.not_measured.push_back(
                fmt::format("{} constraints that invented values do not fulfil: give real messages with --messages",
                            relaxed.size()));
        }
        auto emptying = empty();
        co_return co_await std::move(emptying);
    }

    static awaitable<void> nothing() { co_return; }

    awaitable<Status> relax(std::string constraint) {
        const auto name = pg::quote_identifier(constraint);
        std::string sql;
        for (std::size_t i = 0; i < bench_.tables.size(); ++i) {
            sql += fmt::format("ALTER TABLE {}.t{} DROP CONSTRAINT IF EXISTS {}; ", bench_.schema, i, name);
        }
        sql += fmt::format("DROP INDEX IF EXISTS {}.{}", bench_.schema, name);
        auto asking = control_->query(std::move(sql), kDeadline);
        auto answer = co_await std::move(asking);
        if (!answer) co_return fail(answer.error().error);
        co_return Status{};
    }

    Error told(const pipeline::WriteFailure& failure) const {
        auto error = failure.error;
        if (error.kind != ErrorKind::BadRow) return error;
        auto place = failure.constraint.empty() ? failure.column : failure.constraint;
        error.detail =
            fmt::format("the server refuses a row ({}{}{}): {}", error.code, place.empty() ? "" : ", ", place,
                        bench_.invented ? "invented messages do not fit this table; give real ones with "
                                          "--messages"
                                        : "`sqs2pg preview --try` tells which messages");
        return error;
    }

    awaitable<Status> empty() {
        auto emptying = control_->query(scratch_truncate(bench_.schema, bench_.tables.size()), kDeadline);
        auto emptied = co_await std::move(emptying);
        if (!emptied) co_return fail(emptied.error().error);
        co_return Status{};
    }

    // One pass over the entries a TRUNCATE, so that unique indexes meet each row once and the disk stays small.
    awaitable<Status> phase(Writers& writers, int connections, double seconds) {
        const auto until = in(seconds);
        SinkFigures sink;
        sink.connections = connections;
        auto place = figures_.sinks.size();
        const auto before = machine_time();
        while (Steady::now() < until) {
            auto pass = std::make_shared<WritePass>();
            pass->entries = entries_;
            pass->batch = bench_.batch;
            pass->until = until;
            const auto began = Steady::now();
            auto running = writers.run(pass, connections, [this, &sink] { return sample(sink.sampled); });
            auto tallies = co_await std::move(running);
            sink.seconds += seconds_since(began);
            for (const auto& tally : tallies) {
                if (tally.failure) co_return fail(told(*tally.failure));
                sink.messages += tally.messages;
                sink.transactions += tally.transactions;
                sink.transaction_seconds += tally.transaction_seconds;
                sink.worker_seconds += tally.worker_seconds;
            }
            const auto now = machine_time();
            if (now.all > before.all) sink.machine_busy = (now.busy - before.busy) / (now.all - before.all);
            figures_.sinks.resize(place);
            figures_.sinks.push_back(sink);
            auto emptying = empty();
            if (auto emptied = co_await std::move(emptying); !emptied) co_return emptied;
        }
        co_return Status{};
    }

    // A look that fails is left out: the server may not show what its backends do.
    awaitable<void> sample(Sampled& sampled) {
        auto asking = control_->query(
            fmt::format("SELECT state, wait_event_type, wait_event FROM pg_catalog.pg_stat_activity WHERE "
                        "application_name = '{}' AND pid <> pg_catalog.pg_backend_pid()",
                        bench_.schema),
            kDeadline);
        auto answer = co_await std::move(asking);
        if (!answer) co_return;
        ++sampled.looks;
        for (const auto& row : answer->back().rows) {
            const auto where = whereabouts_of(row.at(0).value_or(""), row.at(1).value_or(""), row.at(2).value_or(""));
            ++sampled.backends[static_cast<std::size_t>(where)];
        }
    }

    const DatabaseBench& bench_;
    DatabaseFigures& figures_;
    std::unique_ptr<pg::Connection> control_;
    bool made_ = false;    // perhaps
    bool unique_ = false;  // a target takes a row once
    std::vector<pipeline::WriteEntry> entries_;
};

}  // namespace

awaitable<Status> bench_database(const DatabaseBench& bench, Interrupt& interrupt, DatabaseFigures& figures) {
    Status measured;
    bool made = false;
    {
        Run run(bench, figures);
        auto measuring = interrupt.guard(run.measure());
        measured = co_await std::move(measuring);
        made = run.made();
    }
    if (!made) co_return measured;
    auto dropping = drop_scratch(bench.connect(), bench.schema);
    auto dropped = co_await std::move(dropping);
    if (dropped || measured) co_return dropped ? measured : dropped;
    auto both = measured.error();
    both.detail += "; and " + dropped.error().detail;
    co_return fail(std::move(both));
}

}  // namespace sqs2pg::cli
