// Extending visibility, see keeper.h.
#include "pipeline/keeper.h"

#include <algorithm>
#include <map>

namespace sqs2pg::pipeline {

namespace {

constexpr std::size_t kEntriesACall = 10;
constexpr std::size_t kCallsAtOnce = 8;

}  // namespace

awaitable<void> Keeper::run() {
    auto visibility = std::chrono::seconds(state_.options.pipeline.visibility_timeout_seconds);
    auto tick = std::max<Clock::Duration>(std::chrono::milliseconds(250), Clock::Duration(visibility) / 8);
    while (!state_.finished) {
        auto next = state_.clock.now() + tick;
        while (!state_.finished && state_.clock.now() < next) co_await state_.turned.wait_until(state_.clock, next);
        to_extend_ = due(state_.clock.now());
        auto calls = (to_extend_.size() + kEntriesACall - 1) / kEntriesACall;
        extending_ = static_cast<int>(std::min(calls, kCallsAtOnce));
        for (int i = extending_; i > 0; --i) spawn_(extend_loop());
        while (extending_ > 0) co_await extended_.wait();
    }
}

awaitable<void> Keeper::extend_loop() {
    while (!to_extend_.empty() && !state_.finished) {
        // Messages may have been settled during the calls before this one.
        std::vector<std::shared_ptr<Held>> batch;
        while (!to_extend_.empty() && batch.size() < kEntriesACall) {
            if (!to_extend_.back()->gone && !to_extend_.back()->lease_lost) batch.push_back(to_extend_.back());
            to_extend_.pop_back();
        }
        if (!batch.empty()) co_await extend(std::move(batch));
    }
    --extending_;
    extended_.notify_all();
}

std::vector<std::shared_ptr<Held>> Keeper::due(Clock::Steady now) const {
    auto visibility = std::chrono::seconds(state_.options.pipeline.visibility_timeout_seconds);
    std::vector<std::shared_ptr<Held>> due;
    for (const auto& held : state_.inflight.all()) {
        bool half_over = held->lease_until - now < Clock::Duration(visibility) / 2;
        if (half_over && !held->lease_lost) due.push_back(held);
    }
    std::sort(due.begin(), due.end(), [](const auto& a, const auto& b) { return a->lease_until > b->lease_until; });
    return due;
}

awaitable<void> Keeper::extend(std::vector<std::shared_ptr<Held>> batch) {
    auto now = state_.clock.now();
    int visibility = state_.options.pipeline.visibility_timeout_seconds;
    std::vector<VisibilityChange> changes;
    std::vector<Held*> asked;
    for (const auto& held : batch) {
        auto left = std::chrono::duration_cast<std::chrono::seconds>(held->message.received_at + kVisibilityCap - now);
        auto seconds = std::min<std::int64_t>(visibility, left.count());
        if (seconds <= 0) {
            held->lease_lost = true;
            continue;
        }
        changes.push_back({held->message.receipt_handle, static_cast<int>(seconds)});
        asked.push_back(held.get());
    }
    if (changes.empty()) co_return;
    auto verdicts = co_await state_.queue.change_visibility(changes);
    if (!verdicts) {
        state_.events.visibility_extension_failed(asked.size(), verdicts.error().code);
        co_return;
    }
    std::map<std::string, std::uint64_t> failed;
    for (std::size_t i = 0; i < asked.size(); ++i) {
        bool answered = i < verdicts->size();
        if (asked[i]->gone) continue;
        if (answered && (*verdicts)[i].done) {
            asked[i]->lease_until = now + std::chrono::seconds(changes[i].visibility_timeout_seconds);
        } else {
            ++failed[answered ? (*verdicts)[i].code : "no_answer"];
            if (answered && !(*verdicts)[i].retryable) asked[i]->lease_lost = true;
        }
    }
    for (const auto& [code, entries] : failed) state_.events.visibility_extension_failed(entries, code);
}

}  // namespace sqs2pg::pipeline
