// One pipeline of the process over its whole life: it runs, is told otherwise by a reload, fails and is tried again, or
// is taken away. What happens here stays within the pipeline. Lives on the control thread.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "cli/pipeline_run.h"

namespace sqs2pg::cli {

// Which pipeline reads which queue (as whereabouts() spells it): two on one queue would share its messages at random.
class QueueClaims {
   public:
    // The other pipeline that reads it; empty: none.
    std::string other(const std::string& queue, const std::string& pipeline) const;
    void claim(std::string queue, const std::string& pipeline);
    void release(const std::string& pipeline);

   private:
    std::map<std::string, std::string> queues_;  // by pipeline
};

// What a slot needs of the process. Everything outlives it.
struct SlotHost {
    const RunContext& context;
    boost::asio::io_context& control;
    QueueClaims& claims;
    ControlLinks& links;
    std::function<void()> ended;                    // a run ended: the process may be over
    std::function<void(const std::string&)> doubt;  // a write of this pipeline pauses; from any thread
};

class PipelineSlot {
   public:
    PipelineSlot(const SlotHost& host, PipelineJob job);
    PipelineSlot(const PipelineSlot&) = delete;
    PipelineSlot& operator=(const PipelineSlot&) = delete;

    const std::string& name() const noexcept { return name_; }
    void start();
    // Brings the pipeline up as `job` says, beside the running one; takes over when it fits and differs. A mistake in
    // it is told, and the old one goes on.
    void reload(PipelineJob job);
    // Stops in order, then is gone from the board; a reload brings it back.
    void remove(Clock::Duration grace);
    void stop(Clock::Duration grace);

    bool alive() const;  // runs, starts or waits for something: the process goes on for its sake
    bool removed() const noexcept { return removed_; }
    std::size_t fingerprint() const;  // of what it was told last
    // For a reload that a write asked for: at most one in a few seconds.
    bool may_ask_again();

    PipelineOutcome outcome() const { return current_->outcome(); }
    int exit_code() const { return current_->exit_code(); }
    std::optional<std::uint64_t> total() const { return current_->total(); }
    double seconds() const { return seconds_before_ + current_->seconds(); }

   private:
    std::size_t on_board(const config::PipelineSettings& settings);
    std::unique_ptr<PipelineRun> make(PipelineJob job);
    void begin(PipelineJob job);
    void ready(PipelineRun* run);
    void over(PipelineRun* run);
    void launch();
    bool claimed_by_other(PipelineRun& run);
    void try_again_later();
    void read_keys_later();
    void read_keys_again();
    void show(ops::PipelineState state, std::string cause);

    SlotHost host_;
    std::string name_;
    telemetry::PipelineEvents events_;
    std::size_t board_place_;
    std::unique_ptr<PipelineRun> current_;  // always there
    std::unique_ptr<PipelineRun> next_;     // brought up beside it by a reload
    std::optional<PipelineJob> pending_;    // begins when the current one has ended
    bool replacing_ = false;                // the current one ends so that next_ can begin
    bool stopping_ = false;
    bool removed_ = false;
    int failures_ = 0;  // in a row
    double seconds_before_ = 0;
    boost::asio::steady_timer retry_;
    boost::asio::steady_timer refresh_;  // of keys that AWS keeps, while workers run
    bool refreshing_ = false;            // next_ differs in its keys at most
    std::chrono::steady_clock::time_point asked_{};
};

}  // namespace sqs2pg::cli
