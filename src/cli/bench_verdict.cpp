// See bench_verdict.h. The advice of each part is in bench_advice.cpp.
#include "cli/bench_verdict.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "cli/bench_advice.h"
#include "cli/progress.h"

namespace sqs2pg::cli {
namespace {

// Fewer looks than this say little.
constexpr std::uint64_t kEnoughLooks = 20;
// BEGIN with the ledger, the COPY and its data: what the protocol asks for. TCP may need more for the data.
constexpr double kLeastTrips = 3;
constexpr double kMostTrips = 6;
// From here on a worker that is ready waits for a core: time that would look like the network's.
constexpr double kBusyMachine = 0.9;
constexpr int kMessagesAReceive = 10;
constexpr std::uint64_t kEnoughMessages = 5000;

double flush_ms(const std::optional<Spread>& with, const std::optional<Spread>& without) {
    return with && without ? std::max(0.0, with->p50_ms - without->p50_ms) : 0;
}

void without_samples(const DatabaseFigures& database, const SinkFigures& sink, TimeShares& shares) {
    auto rest = sink.transaction_ms();
    const auto take = [&rest](double ms) {
        const auto taken = std::min(rest, ms);
        rest -= taken;
        return taken;
    };
    shares.worker = take(sink.worker_ms());
    shares.network = take(database.round_trip ? kLeastTrips * database.round_trip->p50_ms : 0);
    shares.disk = take(flush_ms(database.commit_local, database.commit_unflushed));
    shares.standby = take(flush_ms(database.commit, database.commit_local));
    shares.server = rest;
}

void with_samples(const DatabaseFigures& database, const SinkFigures& sink, TimeShares& shares) {
    const auto& sampled = sink.sampled;
    const auto of = [&](Whereabouts where) {
        const auto backends =
            static_cast<double>(sampled.backends[static_cast<std::size_t>(where)]) / static_cast<double>(sampled.looks);
        return sink.per_transaction(backends * sink.seconds);
    };
    shares.server = of(Whereabouts::Server);
    shares.disk = of(Whereabouts::Disk);
    shares.locks = of(Whereabouts::Locks);
    shares.standby = of(Whereabouts::Standby);
    const auto all = sink.transaction_ms();
    if (const auto told = shares.sum(); told > all) {
        for (auto* share : {&shares.server, &shares.disk, &shares.locks, &shares.standby}) *share *= all / told;
    }
    const auto away = std::max(0.0, all - shares.sum());
    shares.worker = std::min(away, sink.worker_ms());
    shares.network = away - shares.worker;
    if (sink.machine_busy.value_or(0) < kBusyMachine || !database.round_trip) return;
    const auto network = std::min(shares.network, kMostTrips * database.round_trip->p50_ms);
    shares.worker += shares.network - network;
    shares.network = network;
}

std::vector<Capacity> parts_of(const BenchFigures& figures, const BenchSetup& setup) {
    const auto& one = figures.database.sinks.front();
    std::vector<Capacity> parts;
    const auto& transform = figures.transform;
    double seconds_a_message = transform.messages > 0 ? 1 / std::max(1.0, transform.per_second()) : 0;
    if (one.messages > 0) seconds_a_message += one.worker_seconds / static_cast<double>(one.messages);
    const auto& queue = figures.queue;
    // A few messages are mostly the making of connections.
    if (queue.messages >= kEnoughMessages)
        seconds_a_message += queue.worker_seconds / static_cast<double>(queue.messages);
    if (seconds_a_message > 0) {
        parts.push_back({"worker", std::min(setup.workers, setup.cores) / seconds_a_message});
    }
    const auto& best = *std::ranges::max_element(figures.database.sinks, {}, &SinkFigures::per_second);
    parts.push_back({"database", best.per_second()});
    if (queue.messages > 0) {
        parts.push_back({"queue", queue.per_second()});
    } else if (queue.call && queue.call->p50_ms > 0) {
        const auto calls_a_second = setup.workers * setup.max_polls * 1000 / queue.call->p50_ms;
        parts.push_back({"queue", kMessagesAReceive * calls_a_second, true});
    }
    if (setup.max_rows_per_second > 0) {
        parts.push_back({"setting", static_cast<double>(setup.max_rows_per_second)});
    }
    return parts;
}

Part of_database(const TimeShares& shares) {
    const std::array<std::pair<double, Part>, 6> all = {{{shares.server, Part::Postgresql},
                                                         {shares.disk, Part::Disk},
                                                         {shares.locks, Part::Locks},
                                                         {shares.standby, Part::Standby},
                                                         {shares.network, Part::Network},
                                                         {shares.worker, Part::Worker}}};
    return std::ranges::max_element(all, {}, &std::pair<double, Part>::first)->second;
}

std::string_view what(Part part) {
    switch (part) {
        case Part::Worker:
            return "the worker's own processor";
        case Part::Queue:
            return "the queue";
        case Part::Network:
            return "the network between the worker and PostgreSQL";
        case Part::Disk:
            return "the disk of PostgreSQL";
        case Part::Standby:
            return "the synchronous standby";
        case Part::Locks:
            return "locks: PostgreSQL's connections hold each other up";
        case Part::Postgresql:
            return "PostgreSQL's own work on the rows";
        case Part::Setting:
            return "the setting max_rows_per_second";
    }
    return "";
}

}  // namespace

std::string_view name_of(Part part) noexcept {
    switch (part) {
        case Part::Worker:
            return "worker";
        case Part::Queue:
            return "queue";
        case Part::Network:
            return "network";
        case Part::Disk:
            return "disk";
        case Part::Standby:
            return "standby";
        case Part::Locks:
            return "locks";
        case Part::Postgresql:
            return "postgresql";
        case Part::Setting:
            return "setting";
    }
    return "";
}

TimeShares shares_of(const DatabaseFigures& database, const SinkFigures& sink) {
    TimeShares shares;
    if (sink.transactions == 0) return shares;
    shares.sampled = sink.sampled.looks >= kEnoughLooks;
    if (shares.sampled) {
        with_samples(database, sink, shares);
    } else {
        without_samples(database, sink, shares);
    }
    const auto& trip = database.round_trip;
    const bool enough = shares.sampled && shares.network >= sink.transaction_ms() / 10;
    if (enough && trip && trip->p50_ms > 0) shares.round_trips = shares.network / trip->p50_ms;
    return shares;
}

std::optional<Verdict> verdict_of(const BenchFigures& figures, const BenchSetup& setup) {
    const auto& sinks = figures.database.sinks;
    if (sinks.empty() || sinks.front().transactions == 0) return std::nullopt;
    Verdict verdict;
    verdict.parts = parts_of(figures, setup);
    const auto& least = *std::ranges::min_element(verdict.parts, {}, &Capacity::per_second);
    verdict.per_second = least.per_second;
    const auto shares = shares_of(figures.database, sinks.back());
    if (least.part == "worker") verdict.binds = Part::Worker;
    if (least.part == "queue") verdict.binds = Part::Queue;
    if (least.part == "setting") verdict.binds = Part::Setting;
    if (least.part == "database") verdict.binds = of_database(shares);
    verdict.sentence =
        fmt::format("{}, at {} messages/s{}", what(verdict.binds),
                    grouped(static_cast<std::uint64_t>(least.per_second)), least.estimated ? " (estimated)" : "");
    verdict.changes = advice_for({verdict.binds, figures, setup, shares});
    return verdict;
}

}  // namespace sqs2pg::cli
