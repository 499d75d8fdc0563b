// What binds, and what is said of it: figures in, verdict out.
#include "cli/bench_verdict.h"

#include <gtest/gtest.h>

namespace sqs2pg::cli {
namespace {

constexpr std::uint64_t kTransactions = 100;

// 100 transactions of 1,000 messages in one second on one connection: 10 ms each. `shares` are of that second.
struct Shares {
    double server = 0, disk = 0, locks = 0, standby = 0, worker = 0;
};

SinkFigures sink_of(const Shares& shares, int connections = 1) {
    constexpr std::uint64_t kLooks = 1000;
    SinkFigures sink;
    sink.connections = connections;
    sink.seconds = 1;
    sink.transactions = kTransactions;
    sink.messages = kTransactions * 1000;
    sink.transaction_seconds = connections;
    sink.worker_seconds = shares.worker;
    sink.sampled.looks = kLooks;
    const auto set = [&sink](Whereabouts where, double share) {
        sink.sampled.backends[static_cast<std::size_t>(where)] = static_cast<std::uint64_t>(share * kLooks);
    };
    set(Whereabouts::Server, shares.server);
    set(Whereabouts::Disk, shares.disk);
    set(Whereabouts::Locks, shares.locks);
    set(Whereabouts::Standby, shares.standby);
    return sink;
}

BenchFigures figures_of(const Shares& shares) {
    BenchFigures figures;
    figures.transform.messages = 1000;
    figures.transform.cpu_seconds = 0.001;
    figures.database.round_trip = Spread{0.5, 1, 100};
    figures.database.commit_unflushed = Spread{0.6, 1, 40};
    figures.database.commit_local = Spread{2.6, 4, 40};
    figures.database.commit = Spread{2.6, 4, 40};
    figures.database.sinks.push_back(sink_of(shares));
    return figures;
}

Verdict verdict(const BenchFigures& figures, const BenchSetup& setup = {}) {
    const auto made = verdict_of(figures, setup);
    EXPECT_TRUE(made);
    return made.value_or(Verdict{});
}

bool says(const Verdict& made, std::string_view words) {
    for (const auto& change : made.changes) {
        if (change.contains(words)) return true;
    }
    return false;
}

TEST(BenchVerdict, TheLargestShareOfATransactionBinds) {
    EXPECT_EQ(verdict(figures_of({.server = 0.6, .disk = 0.2})).binds, Part::Postgresql);
    EXPECT_EQ(verdict(figures_of({.server = 0.2, .disk = 0.6})).binds, Part::Disk);
    EXPECT_EQ(verdict(figures_of({.server = 0.2, .locks = 0.6})).binds, Part::Locks);
    EXPECT_EQ(verdict(figures_of({.server = 0.2, .standby = 0.6})).binds, Part::Standby);
    EXPECT_EQ(verdict(figures_of({.server = 0.2, .disk = 0.1})).binds, Part::Network);
    EXPECT_EQ(verdict(figures_of({.server = 0.2, .worker = 0.7})).binds, Part::Worker);
}

TEST(BenchVerdict, TheSharesOfATransactionAreItsTime) {
    const auto figures = figures_of({.server = 0.3, .disk = 0.2, .locks = 0.05, .standby = 0.1, .worker = 0.05});
    const auto shares = shares_of(figures.database, figures.database.sinks[0]);
    EXPECT_NEAR(shares.server, 3, 0.01);
    EXPECT_NEAR(shares.disk, 2, 0.01);
    EXPECT_NEAR(shares.worker, 0.5, 0.01);
    EXPECT_NEAR(shares.network, 3, 0.01);
    EXPECT_NEAR(shares.sum(), 10, 0.01);
    ASSERT_TRUE(shares.round_trips);
    EXPECT_NEAR(*shares.round_trips, 6, 0.01);  // counted, not assumed
}

TEST(BenchVerdict, TheSharesOfSeveralConnectionsAreThoseOfOneTransaction) {
    auto figures = figures_of({});
    figures.database.sinks[0] = sink_of({.server = 2, .disk = 1}, 4);  // backends, of four
    const auto shares = shares_of(figures.database, figures.database.sinks[0]);
    EXPECT_NEAR(shares.server, 20, 0.01);
    EXPECT_NEAR(shares.disk, 10, 0.01);
    EXPECT_NEAR(shares.sum(), 40, 0.01);
}

TEST(BenchVerdict, WithFewLooksRoundTripAndCommitTellAsFarAsTheyCan) {
    auto figures = figures_of({.locks = 1});
    figures.database.sinks[0].sampled.looks = 3;
    const auto shares = shares_of(figures.database, figures.database.sinks[0]);
    EXPECT_FALSE(shares.sampled);
    EXPECT_NEAR(shares.network, 1.5, 0.01);
    EXPECT_NEAR(shares.disk, 2, 0.01);
    EXPECT_NEAR(shares.server, 6.5, 0.01);
    EXPECT_EQ(shares.locks, 0);
}

TEST(BenchVerdict, OnABusyMachineWaitingForACoreIsNotTheNetworks) {
    auto figures = figures_of({.server = 0.2});
    figures.database.sinks[0].machine_busy = 0.97;
    figures.database.round_trip->p50_ms = 0.05;
    const auto shares = shares_of(figures.database, figures.database.sinks[0]);
    EXPECT_LT(shares.network, 0.5);
    EXPECT_GT(shares.worker, 7);
    const auto made = verdict(figures);
    EXPECT_EQ(made.binds, Part::Worker);
    EXPECT_TRUE(says(made, "all its cores were busy"));
}

TEST(BenchVerdict, TheSlowestPartBindsWhateverTheDatabaseIsBusyWith) {
    auto figures = figures_of({.server = 0.9});
    figures.transform.cpu_seconds = 0.1;  // 10,000 messages/s
    auto made = verdict(figures, {.workers = 2, .cores = 8});
    EXPECT_EQ(made.binds, Part::Worker);
    EXPECT_NEAR(made.per_second, 20'000, 500);
    EXPECT_TRUE(says(made, "run --workers 8"));

    figures = figures_of({.server = 0.9});
    figures.queue.call = Spread{200, 300, 20};
    made = verdict(figures, {.workers = 2, .cores = 2, .max_polls = 16});
    EXPECT_EQ(made.binds, Part::Queue);
    EXPECT_NEAR(made.per_second, 1600, 1);
    EXPECT_TRUE(made.sentence.contains("estimated"));
    EXPECT_TRUE(says(made, "--scratch-queue") && says(made, "max_polls") && says(made, "region"));

    figures.queue.receive = Spread{20, 30, 100};
    figures.queue.messages = 500'000;
    figures.queue.seconds = 1;
    EXPECT_EQ(verdict(figures, {.workers = 2, .cores = 2}).binds, Part::Postgresql);

    figures.queue.seconds = 100;  // 5,000 messages/s
    made = verdict(figures, {.workers = 2, .cores = 2});
    EXPECT_TRUE(made.binds == Part::Queue && says(made, "region") && !made.sentence.contains("estimated"));
    figures.queue.call->p50_ms = 2;
    made = verdict(figures, {.workers = 2, .cores = 2});
    EXPECT_TRUE(says(made, "does not wait for the distance") && !says(made, "region"));
    figures.queue.worker_seconds = 500;  // a millisecond of CPU a message
    EXPECT_EQ(verdict(figures, {.workers = 1, .cores = 1}).binds, Part::Worker);

    made = verdict(figures, {.max_rows_per_second = 500});
    EXPECT_EQ(made.binds, Part::Setting);
    EXPECT_TRUE(says(made, "max_rows_per_second"));
}

TEST(BenchVerdict, MoreWorkersAreAdvisedWhereMoreConnectionsWroteMore) {
    auto figures = figures_of({.server = 0.9});
    figures.database.indexes = 7;
    figures.database.sinks.push_back(sink_of({.server = 1.8}, 2));
    figures.database.sinks[1].messages = 180'000;
    auto made = verdict(figures, {.workers = 2, .cores = 2});
    EXPECT_TRUE(says(made, "run --workers 4") && says(made, "1.8 times"));
    EXPECT_TRUE(says(made, "7, and each is work"));
    EXPECT_NEAR(made.per_second, 180'000, 1);

    figures.database.sinks[1].messages = 105'000;
    made = verdict(figures, {.workers = 2, .cores = 2});
    EXPECT_TRUE(says(made, "more workers bring little") && says(made, "instance class"));
    EXPECT_FALSE(says(made, "run --workers"));
}

TEST(BenchVerdict, EveryPartHasAdvice) {
    for (const auto& shares : {Shares{.server = 0.9}, Shares{.disk = 0.9}, Shares{.locks = 0.9}, Shares{.standby = 0.9},
                               Shares{}, Shares{.worker = 0.9}}) {
        const auto made = verdict(figures_of(shares));
        EXPECT_GE(made.changes.size(), 1u) << name_of(made.binds);
        EXPECT_FALSE(made.sentence.empty());
    }
    EXPECT_TRUE(says(verdict(figures_of({.disk = 0.9})), "a flush takes 2.00 ms"));
    EXPECT_TRUE(says(verdict(figures_of({})), "a round trip takes 0.50 ms"));
    EXPECT_TRUE(says(verdict(figures_of({.standby = 0.9})), "synchronous_standby_names"));
}

TEST(BenchVerdict, ARunThatDidNotReachTheWriterHasNone) {
    BenchFigures figures;
    EXPECT_FALSE(verdict_of(figures, {}));
    figures.database.sinks.emplace_back();
    EXPECT_FALSE(verdict_of(figures, {}));
}

TEST(BenchWhereabouts, WaitEventsAreToldApart) {
    EXPECT_EQ(whereabouts_of("active", "", ""), Whereabouts::Server);
    EXPECT_EQ(whereabouts_of("active", "IO", "WALSync"), Whereabouts::Disk);
    EXPECT_EQ(whereabouts_of("active", "LWLock", "WALWrite"), Whereabouts::Disk);  // another's flush
    EXPECT_EQ(whereabouts_of("active", "LWLock", "WALInsert"), Whereabouts::Locks);
    EXPECT_EQ(whereabouts_of("active", "Lock", "extend"), Whereabouts::Locks);
    EXPECT_EQ(whereabouts_of("active", "IPC", "SyncRep"), Whereabouts::Standby);
    EXPECT_EQ(whereabouts_of("active", "Client", "ClientRead"), Whereabouts::Away);  // COPY data is on its way
    EXPECT_EQ(whereabouts_of("idle in transaction", "Client", "ClientRead"), Whereabouts::Away);
    EXPECT_EQ(whereabouts_of("idle", "", ""), Whereabouts::Away);
}

TEST(BenchSpread, MedianAndTail) {
    std::vector<double> all;
    for (int i = 100; i > 0; --i) all.push_back(i);
    EXPECT_EQ(spread_of(all).p50_ms, 51);
    EXPECT_EQ(spread_of(all).p99_ms, 100);
    EXPECT_EQ(spread_of(all).calls, 100u);
    EXPECT_EQ(spread_of({}).calls, 0u);
}

}  // namespace
}  // namespace sqs2pg::cli
