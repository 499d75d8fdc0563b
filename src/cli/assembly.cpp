// One run from its keys to its exit code, see assembly.h.
#include "cli/assembly.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <memory>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "cli/commands.h"
#include "cli/control_link.h"
#include "cli/database_access.h"
#include "cli/pipeline_run.h"
#include "cli/run_context.h"
#include "cli/run_display.h"
#include "cli/signals.h"
#include "cli/terminal.h"
#include "ops/server.h"

namespace sqs2pg::cli {

namespace {

// After the grace, for threads to come back from their last requests.
constexpr std::chrono::seconds kBeyondGrace{10};
constexpr int kMostWorkersByDefault = 4;

int workers_of(const RunOptions& options, std::size_t pipelines) {
    if (options.workers > 0) return options.workers;
    const auto cores = std::max(1U, std::thread::hardware_concurrency());
    return std::clamp(static_cast<int>(cores / std::max<std::size_t>(1, pipelines)), 1, kMostWorkersByDefault);
}

// The control thread's part of a run: everything that is not a worker's.
class Run {
   public:
    Run(const RunContext& context, const config::Settings& settings, Terminal* terminal)
        : context_(context),
          settings_(settings),
          deadline_(control_),
          links_(control_, context),
          display_(control_, context, pipelines_, terminal) {}

    RunOutcome run() {
        KeySources sources;
        std::vector<std::string> warnings;
        for (const auto& settings : settings_.pipelines) {
            auto keys = sources.open(settings.keys, warnings);
            auto kept = std::make_shared<const config::PipelineSettings>(settings);
            pipelines_.push_back(std::make_unique<PipelineRun>(context_, std::move(kept), std::move(keys), control_,
                                                               links_.of(settings.postgres), [this] { one_ended(); }));
        }
        for (const auto& warning : warnings) context_.telemetry.warning(warning);
        Status opened = open_ops();
        if (!opened) {
            context_.telemetry.failure(opened.error());
            return {kFailed, 0, 0, {}};
        }
        if (context_.options.handle_signals) {
            signals_.emplace(
                control_.get_executor(), [this](int number) { stop(number); }, context_.options.before_abrupt_end);
        }
        running_ = pipelines_.size();
        for (auto& pipeline : pipelines_) pipeline->start();
        display_.start();
        control_.run();
        return outcome();
    }

   private:
    Status open_ops() {
        const auto& text = context_.options.ops.value_or(settings_.ops.listen);
        auto address = ops::parse_listen(text);
        if (!address) return fail(address.error());
        if (!*address) return {};
        auto server = ops::Server::start(**address, {[this] { return context_.board.view(); },
                                                     [this] { return context_.telemetry.prometheus_text(); }});
        if (!server) return fail(server.error());
        ops_ = std::move(*server);
        context_.telemetry.info("the ops port listens on http://" + (*address)->host + ":" +
                                std::to_string(ops_->port()));
        return {};
    }

    void one_ended() {
        --running_;
        const bool failed = std::ranges::any_of(pipelines_, [](const auto& run) { return run->exit_code() != kDone; });
        if (failed && context_.options.fail_fast) {
            for (auto& pipeline : pipelines_) pipeline->stop(context_.options.grace);
        }
        if (running_ > 0) return;
        deadline_.cancel();
        links_.stop();
        display_.stop();
        if (signals_) signals_->close();
    }

    void stop(int signal) {
        signal_ = signal;
        context_.telemetry.process_stopping(signal_name(signal));
        context_.board.stopping();
        deadline_.expires_after(context_.options.grace + kBeyondGrace);
        deadline_.async_wait([this](const boost::system::error_code& error) {
            if (error) return;
            context_.telemetry.failure({ErrorKind::Stopping, Stage::Settle, "grace_exceeded",
                                        "the orderly end took longer than its grace: ending at once; what was not "
                                        "deleted is delivered again and the ledger keeps it from being written twice"});
            if (context_.options.before_abrupt_end) context_.options.before_abrupt_end();
            end_at_once(kFailed);
        });
        for (auto& pipeline : pipelines_) pipeline->stop(context_.options.grace);
    }

    RunOutcome outcome() const {
        RunOutcome made;
        made.signal = signal_;
        for (const auto& pipeline : pipelines_) {
            made.pipelines.push_back(pipeline->outcome());
            made.seconds = std::max(made.seconds, pipeline->seconds());
            made.exit_code = std::max(made.exit_code, pipeline->exit_code());
        }
        return made;
    }

    const RunContext& context_;
    const config::Settings& settings_;
    // The loop is destroyed after everything that uses it.
    boost::asio::io_context control_{1};
    boost::asio::steady_timer deadline_;
    ControlLinks links_;
    std::vector<std::unique_ptr<PipelineRun>> pipelines_;
    RunDisplay display_;
    std::optional<Signals> signals_;
    std::unique_ptr<ops::Server> ops_;
    std::size_t running_ = 0;
    int signal_ = 0;
};

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

RunOutcome run_pipelines(const config::Settings& settings, const RunOptions& options) {
    std::signal(SIGPIPE, SIG_IGN);  // a closed connection or a closed stderr is an error code, not an end
    Terminal terminal;
    const bool bar = options.progress && options.drain && Terminal::can_redraw();
    auto log = options.log;
    if (bar && !log.sink) log.sink = [&terminal](std::string_view line) { terminal.line(line); };
    telemetry::Telemetry telemetry(log);
    telemetry.process_started(options.version, options.configuration);

    SystemClock clock;
    RunOutcome outcome;
    {
        Board board(options.version);
        const RunContext context{options,
                                 workers_of(options, settings.pipelines.size()),
                                 settings.dead_letter_retention_days,
                                 telemetry,
                                 board,
                                 clock};
        Run run(context, settings, bar ? &terminal : nullptr);
        outcome = run.run();
        terminal.erase();
        if (options.summary) print_summary(context, outcome);
    }
    telemetry.process_stopped(outcome.exit_code);
    return outcome;
}

}  // namespace sqs2pg::cli
