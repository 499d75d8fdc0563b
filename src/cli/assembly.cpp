// One run from its keys to its exit code, see assembly.h.
#include "cli/assembly.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <memory>
#include <thread>

#include <malloc.h>

#include "aws/credentials_pool.h"
#include "cli/commands.h"
#include "cli/process_run.h"
#include "cli/run_context.h"
#include "cli/terminal.h"

namespace sqs2pg::cli {

namespace {

constexpr int kMostWorkersByDefault = 4;
constexpr int kMostArenas = 8;

void print_summary(const RunContext& context, const RunOutcome& outcome) {
    for (const auto& pipeline : outcome.pipelines) {
        const SummaryView view{pipeline.name, pipeline.figures, pipeline.dead_letters, outcome.seconds};
        const auto block = summary_block(view);
        // A log of JSON lines stays one of JSON lines.
        if (context.options.log.format == telemetry::LogFormat::Json) {
            telemetry::PipelineEvents(context.telemetry, pipeline.name).finished(outcome.seconds);
        } else if (outcome.seconds > 0) {
            std::fputs(block.c_str(), stderr);
        }
    }
}

}  // namespace

int workers_of(int asked, std::size_t pipelines) {
    if (asked > 0) return asked;
    const auto cores = std::max(1U, std::thread::hardware_concurrency());
    return std::clamp(static_cast<int>(cores / std::max<std::size_t>(1, pipelines)), 1, kMostWorkersByDefault);
}

RunOutcome run_pipelines(const config::Settings& settings, const RunOptions& options) {
    std::signal(SIGPIPE, SIG_IGN);  // a closed connection or a closed stderr is an error code, not an end
    // An arena keeps what its threads once used: many pipelines share a few.
    mallopt(M_ARENA_MAX, kMostArenas);
    Terminal terminal;
    const bool bar = options.progress && options.drain && Terminal::can_redraw();
    auto log = options.log;
    if (bar && !log.sink) log.sink = [&terminal](std::string_view line) { terminal.line(line); };
    telemetry::Telemetry telemetry(log);
    telemetry.process_started(options.version, options.configuration);

    SystemClock clock;
    RunOutcome outcome;
    aws::CredentialsPool::process().observe(
        [&](const std::string& identity, const Result<aws::Credentials>& fetched, bool keeps_older) {
            // With nothing valid at hand each pipeline says so itself.
            if (!fetched && keeps_older) telemetry.credentials_not_renewed(fetched.error(), keeps_older);
            if (!fetched) return;
            std::optional<double> left;
            if (fetched->expires_at_ms) left = static_cast<double>(*fetched->expires_at_ms - clock.wall_ms()) / 1000;
            telemetry.credentials_renewed(identity, fetched->source, left);
        });
    {
        Board board(options.version);
        const auto most = settings.max_connections;
        const RunContext context{options,
                                 workers_of(options.workers, settings.pipelines.size()),
                                 settings.dead_letter_retention_days,
                                 telemetry,
                                 board,
                                 clock,
                                 most > 0 ? std::make_shared<pg::ConnectionBudget>(most) : nullptr};
        ProcessRun run(context, settings, bar ? &terminal : nullptr);
        outcome = run.run();
        terminal.erase();
        if (options.summary) print_summary(context, outcome);
    }
    aws::CredentialsPool::process().observe({});
    telemetry.process_stopped(outcome.exit_code);
    return outcome;
}

}  // namespace sqs2pg::cli
