// The routes of the ops port, see routes.h.
#include "ops/routes.h"

#include <fmt/format.h>

#include "ops/status.h"

namespace sqs2pg::ops {

namespace {

net::ServerReply reply(int status, std::string body, std::string content_type = "text/plain; charset=utf-8") {
    net::ServerReply made;
    made.status = status;
    made.content_type = std::move(content_type);
    made.headers.emplace_back("Cache-Control", "no-store");
    made.body = std::move(body);
    return made;
}

net::ServerReply index() {
    return reply(200,
                 "sqs2pg\n"
                 "/metrics  Prometheus metrics\n"
                 "/healthz  200 while the process lives and its loops turn\n"
                 "/readyz   200 while every pipeline is connected and not paused\n"
                 "/status   figures, pauses and what ends them, as JSON\n");
}

net::ServerReply health(const ProcessView& view) {
    if (view.stuck_loops.empty()) return reply(200, "ok\n");
    std::string body;
    for (const auto& loop : view.stuck_loops) body += fmt::format("{}: its event loop does not turn\n", loop);
    return reply(503, std::move(body));
}

net::ServerReply readiness(const ProcessView& view) {
    std::string causes;
    for (const auto& pipeline : view.pipelines) {
        const auto why = not_ready_because(pipeline);
        if (!why.empty()) causes += fmt::format("{}: {}\n", pipeline.name, why);
    }
    if (view.stopping) causes += "the process is ending\n";
    if (view.pipelines.empty()) causes += "no pipeline has been started yet\n";
    return causes.empty() ? reply(200, "ready\n") : reply(503, std::move(causes));
}

net::ServerReply route(std::string_view path, const Sources& sources) {
    if (path == "/") return index();
    if (path == "/metrics") return reply(200, sources.metrics(), "text/plain; version=0.0.4; charset=utf-8");
    if (path == "/healthz") return health(sources.look());
    if (path == "/readyz") return readiness(sources.look());
    if (path == "/status") return reply(200, status_json(sources.look()), "application/json");
    return reply(404, "not found; see / for what there is\n");
}

}  // namespace

std::string_view name_of(PipelineState state) noexcept {
    switch (state) {
        case PipelineState::Starting:
            return "starting";
        case PipelineState::Waiting:
            return "waiting";
        case PipelineState::Running:
            return "running";
        case PipelineState::Failed:
            return "failed";
        case PipelineState::Ended:
            return "ended";
    }
    return "unknown";
}

net::ServerReply answer(const net::ServerRequest& request, const Sources& sources) {
    if (request.method != "GET" && request.method != "HEAD") {
        auto refused = reply(405, "only GET\n");
        refused.headers.emplace_back("Allow", "GET, HEAD");
        return refused;
    }
    const auto path = std::string_view(request.target).substr(0, request.target.find('?'));
    return route(path, sources);
}

}  // namespace sqs2pg::ops
