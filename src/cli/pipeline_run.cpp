// The states of one pipeline: starting, running, ended; see pipeline_run.h.
#include "cli/pipeline_run.h"

#include <algorithm>
#include <exception>
#include <utility>
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

struct PipelineRun::Impl final : pipeline::BrakePort, std::enable_shared_from_this<PipelineRun::Impl> {
    Impl(const RunContext& run, std::shared_ptr<const config::PipelineSettings> settings,
         Result<std::shared_ptr<const OpenKeys>> keys, asio::io_context& control_in, ControlLink& link_in,
         std::function<void()> ended_in)
        : context{run, std::move(settings), keys ? *keys : nullptr},
          pipeline(*context.settings),
          control(control_in),
          link(link_in),
          tell_ended(std::move(ended_in)),
          events(run.telemetry, pipeline.name),
          board_place(run.board.add(pipeline.name, pipeline.queue, table_text(), run.workers, events)) {
        if (!keys) keys_error = keys.error();
    }

    std::string table_text() const {
        std::vector<std::string> names;
        for (const auto& route : pipeline.routes) names.push_back(pg::shown(route.table));
        return fmt::format("{}", fmt::join(names, ", "));
    }

    void start();
    void started(Result<Ready> result);
    void obey(std::optional<pipeline::Hold> told);
    void tripped(pipeline::Hold told) override;
    void start_workers();
    void worker_ended(Status result);
    void end(ops::PipelineState state);
    void fail_with(Error failure, int code);

    const PipelineContext context;
    const config::PipelineSettings& pipeline;
    std::optional<Error> keys_error;
    asio::io_context& control;
    ControlLink& link;
    std::function<void()> tell_ended;
    telemetry::PipelineEvents events;
    std::size_t board_place;

    asio::cancellation_signal cancel_startup;
    bool stopping = false;
    bool ended = false;
    std::optional<Error> error;
    int exit_code = kDone;

    Ready ready;  // set once, before the threads
    pipeline::SharedState shared{pipeline.brake, this};
    std::uint64_t seat = 0;              // at the link
    bool asks_for_state = false;         // everything is ready but what was decided about the pipeline
    std::optional<pipeline::Hold> hold;  // what was decided
    std::vector<std::unique_ptr<WorkerThread>> threads;
    std::size_t threads_running = 0;
    std::unique_ptr<QueueDepthWatch> depth;
    std::unique_ptr<LedgerWatch> ledger;
    std::optional<Steady> workers_started, workers_ended;
};

void PipelineRun::Impl::start() {
    if (keys_error) {
        asio::post(control, [self = shared_from_this()] { self->fail_with(*self->keys_error, kUsage); });
        return;
    }
    StartupEvents told{events, [this](std::string sentence) {
                           const bool there = sentence.empty();
                           context.run.board.set(board_place,
                                                 there ? ops::PipelineState::Starting : ops::PipelineState::Waiting,
                                                 std::move(sentence));
                       }};
    auto self = shared_from_this();
    asio::co_spawn(
        control, bring_up(context, std::move(told)),
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
    asks_for_state = true;
    context.run.board.set(board_place, ops::PipelineState::Waiting,
                          "waiting for the database: is the pipeline paused?");
    seat = link.add(pipeline.name, [self = shared_from_this()](std::optional<pipeline::Hold> told) {
        if (!self->ended) self->obey(std::move(told));
    });
}

void PipelineRun::Impl::obey(std::optional<pipeline::Hold> told) {
    if (!told) shared.brake.release();
    hold = std::move(told);
    if (std::exchange(asks_for_state, false)) return start_workers();
    for (auto& thread : threads) thread->obey(hold);
}

// From a worker's thread.
void PipelineRun::Impl::tripped(pipeline::Hold told) {
    asio::post(control, [self = shared_from_this(), told = std::move(told)]() mutable {
        if (self->hold || self->ended) return;
        self->link.tripped(self->pipeline.name, told.detail);
        self->obey(std::move(told));
    });
}

void PipelineRun::Impl::start_workers() {
    context.run.board.set(board_place, ops::PipelineState::Running);
    events.started(pipeline.queue, table_text(), context.run.workers);
    workers_started = std::chrono::steady_clock::now();
    threads_running = static_cast<std::size_t>(context.run.workers);
    for (int i = 0; i < context.run.workers; ++i) {
        WorkerPlace place{i, context.run.board.heartbeat(fmt::format("{} worker {}", pipeline.name, i + 1)), hold};
        // The object outlives its threads: the destructor joins them.
        auto tell = [this](Status status) {
            asio::post(control, [this, status = std::move(status)]() mutable { worker_ended(std::move(status)); });
        };
        threads.push_back(
            std::make_unique<WorkerThread>(context, ready, shared, events, std::move(place), std::move(tell)));
    }
    if (context.run.options.drain && context.run.options.progress) {
        depth = std::make_unique<QueueDepthWatch>(control, context, ready, events);
    }
    if (!context.run.options.drain) ledger = std::make_unique<LedgerWatch>(control, context, events);
}

void PipelineRun::Impl::worker_ended(Status result) {
    --threads_running;
    if (!result && !error) {
        error = result.error();
        exit_code = kFailed;
        events.failed(*error);
        // The others cannot go on without it: a drain would miss what it held, a daemon would limp unseen.
        for (auto& thread : threads) thread->stop(context.run.options.grace);
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
    link.release(pipeline.name, seat);
    context.run.board.set(board_place, state, error ? describe(*error) : std::string());
    tell_ended();
}

PipelineRun::PipelineRun(const RunContext& context, std::shared_ptr<const config::PipelineSettings> settings,
                         Result<std::shared_ptr<const OpenKeys>> keys, asio::io_context& control, ControlLink& link,
                         std::function<void()> ended)
    : impl_(std::make_shared<Impl>(context, std::move(settings), std::move(keys), control, link, std::move(ended))) {}

PipelineRun::~PipelineRun() = default;

void PipelineRun::start() { impl_->start(); }

void PipelineRun::stop(Clock::Duration grace) {
    if (impl_->ended || impl_->stopping) return;
    impl_->stopping = true;
    if (impl_->workers_started) {
        for (auto& thread : impl_->threads) thread->stop(grace);
    } else if (impl_->asks_for_state) {
        impl_->end(ops::PipelineState::Ended);
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
