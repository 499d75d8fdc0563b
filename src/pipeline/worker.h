// One pipeline on one worker: the walk receive -> unwrap -> decode -> map -> mask -> batch -> write -> settle, with the
// keeper beside it, on the event loop of the thread that runs it. Knows the world through ports only.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "pipeline/blocked_groups.h"
#include "pipeline/brake.h"
#include "pipeline/hold.h"
#include "pipeline/map.h"
#include "pipeline/options.h"
#include "pipeline/ports.h"
#include "pipeline/rate_limit.h"
#include "privacy/seal.h"
#include "telemetry/events.h"

namespace sqs2pg::pipeline {

// Shared by the workers of one pipeline in one process; every member is safe to use from any thread.
struct SharedState {
    explicit SharedState(const BrakeOptions& options = {}, BrakePort* port = nullptr, int max_rows_per_second = 0)
        : brake(options), brake_port(port), rate(max_rows_per_second) {}

    std::atomic<bool> busy{false};  // the sentinel's polls come back full: parked workers receive too
    Brake brake;
    BrakePort* const brake_port;  // may be null; borrowed
    BlockedGroups blocked;        // `bad_message: block`
    std::atomic<Clock::Steady> last_commit{};
    RateLimit rate;
};

struct WorkerOptions {
    PipelineOptions pipeline;
    std::string queue_identity;  // "account/name", see ledger_key
    std::string queue_name;      // for dead letters
    bool fifo = false;           // the queue keeps an order within each message group, and so do we
    bool sentinel = true;        // the one worker that keeps a long poll open when the queue is idle
    bool drain = false;          // end when the queue is empty and nothing is in flight
    bool fail_on_pause = false;  // drain and --fail-fast: a pause ends the run with its error
    std::string configuration;   // the path that -c named, for the commands that messages suggest; empty: FILE
    std::optional<Hold> hold;    // told to hold still before it starts
    std::uint64_t seed = 0;      // of jitter

    // The tables that `map` was made for, and what makes a map stage for other ones. Empty: they are not looked at
    // again.
    std::vector<pg::TableShape> tables;
    std::function<Result<MapStage>(const std::vector<pg::TableShape>&)> make_map;
    // Called while a write waits for somebody to change something: the configuration may have been changed. May be
    // empty.
    std::function<void()> on_write_pause;
};

class Worker {
   public:
    // Everything borrowed outlives the worker. `map` is moved in: maskers keep per-worker state.
    // `objects` may be null where no message is a pointer (`unwrap: s3-pointer`).
    Worker(WorkerOptions options, MapStage map, const privacy::Sealer& sealer, QueuePort& queue, DatabasePort& database,
           Clock& clock, telemetry::PipelineEvents& events, SharedState& shared, ObjectPort* objects = nullptr);
    ~Worker();

    // Runs until drained, stopped or failed. Error: what ended it (only with fail_on_pause). When it returns, nothing
    // is in flight and every message is counted.
    awaitable<Status> run();

    // From the worker's own executor (post it there): begins the orderly end. New polls stop, running ones are let
    // return, what is held is written while `grace` lasts, the rest is released.
    void stop(Clock::Duration grace);

    // From the worker's own executor: hold still (no new polls; what is held is written, what cannot be is released, so
    // that nothing stays in flight), or, with nullopt, go on and look again at once at whatever it paused for.
    void obey(std::optional<Hold> hold);

   private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace sqs2pg::pipeline
