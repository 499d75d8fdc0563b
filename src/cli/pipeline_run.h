// One pipeline of a run: its start-up, its worker threads and its end. Lives on the control thread's event loop; a
// failure stays within it.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include <boost/asio/io_context.hpp>

#include "cli/control_link.h"
#include "cli/run_context.h"
#include "pipeline/ports.h"

namespace sqs2pg::cli {

class PipelineRun {
   public:
    // Without keys it ends with their error as soon as it starts. `ended` is called once, on the control thread.
    // Everything borrowed outlives the object.
    PipelineRun(const RunContext& context, std::shared_ptr<const config::PipelineSettings> settings,
                Result<std::shared_ptr<const OpenKeys>> keys, boost::asio::io_context& control, ControlLink& link,
                std::function<void()> ended);
    ~PipelineRun();
    PipelineRun(const PipelineRun&) = delete;
    PipelineRun& operator=(const PipelineRun&) = delete;

    void start();
    // The orderly end: workers get `grace`, a start-up is given up. Does nothing once it has ended.
    void stop(Clock::Duration grace);

    PipelineOutcome outcome() const;
    int exit_code() const;  // 0, 1 when it failed while running, 2 when its start-up found a mistake
    // Messages of the whole drain, done and still in the queue, as last asked; nothing while that is unknown.
    std::optional<std::uint64_t> total() const;
    double seconds() const;  // from the workers' start to their end, or to now

   private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace sqs2pg::cli
