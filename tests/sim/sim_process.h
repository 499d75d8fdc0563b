// One worker as a process of its own: with its own event loop, counters and view of the world, so that it can be killed
// or stopped (SIGSTOP) by itself while the others go on.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>
#include <string>

#include "pipeline/worker.h"
#include "sim/sim_clock.h"
#include "sim/sim_database.h"
#include "sim/sim_objects.h"

namespace sqs2pg::sim {

// Time stands still for the process: what it waits for arrives when it goes on.
class Stall {
   public:
    explicit Stall(SimClock& clock) : clock_(clock) {}
    void stop_for(Clock::Duration time) { until_ = std::max(until_, clock_.now() + time); }
    awaitable<void> pass() {
        while (clock_.now() < until_) co_await clock_.sleep_until(until_);
    }

   private:
    SimClock& clock_;
    Clock::Steady until_{};
};

class StallingClock final : public Clock {
   public:
    StallingClock(SimClock& clock, Stall& stall) : clock_(clock), stall_(stall) {}
    Steady now() const override { return clock_.now(); }
    std::int64_t wall_ms() const override { return clock_.wall_ms(); }
    awaitable<void> sleep_until(Steady deadline) override {
        co_await clock_.sleep_until(deadline);
        co_await stall_.pass();
    }

   private:
    SimClock& clock_;
    Stall& stall_;
};

class StallingQueue final : public pipeline::QueuePort {
   public:
    StallingQueue(pipeline::QueuePort& queue, Stall& stall) : queue_(queue), stall_(stall) {}
    awaitable<Result<std::vector<pipeline::Received>>> receive(pipeline::ReceiveRequest request) override {
        auto result = co_await queue_.receive(std::move(request));
        co_await stall_.pass();
        co_return result;
    }
    awaitable<Result<std::vector<pipeline::EntryVerdict>>> remove(std::span<const std::string_view> handles) override {
        auto result = co_await queue_.remove(handles);
        co_await stall_.pass();
        co_return result;
    }
    awaitable<Result<std::vector<pipeline::EntryVerdict>>> change_visibility(
        std::span<const pipeline::VisibilityChange> changes) override {
        auto result = co_await queue_.change_visibility(changes);
        co_await stall_.pass();
        co_return result;
    }
    awaitable<Result<pipeline::QueueDepth>> depth() override {
        auto result = co_await queue_.depth();
        co_await stall_.pass();
        co_return result;
    }

   private:
    pipeline::QueuePort& queue_;
    Stall& stall_;
};

class StallingDatabase final : public pipeline::DatabasePort {
   public:
    StallingDatabase(SimDatabase& database, Stall& stall) : database_(database), stall_(stall) {}
    awaitable<tl::expected<pipeline::WriteReport, pipeline::WriteFailure>> write(
        std::span<const pipeline::WriteEntry> entries) override {
        // In the middle too: the ledger's ids are locked, the rows not sent yet.
        auto result = co_await database_.write_in_steps(entries, [this] { return stall_.pass(); });
        co_await stall_.pass();
        co_return result;
    }
    awaitable<Status> maintain() override { return database_.maintain(); }
    awaitable<Result<std::vector<pg::TableShape>>> tables() override { return database_.tables(); }
    void write_to(std::vector<pipeline::Target> targets) override { database_.write_to(std::move(targets)); }

   private:
    SimDatabase& database_;
    Stall& stall_;
};

class StallingObjects final : public pipeline::ObjectPort {
   public:
    StallingObjects(SimObjects& objects, Stall& stall) : objects_(objects), stall_(stall) {}
    awaitable<Result<std::string>> fetch(pipeline::ObjectRef object, std::size_t most_bytes) override {
        auto result = co_await objects_.fetch(std::move(object), most_bytes);
        co_await stall_.pass();
        co_return result;
    }
    awaitable<Status> remove(pipeline::ObjectRef object) override {
        auto result = co_await objects_.remove(std::move(object));
        co_await stall_.pass();
        co_return result;
    }

   private:
    SimObjects& objects_;
    Stall& stall_;
};

class Process {
   public:
    Process(pipeline::WorkerOptions options, pipeline::MapStage map, const privacy::Sealer& sealer,
            pipeline::QueuePort& queue_port, SimDatabase& database_port, SimObjects& object_port, SimClock& clock,
            telemetry::Telemetry& telemetry, const std::string& name)
        : sim_clock_(clock),
          stall(clock),
          clock_(clock, stall),
          queue_(queue_port, stall),
          database_(database_port, stall),
          objects_(object_port, stall),
          events(telemetry, name),
          loop_(std::make_unique<boost::asio::io_context>(1)),
          worker(std::make_unique<pipeline::Worker>(std::move(options), std::move(map), sealer, queue_, database_,
                                                    clock_, events, shared, &objects_)) {
        auto run = worker->run();
        boost::asio::co_spawn(*loop_, std::move(run), [this](std::exception_ptr thrown, Status status) {
            if (thrown) std::rethrow_exception(thrown);
            ended = true;
            if (!status) error = status.error();
        });
    }
    // As kill -9.
    ~Process() {
        sim_clock_.forget_sleepers_of(*loop_);
        worker.reset();
        loop_.reset();
    }
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    void poll() {
        loop_->restart();
        loop_->poll();
    }

   private:
    SimClock& sim_clock_;

   public:
    Stall stall;

   private:
    StallingClock clock_;
    StallingQueue queue_;
    StallingDatabase database_;
    StallingObjects objects_;

   public:
    telemetry::PipelineEvents events;
    pipeline::SharedState shared;

   private:
    std::unique_ptr<boost::asio::io_context> loop_;

   public:
    std::unique_ptr<pipeline::Worker> worker;
    bool ended = false;
    std::optional<Error> error;
};

}  // namespace sqs2pg::sim
