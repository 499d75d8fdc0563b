// The states of one pipeline: starting, running, ended; see pipeline_run.h.
#include "cli/pipeline_run.h"

#include <algorithm>
#include <exception>
#include <vector>

#include <fmt/format.h>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include "cli/commands.h"
#include "cli/ledger_watch.h"
#include "cli/queue_depth.h"
#include "cli/startup.h"
#include "cli/worker_thread.h"

namespace sqs2pg::cli {

namespace asio = boost::asio;
using Steady = std::chrono::steady_clock::time_point;

struct PipelineRun::Impl : std::enable_shared_from_this<PipelineRun::Impl> {
    Impl(const RunContext& context_in, const pipeline::PipelineOptions& pipeline_in, asio::io_context& control_in,
         std::function<void()> ended_in)
        : context(context_in),
          pipeline(pipeline_in),
          control(control_in),
          tell_ended(std::move(ended_in)),
          events(context.telemetry, pipeline.name),
          board_place(context.board.add(pipeline.name, pipeline.queue, table_text(), context.workers, events)) {}

    std::string table_text() const {
        return pipeline.table.schema.empty() ? pipeline.table.table
                                             : pipeline.table.schema + "." + pipeline.table.table;
    }

    void start();
    void started(Result<Ready> result);
    void worker_ended(Status result);
    void end(ops::PipelineState state);
    void fail_with(Error failure, int code);

    const RunContext& context;
    const pipeline::PipelineOptions& pipeline;
    asio::io_context& control;
    std::function<void()> tell_ended;
    telemetry::PipelineEvents events;
    std::size_t board_place;

    asio::cancellation_signal cancel_startup;
    bool stopping = false;
    bool ended = false;
    std::optional<Error> error;
    int exit_code = kDone;

    Ready ready;  // set once, before the threads
    pipeline::SharedState shared{pipeline::BrakeOptions{.on = false}};
    std::vector<std::unique_ptr<WorkerThread>> threads;
    std::size_t threads_running = 0;
    std::unique_ptr<QueueDepthWatch> depth;
    std::unique_ptr<LedgerWatch> ledger;
    std::optional<Steady> workers_started, workers_ended;
};

void PipelineRun::Impl::start() {
    StartupEvents told{events, [this](std::string sentence) {
                           const bool there = sentence.empty();
                           context.board.set(board_place,
                                             there ? ops::PipelineState::Starting : ops::PipelineState::Waiting,
                                             std::move(sentence));
                       }};
    auto self = shared_from_this();
    asio::co_spawn(
        control, bring_up(context, pipeline, std::move(told)),
        asio::bind_cancellation_slot(cancel_startup.slot(), [self](std::exception_ptr thrown, Result<Ready> result) {
            if (self->stopping) {
                self->end(ops::PipelineState::Ended);
            } else if (thrown) {
                self->fail_with(
                    {ErrorKind::Configuration, Stage::Start, "bug", "start-up met an exception that nobody expected"},
                    kFailed);
            } else {
                self->started(std::move(result));
            }
        }));
}

void PipelineRun::Impl::started(Result<Ready> result) {
    if (!result) {
        fail_with(result.error(), worth_waiting(result.error()) ? kFailed : kUsage);
        return;
    }
    ready = std::move(*result);
    context.board.set(board_place, ops::PipelineState::Running);
    events.started(pipeline.queue, table_text(), context.workers);
    workers_started = std::chrono::steady_clock::now();
    threads_running = static_cast<std::size_t>(context.workers);
    for (int i = 0; i < context.workers; ++i) {
        WorkerPlace place{i, context.board.heartbeat(fmt::format("{} worker {}", pipeline.name, i + 1))};
        // The object outlives its threads: the destructor joins them.
        auto tell = [this](Status status) {
            asio::post(control, [this, status = std::move(status)]() mutable { worker_ended(std::move(status)); });
        };
        threads.push_back(std::make_unique<WorkerThread>(context, pipeline, ready, shared, events, std::move(place),
                                                         std::move(tell)));
    }
    if (context.options.drain && context.options.progress) {
        depth = std::make_unique<QueueDepthWatch>(control, context, ready, events);
    }
    if (!context.options.drain) ledger = std::make_unique<LedgerWatch>(control, context, events);
}

void PipelineRun::Impl::worker_ended(Status result) {
    --threads_running;
    if (!result && !error) {
        error = result.error();
        exit_code = kFailed;
        events.failed(*error);
        // The others cannot go on without it: a drain would miss what it held, a daemon would limp unseen.
        for (auto& thread : threads) thread->stop(context.options.grace);
    }
    if (threads_running > 0) return;
    workers_ended = std::chrono::steady_clock::now();
    threads.clear();
    end(error ? ops::PipelineState::Failed : ops::PipelineState::Ended);
}

void PipelineRun::Impl::fail_with(Error failure, int code) {
    error = std::move(failure);
    exit_code = code;
    events.failed(*error);
    end(ops::PipelineState::Failed);
}

void PipelineRun::Impl::end(ops::PipelineState state) {
    if (depth) depth->stop();
    if (ledger) ledger->stop();
    ended = true;
    context.board.set(board_place, state, error ? describe(*error) : std::string());
    tell_ended();
}

PipelineRun::PipelineRun(const RunContext& context, const pipeline::PipelineOptions& pipeline,
                         asio::io_context& control, std::function<void()> ended)
    : impl_(std::make_shared<Impl>(context, pipeline, control, std::move(ended))) {}

PipelineRun::~PipelineRun() = default;

void PipelineRun::start() { impl_->start(); }

void PipelineRun::stop(Clock::Duration grace) {
    if (impl_->ended || impl_->stopping) return;
    impl_->stopping = true;
    if (impl_->workers_started) {
        for (auto& thread : impl_->threads) thread->stop(grace);
    } else {
        impl_->cancel_startup.emit(asio::cancellation_type::terminal);
    }
}

PipelineOutcome PipelineRun::outcome() const {
    return {impl_->pipeline.name, impl_->events.figures(), impl_->events.dead_letters_by_reason(), impl_->error};
}

int PipelineRun::exit_code() const { return impl_->exit_code; }

std::optional<std::uint64_t> PipelineRun::total() const { return impl_->depth ? impl_->depth->total() : std::nullopt; }

double PipelineRun::seconds() const {
    if (!impl_->workers_started) return 0;
    const auto end = impl_->workers_ended.value_or(std::chrono::steady_clock::now());
    return std::chrono::duration<double>(end - *impl_->workers_started).count();
}

}  // namespace sqs2pg::cli
