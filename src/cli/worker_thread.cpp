// Thread, event loop and clients of one worker, see worker_thread.h.
#include "cli/worker_thread.h"

#include <exception>
#include <optional>
#include <random>
#include <thread>

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "adapters/database_on_pg.h"
#include "adapters/queue_on_sqs.h"
#include "cli/database_access.h"
#include "cli/object_access.h"
#include "cli/queue_access.h"
#include "pipeline/map.h"
#include "sqs/protocol.h"

namespace sqs2pg::cli {

namespace {

pipeline::WorkerOptions worker_options(const PipelineContext& context, const Ready& ready, const WorkerPlace& place) {
    pipeline::WorkerOptions options;
    options.pipeline = *context.settings;
    options.queue_identity = sqs::queue_identity(ready.queue_url);
    options.queue_name = sqs::queue_name_of(ready.queue_url);
    options.fifo = pipeline::is_fifo(options.queue_name);
    options.sentinel = place.index == 0;
    options.hold = place.hold;
    options.on_write_pause = place.write_pause;
    options.drain = context.run.options.drain;
    options.configuration = context.run.options.configuration;
    options.fail_on_pause = context.run.options.drain || context.run.options.fail_fast;
    options.tables = ready.tables;
    options.make_map = [context](const std::vector<pg::TableShape>& tables) {
        return pipeline::MapStage::make(*context.settings, tables, context.keys->keyring);
    };
    std::random_device device;
    options.seed = (static_cast<std::uint64_t>(device()) << 32) | device();
    return options;
}

}  // namespace

struct WorkerThread::Impl {
    // What lives on the loop, made and destroyed on its thread. Members borrow from those above them.
    struct Walk {
        Walk(Impl& impl, pipeline::MapStage map)
            : access(impl.loop.get_executor(), impl.context.settings->aws, impl.ready.endpoint, impl.context.run.clock,
                     [&impl](std::string_view operation, std::string_view outcome, double seconds) {
                         impl.events.sqs_request(operation, outcome, seconds);
                     }),
              objects(objects_of(impl, access)),
              queue(access.client, impl.ready.queue_url, impl.context.run.clock),
              database(impl.loop.get_executor(),
                       connect_options(impl.context.settings->postgres, impl.context.run.connections), map.targets()),
              worker(worker_options(impl.context, impl.ready, impl.place), std::move(map), impl.context.keys->sealer,
                     queue, database, impl.context.run.clock, impl.events, impl.shared,
                     objects ? &objects->objects : nullptr) {}

        static std::unique_ptr<ObjectAccess> objects_of(Impl& impl, QueueAccess& access) {
            const auto& pipeline = *impl.context.settings;
            if (!has_objects(pipeline)) return nullptr;
            auto count = [&impl](std::string_view operation, std::string_view outcome) {
                impl.events.s3_call(operation, outcome);
            };
            return std::make_unique<ObjectAccess>(impl.loop.get_executor(), pipeline, impl.ready.objects,
                                                  *access.credentials, impl.context.run.clock, count);
        }

        QueueAccess access;
        std::unique_ptr<ObjectAccess> objects;  // null: no message is a pointer
        adapters::QueueOnSqs queue;
        adapters::DatabaseOnPg database;
        pipeline::Worker worker;
    };

    Impl(const PipelineContext& context_in, const Ready& ready_in, pipeline::SharedState& shared_in,
         telemetry::PipelineEvents& events_in, WorkerPlace place_in, Ended ended_in)
        : context(context_in),
          ready(ready_in),
          shared(shared_in),
          events(events_in),
          place(std::move(place_in)),
          ended(std::move(ended_in)) {}

    void turn() {
        place.heartbeat->turn();
        heartbeat_timer.expires_after(Heartbeat::kTurn);
        heartbeat_timer.async_wait([this](const boost::system::error_code& error) {
            if (!error) turn();
        });
    }

    Status walk_until_ended() {
        auto map = pipeline::MapStage::make(*context.settings, ready.tables, context.keys->keyring);
        if (!map) return fail(map.error());
        Walk made(*this, std::move(*map));
        walk = &made;
        Status result;
        boost::asio::co_spawn(loop, made.worker.run(), [&](std::exception_ptr thrown, Status status) {
            result = thrown ? of(thrown) : std::move(status);
            made.access.http.close();
            if (made.objects) made.objects->http.close();
            loop.stop();  // the heartbeat and idle connections would keep it turning
        });
        turn();
        loop.run();
        walk = nullptr;
        // What was cancelled ends while its clients still live.
        loop.restart();
        heartbeat_timer.cancel();
        loop.poll();
        return result;
    }

    static Status of(std::exception_ptr thrown) {
        try {
            std::rethrow_exception(thrown);
        } catch (const std::bad_alloc&) {
            return fail(ErrorKind::Configuration, Stage::Start, "out_of_memory", "the worker ran out of memory");
        } catch (...) {
            // What it says may quote data; its type does not.
            return fail(ErrorKind::Configuration, Stage::Start, "bug",
                        "the worker met an exception that nobody expected");
        }
    }

    void main() {
        Status result;
        try {
            result = walk_until_ended();
        } catch (...) {
            result = of(std::current_exception());
        }
        place.heartbeat->end();
        ended(std::move(result));
    }

    const PipelineContext& context;
    const Ready& ready;
    pipeline::SharedState& shared;
    telemetry::PipelineEvents& events;
    WorkerPlace place;
    Ended ended;

    boost::asio::io_context loop{1};
    boost::asio::steady_timer heartbeat_timer{loop};
    Walk* walk = nullptr;  // on the loop's thread only
    std::thread thread;
};

WorkerThread::WorkerThread(const PipelineContext& context, const Ready& ready, pipeline::SharedState& shared,
                           telemetry::PipelineEvents& events, WorkerPlace place, Ended ended)
    : impl_(std::make_unique<Impl>(context, ready, shared, events, std::move(place), std::move(ended))) {
    auto* impl = impl_.get();
    impl_->thread = std::thread([impl] { impl->main(); });
}

WorkerThread::~WorkerThread() { impl_->thread.join(); }

void WorkerThread::stop(Clock::Duration grace) {
    auto* impl = impl_.get();
    boost::asio::post(impl->loop, [impl, grace] {
        if (impl->walk != nullptr) impl->walk->worker.stop(grace);
    });
}

void WorkerThread::obey(std::optional<pipeline::Hold> hold) {
    auto* impl = impl_.get();
    boost::asio::post(impl->loop, [impl, hold = std::move(hold)]() mutable {
        if (impl->walk != nullptr) impl->walk->worker.obey(std::move(hold));
    });
}

}  // namespace sqs2pg::cli
