// Where every pipeline of the process stands, for the ops port and the progress: written by the control thread and the
// workers, read from any. Also the heartbeat of the event loops.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "ops/routes.h"
#include "telemetry/events.h"
#include "telemetry/rate.h"

namespace sqs2pg::cli {

// One event loop's sign of life. Its thread calls turn() every kTurn.
class Heartbeat {
   public:
    static constexpr std::chrono::seconds kTurn{5};
    static constexpr std::chrono::seconds kStuckAfter{30};

    explicit Heartbeat(std::string name) : name_(std::move(name)) { turn(); }

    void turn() noexcept { last_.store(std::chrono::steady_clock::now(), std::memory_order_relaxed); }
    bool ended() const noexcept { return ended_.load(std::memory_order_relaxed); }
    void end() noexcept { ended_.store(true, std::memory_order_relaxed); }
    bool stuck(std::chrono::steady_clock::time_point now) const noexcept {
        return !ended_.load(std::memory_order_relaxed) && now - last_.load(std::memory_order_relaxed) > kStuckAfter;
    }
    const std::string& name() const noexcept { return name_; }

   private:
    std::string name_;
    std::atomic<std::chrono::steady_clock::time_point> last_{};
    std::atomic<bool> ended_{false};
};

class Board {
   public:
    explicit Board(std::string version) : version_(std::move(version)) {}

    // One line a pipeline, in the configuration's order; the number names it from then on. `events` outlives the board.
    std::size_t add(std::string name, std::string queue, std::string table, int workers,
                    const telemetry::PipelineEvents& events);
    // What it is told by now, after a reload.
    void describe(std::size_t pipeline, std::string queue, std::string table);
    // Gone from every view; its number is not used again.
    void remove(std::size_t pipeline);
    void set(std::size_t pipeline, ops::PipelineState state, std::string cause = {});
    void stopping();
    std::shared_ptr<Heartbeat> heartbeat(std::string name);

    // Takes a sample for the rates; once a second or so.
    void look_at_rates();
    // Settled messages a second of all pipelines together.
    double messages_per_second() const;

    ops::ProcessView view() const;

   private:
    struct Entry {
        ops::PipelineView view;
        const telemetry::PipelineEvents* events;
        telemetry::Rate rate;
        bool removed = false;
    };

    const std::string version_;
    const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
    mutable std::mutex mutex_;
    std::vector<Entry> entries_;                          // under mutex_
    std::vector<std::shared_ptr<Heartbeat>> heartbeats_;  // under mutex_
    bool stopping_ = false;                               // under mutex_
};

}  // namespace sqs2pg::cli
