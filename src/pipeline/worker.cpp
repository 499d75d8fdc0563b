// The worker: puts the stages together, starts them and waits for their end. See worker.h.
#include "pipeline/worker.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <utility>

#include "pipeline/fetch.h"
#include "pipeline/keeper.h"
#include "pipeline/object_remover.h"
#include "pipeline/receive.h"
#include "pipeline/settle.h"
#include "pipeline/table_plan.h"
#include "pipeline/walk_state.h"
#include "pipeline/write.h"

namespace sqs2pg::pipeline {

namespace {

using namespace std::chrono_literals;

constexpr auto kMaintenanceInterval = 1h;
constexpr auto kMaintenanceRetry = 1min;

}  // namespace

struct Worker::Impl {
    WorkerOptions options;
    WalkState state;
    TablePlan plan;
    std::optional<boost::asio::any_io_executor> executor;
    ObjectRemover remover;
    Settler settler;
    Fetcher fetcher;
    Receiver receiver;
    Writer writer;
    Keeper keeper;
    int active = 0;                // coroutines that were started and have not ended
    std::exception_ptr exception;  // a bug, or memory that ran out

    Impl(WorkerOptions worker_options, MapStage map_stage, const privacy::Sealer& sealer, QueuePort& queue,
         DatabasePort& database, ObjectPort* objects, Clock& clock, telemetry::PipelineEvents& events,
         SharedState& shared)
        : options(std::move(worker_options)),
          state(options, queue, database, objects, clock, events, shared),
          plan(state, std::move(map_stage)),
          remover(state, spawner()),
          settler(state, remover, spawner()),
          fetcher(state, plan, settler, spawner()),
          receiver(state, plan, fetcher, settler, spawner()),
          writer(state, settler, plan, sealer),
          keeper(state, spawner()) {}

    std::function<void(awaitable<void>)> spawner() {
        return [this](awaitable<void> task) { spawn(std::move(task)); };
    }

    void spawn(awaitable<void> task) {
        ++active;
        boost::asio::co_spawn(*executor, std::move(task), [this](std::exception_ptr thrown) {
            --active;
            if (thrown && !exception) {
                exception = thrown;
                state.begin_to_give_up();
            }
            state.changed.notify_all();
        });
    }

    bool nothing_left() const {
        return state.polls_running == 0 && state.gathered.empty() && !state.writing && settler.idle() &&
               remover.idle() && state.inflight.count() == 0;
    }

    awaitable<void> maintenance() {
        while (!state.finished) {
            auto done = co_await state.database.maintain();
            if (!done) state.events.maintenance_failed(done.error());
            auto next =
                state.clock.now() + (done ? Clock::Duration(kMaintenanceInterval) : Clock::Duration(kMaintenanceRetry));
            while (!state.finished && state.clock.now() < next) co_await state.turned.wait_until(state.clock, next);
        }
    }

    awaitable<void> give_up_at(Clock::Steady deadline) {
        while (!state.finished && state.clock.now() < deadline) co_await state.turned.wait_until(state.clock, deadline);
        state.begin_to_give_up();
    }

    void stop(Clock::Duration grace) {
        if (state.stopping) return;
        // The last fifth of the grace is for giving back what could not be written; no time mends a pause.
        if (executor) spawn(give_up_at(state.clock.now() + grace * 4 / 5));
        state.begin_to_stop();
        if (state.paused()) state.begin_to_give_up();
    }

    awaitable<Status> run() {
        executor = co_await boost::asio::this_coro::executor;
        if (options.sentinel) spawn(maintenance());
        spawn(writer.run());
        spawn(keeper.run());
        if (state.objects != nullptr) spawn(fetcher.run());
        if (options.hold) state.obey(std::exchange(options.hold, std::nullopt));
        receiver.start();
        while (!((state.stopping && nothing_left()) || exception)) co_await state.changed.wait();
        state.finish_all();
        while (active > 0 && !exception) co_await state.changed.wait();
        state.forget_pauses();
        if (exception) std::rethrow_exception(exception);
        if (state.fatal) co_return fail(*state.fatal);
        co_return Status{};
    }
};

Worker::Worker(WorkerOptions options, MapStage map, const privacy::Sealer& sealer, QueuePort& queue,
               DatabasePort& database, Clock& clock, telemetry::PipelineEvents& events, SharedState& shared,
               ObjectPort* objects)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(map), sealer, queue, database, objects, clock, events,
                                   shared)) {}

Worker::~Worker() = default;

awaitable<Status> Worker::run() { return impl_->run(); }

void Worker::stop(Clock::Duration grace) { impl_->stop(grace); }

void Worker::obey(std::optional<Hold> hold) { impl_->state.obey(std::move(hold)); }

}  // namespace sqs2pg::pipeline
