// The states of one run: preparing, prepared, running, ended; see pipeline_run.h.
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
#include "cli/worker_thread.h"

namespace sqs2pg::cli {

namespace asio = boost::asio;
using Steady = std::chrono::steady_clock::time_point;

std::string table_text(const config::PipelineSettings& pipeline) {
    std::vector<std::string> names;
    for (const auto& route : pipeline.routes) names.push_back(pg::shown(route.table));
    return fmt::format("{}", fmt::join(names, ", "));
}

struct PipelineRun::Impl final : pipeline::BrakePort, std::enable_shared_from_this<PipelineRun::Impl> {
    Impl(const RunContext& run, PipelineJob job, asio::io_context& control_in, ControlLink& link_in,
         Listener listener_in)
        : context{run, std::move(job.settings), job.keys ? *job.keys : nullptr, job.keys_since},
          pipeline(*context.settings),
          control(control_in),
          link(link_in),
          listener(std::move(listener_in)),
          events(run.telemetry, pipeline.name) {
        if (!job.keys) keys_error = job.keys.error();
    }

    void prepare();
    void prepared(Result<Ready> result);
    void launch();
    void obey(std::optional<pipeline::Hold> told);
    void tripped(pipeline::Hold told) override;
    void start_workers();
    void worker_ended(Status result);
    void end(ops::PipelineState state);
    void fail_with(Error failure, int code);
    void tell_state(ops::PipelineState state, std::string cause) const {
        if (!detached) listener.state(state, std::move(cause));
    }

    PipelineContext context;  // complete once prepared
    const config::PipelineSettings& pipeline;
    std::optional<Error> keys_error;
    asio::io_context& control;
    ControlLink& link;
    Listener listener;
    telemetry::PipelineEvents events;

    asio::cancellation_signal cancel_startup;
    bool detached = false;  // the PipelineRun is gone; a start-up may still be on its way back
    bool preparing = false;
    bool stopping = false;
    bool ended = false;
    std::optional<Error> error;
    int exit_code = kDone;

    Ready ready;  // set once, before the threads
    pipeline::SharedState shared{pipeline.brake, this, pipeline.max_rows_per_second};
    std::uint64_t seat = 0;              // at the link
    bool asks_for_state = false;         // everything is ready but what was decided about the pipeline
    std::optional<pipeline::Hold> hold;  // what was decided
    std::vector<std::unique_ptr<WorkerThread>> threads;
    std::size_t threads_running = 0;
    std::unique_ptr<QueueDepthWatch> depth;
    std::unique_ptr<LedgerWatch> ledger;
    std::optional<Steady> workers_started, workers_ended;
};

void PipelineRun::Impl::prepare() {
    preparing = true;
    if (keys_error) {
        asio::post(control, [self = shared_from_this()] { self->fail_with(*self->keys_error, kUsage); });
        return;
    }
    StartupEvents told{events, [this](std::string sentence) {
                           const bool there = sentence.empty();
                           tell_state(there ? ops::PipelineState::Starting : ops::PipelineState::Waiting,
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
                self->prepared(std::move(result));
            }
        }));
}

void PipelineRun::Impl::prepared(Result<Ready> result) {
    if (!result) {
        fail_with(result.error(), worth_waiting(result.error()) ? kFailed : kUsage);
        return;
    }
    preparing = false;
    ready = std::move(*result);
    context.keys = ready.keys;
    if (!detached) listener.ready();
}

void PipelineRun::Impl::launch() {
    asks_for_state = true;
    tell_state(ops::PipelineState::Waiting, "waiting for the database: is the pipeline paused?");
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
    tell_state(ops::PipelineState::Running, {});
    events.started(pipeline.queue, table_text(pipeline), context.run.workers);
    workers_started = std::chrono::steady_clock::now();
    threads_running = static_cast<std::size_t>(context.run.workers);
    for (int i = 0; i < context.run.workers; ++i) {
        WorkerPlace place{i, context.run.board.heartbeat(fmt::format("{} worker {}", pipeline.name, i + 1)), hold,
                          listener.write_pause};
        // The object outlives its threads: the destructor joins them.
        auto tell = [this](Status status) {
            asio::post(control, [self = shared_from_this(), status = std::move(status)]() mutable {
                self->worker_ended(std::move(status));
            });
        };
        threads.push_back(
            std::make_unique<WorkerThread>(context, ready, shared, events, std::move(place), std::move(tell)));
    }
    if (context.run.options.drain && context.run.options.progress) {
        depth = std::make_unique<QueueDepthWatch>(control, context, ready, events);
    }
    if (!context.run.options.drain) ledger = std::make_unique<LedgerWatch>(control, context);
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
    if (ended) return;
    error = std::move(failure);
    exit_code = code;
    events.failed(*error);
    end(ops::PipelineState::Failed);
}

void PipelineRun::Impl::end(ops::PipelineState state) {
    if (ended) return;
    if (depth) depth->stop();
    if (ledger) ledger->stop();
    ended = true;
    link.release(pipeline.name, seat);
    preparing = false;
    tell_state(state, error ? describe(*error) : std::string());
    // The listener may let go of the run.
    asio::post(control, [self = shared_from_this()] {
        if (!self->detached) self->listener.ended();
    });
}

PipelineRun::PipelineRun(const RunContext& context, PipelineJob job, asio::io_context& control, ControlLink& link,
                         Listener listener)
    : impl_(std::make_shared<Impl>(context, std::move(job), control, link, std::move(listener))) {}

PipelineRun::~PipelineRun() {
    impl_->detached = true;
    if (impl_->preparing) stop(Clock::Duration{0});
}

void PipelineRun::prepare() { impl_->prepare(); }

void PipelineRun::launch() { impl_->launch(); }

void PipelineRun::refuse(Error error) { impl_->fail_with(std::move(error), kUsage); }

void PipelineRun::stop(Clock::Duration grace) {
    if (impl_->ended || impl_->stopping) return;
    impl_->stopping = true;
    if (impl_->workers_started) {
        for (auto& thread : impl_->threads) thread->stop(grace);
    } else if (impl_->preparing && !impl_->keys_error) {
        impl_->cancel_startup.emit(asio::cancellation_type::terminal);
    } else {
        impl_->end(ops::PipelineState::Ended);
    }
}

bool PipelineRun::launched() const { return impl_->workers_started.has_value() || impl_->asks_for_state; }

bool PipelineRun::stopping() const { return impl_->stopping; }

bool PipelineRun::ended() const { return impl_->ended; }

const config::PipelineSettings& PipelineRun::settings() const { return impl_->pipeline; }

std::shared_ptr<const config::PipelineSettings> PipelineRun::shared_settings() const { return impl_->context.settings; }

const Ready& PipelineRun::world() const { return impl_->ready; }

bool PipelineRun::same_as(const PipelineRun& other) const {
    const auto& one = *impl_;
    const auto& two = *other.impl_;
    return one.pipeline.fingerprint == two.pipeline.fingerprint && one.ready.queue_url == two.ready.queue_url &&
           one.ready.tables == two.ready.tables && same_keys(one.context.keys->keyring, two.context.keys->keyring);
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
