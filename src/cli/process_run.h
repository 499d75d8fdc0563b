// The control thread's part of a run: everything that is not a worker's. It starts the pipelines, opens the ops port,
// reads the configuration again on SIGHUP or when a write finds its table altered, and ends all in order.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "cli/pipeline_slot.h"
#include "cli/run_display.h"
#include "cli/signals.h"
#include "cli/terminal.h"
#include "ops/server.h"

namespace sqs2pg::cli {

class ProcessRun {
   public:
    // `terminal`: draw a bar there; may be null. Everything borrowed outlives the object.
    ProcessRun(const RunContext& context, const config::Settings& settings, Terminal* terminal);

    // Until every pipeline has ended, or failed for now while no other one is alive.
    RunOutcome run();

   private:
    Status open_ops();
    void one_ended();
    void stop(int signal);
    void reload();
    void reload_one(const std::string& name);
    void take(const config::Settings& settings);
    void add(PipelineJob job);
    PipelineSlot* find(std::string_view name) const;
    std::vector<PipelineJob> jobs_of(const config::Settings& settings);
    RunOutcome outcome() const;

    const RunContext& context_;
    const config::Settings& settings_;
    // The loop is destroyed after everything that uses it.
    boost::asio::io_context control_{1};
    boost::asio::steady_timer deadline_;
    QueueClaims claims_;
    ControlLinks links_;
    std::vector<std::unique_ptr<PipelineSlot>> slots_;
    RunDisplay display_;
    std::optional<Signals> signals_;
    std::unique_ptr<ops::Server> ops_;
    int signal_ = 0;
    bool stopping_ = false;
};

}  // namespace sqs2pg::cli
