// Pauses and signs of life in schema `sqs2pg`: what operators decide about pipelines, what processes hear of it and
// tell of themselves, and what `status` shows of both.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "pg/connection.h"

namespace sqs2pg::schema {

// What is decided about a pipeline. Without a row: generation 0, not paused.
struct PipelineControl {
    std::string pipeline;
    bool paused = false;
    std::string cause;       // "operator", "brake"; empty: not paused
    std::string detail;      // one sentence, or empty
    std::string changed_at;  // "2026-11-24T21:00:00Z"
    std::string changed_by;  // a role
    std::int64_t generation = 0;
};

// A brake that tripped in this process, which had seen `generation` of the pipeline's state.
struct Trip {
    std::string pipeline;
    std::string detail;
    std::int64_t generation = 0;
};

// One round trip: what this process tells, then the state of every pipeline there is. `report` is the argument of
// sqs2pg.report_process (JSON; empty: no report this time). Idempotent.
awaitable<Result<std::vector<PipelineControl>>> exchange(pg::Connection& connection, std::string report,
                                                         std::vector<Trip> trips);

// The process ends: its lines go.
awaitable<Status> leave(pg::Connection& connection, std::string process_id);

// For operators. Configuration error "42501": the role may not.
awaitable<Status> pause_pipeline(pg::Connection& connection, std::string pipeline, std::string why);
awaitable<Status> resume_pipeline(pg::Connection& connection, std::string pipeline);

// A running process and one of its pipelines.
struct ProcessLine {
    std::string id, pipeline, host, version, state, paused_cause, paused_detail, how_to_end;
    std::string started_at;  // "2026-11-24T21:00:00Z"
    std::int64_t pid = 0, workers = 0, received = 0, settled = 0, in_flight = 0, dead_lettered = 0, rows_written = 0;
    double seen_seconds_ago = 0, up_seconds = 0, messages_per_second = 0, lag_seconds = 0;

    // Processes tell of themselves every few seconds.
    bool silent() const { return seen_seconds_ago > 30; }
};

struct DeadLetterCount {
    std::string pipeline, reason;
    std::int64_t last_hour = 0, last_day = 0;
};

struct Overview {
    std::vector<PipelineControl> pipelines;
    std::vector<ProcessLine> processes;
    std::vector<DeadLetterCount> dead_letters;
    std::int64_t ledger_bytes = 0;
};

// Everything that `status` shows, in one round trip; any of our roles may.
awaitable<Result<Overview>> look_over(pg::Connection& connection);

}  // namespace sqs2pg::schema
