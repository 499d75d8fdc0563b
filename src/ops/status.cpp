// The process and its pipelines as JSON, see status.h.
#include "ops/status.h"

#include <fmt/format.h>

#include "telemetry/log_line.h"

namespace sqs2pg::ops {

namespace {

std::string quoted(std::string_view text) {
    std::string out;
    telemetry::append_json(out, text);
    return out;
}

std::string paused_json(const telemetry::PipelineFigures& figures) {
    if (figures.paused_cause.empty()) return "null";
    return fmt::format(R"({{"cause":{},"detail":{},"how_to_end":{}}})", quoted(figures.paused_cause),
                       quoted(figures.paused_detail), quoted(figures.paused_how_to_end));
}

std::string pipeline_json(const PipelineView& pipeline) {
    const auto& f = pipeline.figures;
    const bool paused = pipeline.state == PipelineState::Running && !f.paused_cause.empty();
    std::string out = fmt::format(
        R"({{"name":{},"queue":{},"table":{},"workers":{},"state":"{}","cause":{},"paused":{})", quoted(pipeline.name),
        quoted(pipeline.queue), quoted(pipeline.table), pipeline.workers, paused ? "paused" : name_of(pipeline.state),
        pipeline.cause.empty() ? "null" : quoted(pipeline.cause), paused_json(f));
    fmt::format_to(std::back_inserter(out),
                   R"(,"messages_per_second":{:.1f},"messages":{{"received":{},"inserted":{},"duplicate":{},)"
                   R"("dead_lettered":{},"ignored":{},"released":{},"abandoned":{},"in_flight":{}}})",
                   pipeline.messages_per_second, f.received, f.inserted, f.duplicate, f.dead_lettered, f.ignored,
                   f.released, f.abandoned, f.in_flight);
    fmt::format_to(std::back_inserter(out),
                   R"(,"rows_written":{},"transactions":{},"transaction_seconds":{:.3f},"lag_seconds":{:.3f},)"
                   R"("delete_failures":{},"blocked_groups":{}}})",
                   f.rows_written, f.transactions, f.transaction_seconds, f.lag_seconds_last, f.delete_failures,
                   f.blocked_groups);
    return out;
}

}  // namespace

std::string not_ready_because(const PipelineView& pipeline) {
    switch (pipeline.state) {
        case PipelineState::Starting:
            return "starting";
        case PipelineState::Waiting:
            return "waiting: " + pipeline.cause;
        case PipelineState::Failed:
            return "failed: " + pipeline.cause;
        case PipelineState::Ended:
            return "ended";
        case PipelineState::Running:
            break;
    }
    const auto& f = pipeline.figures;
    if (f.paused_cause.empty()) return {};
    std::string why = "paused: " + (f.paused_detail.empty() ? f.paused_cause : f.paused_detail);
    if (!f.paused_how_to_end.empty()) why += "; to end it: " + f.paused_how_to_end;
    return why;
}

std::string status_json(const ProcessView& view) {
    std::string out = fmt::format(R"({{"version":{},"uptime_seconds":{:.1f},"state":"{}","pipelines":[)",
                                  quoted(view.version), view.uptime_seconds, view.stopping ? "stopping" : "running");
    for (std::size_t i = 0; i < view.pipelines.size(); ++i) {
        if (i > 0) out += ',';
        out += pipeline_json(view.pipelines[i]);
    }
    out += "]}\n";
    return out;
}

}  // namespace sqs2pg::ops
