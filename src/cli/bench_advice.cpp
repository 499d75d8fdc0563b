// See bench_advice.h.
#include "cli/bench_advice.h"

#include <algorithm>

#include <fmt/format.h>

namespace sqs2pg::cli {
namespace {

// Of what so many connections could write if each wrote as much as one alone: the server has room.
constexpr double kGrows = 0.65;

// A receive among others that takes so many times what a call alone does: the queue is what is busy.
constexpr double kCrowded = 4;

using Sentences = std::vector<std::string>;

// How many times what one connection writes all of them do; 0: not known.
double growth(const DatabaseFigures& database) {
    const auto& sinks = database.sinks;
    if (sinks.size() < 2 || sinks.front().per_second() <= 0) return 0;
    return sinks.back().per_second() / sinks.front().per_second();
}

std::string more_workers(const AdviceInput& input, std::string_view because) {
    const auto& database = input.figures.database;
    auto text =
        fmt::format("more workers (`run --workers {}`; each has a connection): {}", input.setup.workers * 2, because);
    if (const auto factor = growth(database); factor > 0) {
        text += fmt::format("; here {} connections write {:.1f} times what one does", database.sinks.back().connections,
                            factor);
    }
    return text;
}

void for_worker(const AdviceInput& input, Sentences& changes) {
    const auto& setup = input.setup;
    if (setup.workers < setup.cores) {
        changes.push_back(fmt::format("more workers: `run --workers {}`, as many as this machine has cores (now {})",
                                      setup.cores, setup.workers));
    }
    changes.push_back(fmt::format(
        "more or faster cores: a machine with more than {}, or processes on several machines, among which SQS "
        "shares the messages out",
        setup.cores));
    if (input.figures.database.sinks.back().machine_busy.value_or(0) >= 0.9) {
        changes.emplace_back(
            "let the worker have its machine to itself: all its cores were busy during the measurement");
    }
}

void for_queue(const AdviceInput& input, Sentences& changes) {
    const auto& queue = input.figures.queue;
    const auto alone = queue.call ? queue.call->p50_ms : 0;
    const auto loaded = queue.receive ? queue.receive->p50_ms : alone;
    if (alone > 0 && loaded >= kCrowded * alone) {
        changes.push_back(fmt::format(
            "a queue that takes more: a call takes {:.2f} ms alone and a receive {:.2f} ms among others, so it does "
            "not wait for the distance; AWS spreads a standard queue over more servers as its load lasts, an emulator "
            "has one core",
            alone, loaded));
    } else {
        changes.push_back(fmt::format(
            "run the worker in the queue's region, with an interface VPC endpoint for SQS: a call takes {:.1f} ms, and "
            "within a region it takes 5 to 20",
            loaded));
        changes.push_back(fmt::format("more receives at once: `max_polls` (now {}) up to 512, or more workers (now {})",
                                      input.setup.max_polls, input.setup.workers));
    }
    if (!queue.receive) changes.emplace_back("measure instead of estimating: `bench --scratch-queue`");
}

void for_network(const AdviceInput& input, Sentences& changes) {
    const auto& trip = input.figures.database.round_trip;
    changes.push_back(
        fmt::format("run the worker nearer to PostgreSQL: a round trip takes {:.2f} ms; within an availability zone it "
                    "takes 0.1 to "
                    "0.5, between two zones about 1, between regions 10 and more",
                    trip ? trip->p50_ms : 0));
    changes.push_back(more_workers(input, "their transactions wait side by side"));
    changes.emplace_back("take out what stands between: a pooler, a proxy or a tunnel adds its own time to every trip");
}

void for_disk(const AdviceInput& input, Sentences& changes) {
    const auto& database = input.figures.database;
    const auto flush = database.commit_local && database.commit_unflushed
                           ? std::max(0.0, database.commit_local->p50_ms - database.commit_unflushed->p50_ms)
                           : 0;
    changes.push_back(fmt::format(
        "a faster disk for the WAL: a flush takes {:.2f} ms (pg_test_fsync measures it on the server). On RDS: io2 "
        "instead of gp3, or more provisioned IOPS and throughput; elsewhere: local NVMe with power-loss protection",
        flush));
    changes.push_back(more_workers(input, "commits side by side share a flush"));
    changes.emplace_back(
        "less WAL: `max_wal_size` large enough that checkpoints are minutes apart, and `wal_compression = on`; fewer "
        "indexes on the targets");
}

void for_standby(Sentences& changes) {
    changes.emplace_back(
        "a synchronous standby nearer to the primary, or the first answer of several: `synchronous_standby_names = "
        "'ANY 1 (a, b)'`");
    changes.emplace_back(
        "`synchronous_commit = on` where it is remote_apply: the standby's disk is waited for, not its replay");
}

void for_locks(const AdviceInput& input, Sentences& changes) {
    if (input.setup.workers > 1) {
        changes.push_back(fmt::format("fewer workers: `run --workers {}`, where the same rate comes with less waiting",
                                      std::max(1, input.setup.workers / 2)));
    }
    changes.emplace_back(
        "fewer unique indexes and exclusion constraints on the targets: connections wait for each other there");
    changes.emplace_back("PostgreSQL 16 or newer: several connections extend a table with less waiting");
}

void for_postgresql(const AdviceInput& input, Sentences& changes) {
    const auto& database = input.figures.database;
    const auto factor = growth(database);
    const bool grows = factor >= kGrows * database.sinks.back().connections;
    if (factor > 0 && grows) changes.push_back(more_workers(input, "the server has cores to spare"));
    if (factor > 0 && !grows) {
        changes.push_back(fmt::format(
            "more or faster cores for the server (on RDS and Aurora: a larger instance class); more workers bring "
            "little: {} connections write {:.1f} times what one does",
            database.sinks.back().connections, factor));
    }
    if (database.indexes > 0) {
        changes.push_back(fmt::format(
            "fewer indexes: the targets have {}, and each is work for every row (pg_stat_user_indexes tells which no "
            "query uses: idx_scan = 0)",
            database.indexes));
    }
    if (factor == 0) {
        changes.emplace_back("more workers, as long as the server has cores to spare: `bench --workers 2` tells");
    }
    changes.emplace_back("fewer checks and triggers on the targets; no columns that nobody reads");
}

}  // namespace

std::vector<std::string> advice_for(const AdviceInput& input) {
    Sentences changes;
    switch (input.binds) {
        case Part::Worker:
            for_worker(input, changes);
            break;
        case Part::Queue:
            for_queue(input, changes);
            break;
        case Part::Network:
            for_network(input, changes);
            break;
        case Part::Disk:
            for_disk(input, changes);
            break;
        case Part::Standby:
            for_standby(changes);
            break;
        case Part::Locks:
            for_locks(input, changes);
            break;
        case Part::Postgresql:
            for_postgresql(input, changes);
            break;
        case Part::Setting:
            changes.push_back(
                fmt::format("a higher `max_rows_per_second` than {}, or none", input.setup.max_rows_per_second));
            break;
    }
    return changes;
}

}  // namespace sqs2pg::cli
