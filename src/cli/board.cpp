// The pipelines' states and rates, see board.h.
#include "cli/board.h"

namespace sqs2pg::cli {

std::size_t Board::add(std::string name, std::string queue, std::string table, int workers,
                       const telemetry::PipelineEvents& events) {
    const std::lock_guard lock(mutex_);
    Entry entry{{}, &events, telemetry::Rate(), false};
    entry.view.name = std::move(name);
    entry.view.queue = std::move(queue);
    entry.view.table = std::move(table);
    entry.view.workers = workers;
    entries_.push_back(std::move(entry));
    return entries_.size() - 1;
}

void Board::describe(std::size_t pipeline, std::string queue, std::string table) {
    const std::lock_guard lock(mutex_);
    entries_.at(pipeline).view.queue = std::move(queue);
    entries_.at(pipeline).view.table = std::move(table);
}

void Board::remove(std::size_t pipeline) {
    const std::lock_guard lock(mutex_);
    entries_.at(pipeline).removed = true;
}

void Board::set(std::size_t pipeline, ops::PipelineState state, std::string cause) {
    const std::lock_guard lock(mutex_);
    entries_.at(pipeline).view.state = state;
    entries_.at(pipeline).view.cause = std::move(cause);
}

void Board::stopping() {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
}

std::shared_ptr<Heartbeat> Board::heartbeat(std::string name) {
    const std::lock_guard lock(mutex_);
    std::erase_if(heartbeats_, [](const auto& heartbeat) { return heartbeat->ended(); });
    return heartbeats_.emplace_back(std::make_shared<Heartbeat>(std::move(name)));
}

void Board::look_at_rates() {
    const auto now = std::chrono::steady_clock::now();
    const std::lock_guard lock(mutex_);
    for (auto& entry : entries_) entry.rate.look(now, entry.events->figures().settled());
}

double Board::messages_per_second() const {
    const std::lock_guard lock(mutex_);
    double sum = 0;
    for (const auto& entry : entries_) sum += entry.rate.a_second();
    return sum;
}

ops::ProcessView Board::view() const {
    const auto now = std::chrono::steady_clock::now();
    const std::lock_guard lock(mutex_);
    ops::ProcessView view;
    view.version = version_;
    view.uptime_seconds = std::chrono::duration<double>(now - started_).count();
    view.stopping = stopping_;
    for (const auto& heartbeat : heartbeats_) {
        if (heartbeat->stuck(now)) view.stuck_loops.push_back(heartbeat->name());
    }
    for (const auto& entry : entries_) {
        if (entry.removed) continue;
        view.pipelines.push_back(entry.view);
        view.pipelines.back().figures = entry.events->figures();
        view.pipelines.back().messages_per_second = entry.rate.a_second();
    }
    return view;
}

}  // namespace sqs2pg::cli
