// One worker on a thread of its own: event loop, HTTP connections, database connection and the walk
// (pipeline::Worker) on them.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "cli/run_context.h"
#include "cli/startup.h"
#include "pipeline/options.h"
#include "pipeline/worker.h"

namespace sqs2pg::cli {

struct WorkerPlace {
    int index = 0;  // within the pipeline; the first keeps the long poll of an idle queue
    std::shared_ptr<Heartbeat> heartbeat;
    std::optional<pipeline::Hold> hold;  // told to hold still before it starts
    std::function<void()> write_pause;   // told, on the worker's thread, while a write waits for somebody
};

class WorkerThread {
   public:
    // Called once, from the worker's thread, when the walk has ended: with its error, if it failed.
    using Ended = std::function<void(Status)>;

    // Starts at once. Everything borrowed outlives the object.
    WorkerThread(const PipelineContext& context, const Ready& ready, pipeline::SharedState& shared,
                 telemetry::PipelineEvents& events, WorkerPlace place, Ended ended);
    ~WorkerThread();  // waits for the thread: stop() first, unless it has ended
    WorkerThread(const WorkerThread&) = delete;
    WorkerThread& operator=(const WorkerThread&) = delete;

    // Begins the orderly end; from any thread.
    void stop(Clock::Duration grace);
    // Hold still, or with nullopt go on; from any thread. See pipeline::Worker.
    void obey(std::optional<pipeline::Hold> hold);

   private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace sqs2pg::cli
