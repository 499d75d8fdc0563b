// What the ops port answers: /metrics, /healthz, /readyz, /status and a small index, from a look at the process. Pure:
// how the process is looked at and how replies travel is the caller's (server.h).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "net/http_server.h"
#include "telemetry/events.h"

namespace sqs2pg::ops {

enum class PipelineState {
    Starting,  // looking at its table and queue
    Waiting,   // for an absent queue or database
    Running,   // also while paused: figures.paused_cause says so
    Failed,    // ended by an error
    Ended,     // drained or stopped
};
std::string_view name_of(PipelineState state) noexcept;

struct PipelineView {
    std::string name;
    std::string queue;
    std::string table;
    int workers = 0;
    PipelineState state = PipelineState::Starting;
    std::string cause;  // Waiting, Failed: one sentence
    telemetry::PipelineFigures figures;
    double messages_per_second = 0;  // settled, over the last moments
};

struct ProcessView {
    std::string version;
    double uptime_seconds = 0;
    bool stopping = false;
    std::vector<std::string> stuck_loops;  // event loops that have not turned for a while, by name
    std::vector<PipelineView> pipelines;
};

// Both are called from the ops thread while the process runs; they lock for a copy only.
struct Sources {
    std::function<ProcessView()> look;
    std::function<std::string()> metrics;  // Prometheus text
};

// GET and HEAD: 200; /healthz is 503 when a loop is stuck, /readyz 503 with the causes unless every pipeline is
// connected and not paused. 404 for any other path, 405 for any other method.
net::ServerReply answer(const net::ServerRequest& request, const Sources& sources);

}  // namespace sqs2pg::ops
