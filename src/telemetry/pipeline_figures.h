// The counts of one pipeline under one mutex: events come once a reply or a batch, so that the lock costs nothing, and
// a scrape sees figures that belong together. Shared by the pipeline's events, the exposition and the log's rate
// limits.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "telemetry/events.h"
#include "telemetry/histogram.h"
#include "telemetry/rate_gate.h"

namespace sqs2pg::telemetry {

// One cause of a pause and who is paused for it.
struct Pause {
    int workers = 0;
    std::uint64_t began = 0;  // the later, the greater
    std::string detail;
    std::string how_to_end;
};

// Plain values: a scrape works on a copy.
struct FigureSnapshot {
    PipelineFigures figures;
    std::map<std::string, std::uint64_t, std::less<>> dead_letters;             // by reason
    std::map<std::pair<std::string, std::string>, std::uint64_t> sqs_requests;  // by operation and outcome
    std::map<std::pair<std::string, std::string>, std::uint64_t> s3_calls;      // by operation and outcome
    std::uint64_t objects_left = 0;
    std::map<std::string, Histogram, std::less<>> sqs_request_seconds;  // by operation
    Histogram batch_rows{kBatchRowBounds};
    Histogram transaction_seconds{kTransactionBounds};
    Histogram lag_seconds{kLagBounds};
    std::map<std::string, Pause, std::less<>> paused;  // every cause there ever was
    std::uint64_t pauses = 0;
    bool drained_said = false;
    std::int64_t ledger_bytes = -1;  // -1: not known yet

    // Fills what figures say of the pause: the latest of those that last.
    void show_pause();
    // One worker less is paused for it. True: it was the last.
    bool unpause(std::string_view cause);

    bool conserved() const noexcept {
        return figures.in_flight >= 0 &&
               figures.received == figures.settled() + static_cast<std::uint64_t>(figures.in_flight);
    }
};

struct PipelineRecord {
    explicit PipelineRecord(std::string pipeline) : name(std::move(pipeline)) {}

    const std::string name;
    mutable std::mutex mutex;
    FigureSnapshot now;                                  // under mutex
    std::set<std::string, std::less<>> unmatched_paths;  // under mutex; those that were told
    RateGate dead_letter_lines, receive_lines, transaction_lines, delete_lines, abandon_lines;  // under mutex

    // A copy in which received = settled + in flight. A message's two counts (received and in flight, settled and out
    // of flight) are two calls of the worker a few nanoseconds apart: a copy taken between them is taken again.
    FigureSnapshot snapshot() const;
};

}  // namespace sqs2pg::telemetry
