// A process as JSON for the table sqs2pg.process, see control_link.h.
#include <cmath>
#include <string>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/control_link.h"
#include "telemetry/log_line.h"

namespace sqs2pg::cli {

namespace {

std::string quoted(std::string_view text) {
    std::string out;
    // jsonb has no place for it.
    for (auto part = text; !part.empty();) {
        const auto nul = part.find('\0');
        out += part.substr(0, nul);
        part = nul == part.npos ? std::string_view() : part.substr(nul + 1);
    }
    std::string json;
    telemetry::append_json(json, out);
    return json;
}

std::string host_name() {
    char name[256] = "unknown";
    gethostname(name, sizeof name - 1);
    return name;
}

double finite(double value) { return std::isfinite(value) ? value : 0; }

std::string pipeline_json(const ops::PipelineView& pipeline) {
    const auto& f = pipeline.figures;
    const bool running = pipeline.state == ops::PipelineState::Running;
    const bool paused = running && !f.paused_cause.empty();
    return fmt::format(
        R"({{"pipeline":{},"workers":{},"state":"{}","paused_cause":{},"paused_detail":{},"how_to_end":{},)"
        R"("received":{},"settled":{},"in_flight":{},"dead_lettered":{},"rows_written":{},)"
        R"("messages_per_second":{:.3f},"lag_seconds":{:.3f}}})",
        quoted(pipeline.name), pipeline.workers, paused ? "paused" : ops::name_of(pipeline.state),
        quoted(paused ? f.paused_cause : ""), quoted(running ? f.paused_detail : pipeline.cause),
        quoted(f.paused_how_to_end), f.received, f.settled(), f.in_flight, f.dead_lettered, f.rows_written,
        finite(pipeline.messages_per_second), finite(f.lag_seconds_last));
}

}  // namespace

std::string process_report(const std::string& process_id, const ops::ProcessView& view,
                           const std::function<bool(const std::string&)>& is_ours) {
    std::string pipelines;
    for (const auto& pipeline : view.pipelines) {
        if (!is_ours(pipeline.name)) continue;
        if (!pipelines.empty()) pipelines += ',';
        pipelines += pipeline_json(pipeline);
    }
    return fmt::format(R"({{"id":"{}","host":{},"pid":{},"version":{},"uptime_seconds":{:.3f},"pipelines":[{}]}})",
                       process_id, quoted(host_name()), getpid(), quoted(view.version), view.uptime_seconds, pipelines);
}

}  // namespace sqs2pg::cli
