// What a run shows while it works: the bar on a terminal, or a log line now and then, a few looks a second on the
// control thread's loop.
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "cli/pipeline_slot.h"
#include "cli/progress.h"
#include "cli/run_context.h"
#include "cli/terminal.h"

namespace sqs2pg::cli {

class RunDisplay {
   public:
    // `terminal`: draw a bar there; nullptr: log. Everything borrowed outlives the object.
    RunDisplay(boost::asio::io_context& control, const RunContext& context,
               const std::vector<std::unique_ptr<PipelineSlot>>& runs, Terminal* terminal);

    void start();
    void stop();  // leaves the bar of a finished drain, takes any other away

   private:
    void tick();
    void leave_last_bar();
    void draw();
    void log(std::chrono::steady_clock::time_point now);
    ProgressView view() const;

    boost::asio::steady_timer timer_;
    const RunContext& context_;
    const std::vector<std::unique_ptr<PipelineSlot>>& runs_;
    Terminal* terminal_;
    std::chrono::steady_clock::time_point last_rate_{}, last_line_{};
    std::uint64_t last_logged_ = 0;
    bool stopped_ = false;
};

}  // namespace sqs2pg::cli
