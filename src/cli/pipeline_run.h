// One run of a pipeline: its start-up, its worker threads and its end. Lives on the control thread's event loop; a
// failure stays within it. What comes after it is pipeline_slot.h's.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/io_context.hpp>

#include "cli/control_link.h"
#include "cli/run_context.h"
#include "cli/startup.h"
#include "ops/routes.h"
#include "pipeline/ports.h"

namespace sqs2pg::cli {

// What a pipeline is told. Without keys its run ends with their error as soon as it is prepared; with null the start-up
// fetches them, as AWS has them at `keys_since` or later.
struct PipelineJob {
    std::shared_ptr<const config::PipelineSettings> settings;
    Result<std::shared_ptr<const OpenKeys>> keys;
    Clock::Steady keys_since{};
};

// The table's name as the user wrote it.
std::string table_text(const config::PipelineSettings& pipeline);

class PipelineRun {
   public:
    // Called on the control thread, but for write_pause: from any.
    struct Listener {
        std::function<void(ops::PipelineState, std::string cause)> state;
        std::function<void()> ready;  // prepared: launch(), refuse() or stop() is next
        std::function<void()> ended;  // once; outcome() and exit_code() say how
        std::function<void()> write_pause;
    };

    // Everything borrowed outlives the object.
    PipelineRun(const RunContext& context, PipelineJob job, boost::asio::io_context& control, ControlLink& link,
                Listener listener);
    ~PipelineRun();
    PipelineRun(const PipelineRun&) = delete;
    PipelineRun& operator=(const PipelineRun&) = delete;

    // Looks at keys, queue, database and table; waits for what only time can mend.
    void prepare();
    // Starts the workers.
    void launch();
    // Ends a prepared run with this configuration error instead.
    void refuse(Error error);
    // The orderly end: workers get `grace`, a start-up is given up. Does nothing once it has ended.
    void stop(Clock::Duration grace);

    bool launched() const;
    bool stopping() const;
    bool ended() const;
    const config::PipelineSettings& settings() const;
    std::shared_ptr<const config::PipelineSettings> shared_settings() const;
    const Ready& world() const;  // once prepared
    // Both were prepared, and workers of one would do just what those of the other do.
    bool same_as(const PipelineRun& other) const;

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
