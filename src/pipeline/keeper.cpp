// Extending visibility, see keeper.h.
#include "pipeline/keeper.h"

#include <algorithm>
#include <map>

namespace sqs2pg::pipeline {

namespace {

constexpr std::size_t kEntriesACall = 10;
constexpr std::size_t kCallsARound = 8;
constexpr std::size_t kMostCalls = 24;  // those included that got no answer yet

}  // namespace

// The looks do not wait for the calls: one that stalls, for as long as the client's attempts may take, would otherwise
// cost every other message its lease.
awaitable<void> Keeper::run() {
    auto visibility = std::chrono::seconds(state_.options.pipeline.visibility_timeout_seconds);
    auto tick = std::max<Clock::Duration>(std::chrono::milliseconds(250), Clock::Duration(visibility) / 8);
    while (!state_.finished) {
        auto next = state_.clock.now() + tick;
        while (!state_.finished && state_.clock.now() < next) co_await state_.turned.wait_until(state_.clock, next);
        begin_round(due(state_.clock.now()));
    }
}

void Keeper::begin_round(Round round) {
    auto wanted = (round.size() + kEntriesACall - 1) / kEntriesACall;
    auto calls = std::min({wanted, kCallsARound, kMostCalls - calls_});
    if (calls == 0) return;
    for (const auto& held : round) held->asked_at = state_.clock.now();
    auto shared = std::make_shared<Round>(std::move(round));
    calls_ += calls;
    for (; calls > 0; --calls) spawn_(extend_loop(shared));
}

awaitable<void> Keeper::extend_loop(std::shared_ptr<Round> round) {
    while (!round->empty() && !state_.finished) {
        // Messages may have been settled, or extended by a later round, during the calls before this one.
        std::vector<std::shared_ptr<Held>> batch;
        while (!round->empty() && batch.size() < kEntriesACall) {
            const auto& held = round->back();
            if (!held->gone && !held->lease_lost && half_over(*held)) batch.push_back(held);
            round->pop_back();
        }
        if (!batch.empty()) co_await extend(std::move(batch));
    }
    --calls_;
}

bool Keeper::half_over(const Held& held) const {
    auto visibility = std::chrono::seconds(state_.options.pipeline.visibility_timeout_seconds);
    return held.lease_until - state_.clock.now() < Clock::Duration(visibility) / 2;
}

Keeper::Round Keeper::due(Clock::Steady now) const {
    // An answer that has not come by the next look is not waited for: the extension is asked for in another call too.
    auto visibility = Clock::Duration(std::chrono::seconds(state_.options.pipeline.visibility_timeout_seconds));
    auto patience = visibility * 3 / 32;  // less than the time between two looks
    Round due;
    state_.inflight.each([&](Held& held) {
        bool asked = held.asked_at != Clock::Steady{} && now - held.asked_at < patience;
        if (half_over(held) && !held.lease_lost && !asked) due.push_back(state_.inflight.kept(held));
    });
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
    for (auto* held : asked) held->asked_at = now;
    auto verdicts = co_await state_.queue.change_visibility(changes);
    for (auto* held : asked) {
        if (held->asked_at == now) held->asked_at = {};
    }
    if (!verdicts) {
        state_.events.visibility_extension_failed(asked.size(), verdicts.error().code);
        co_return;
    }
    std::map<std::string, std::uint64_t> failed;
    for (std::size_t i = 0; i < asked.size(); ++i) {
        bool answered = i < verdicts->size();
        if (asked[i]->gone) continue;
        if (answered && (*verdicts)[i].done) {
            auto until = now + std::chrono::seconds(changes[i].visibility_timeout_seconds);
            asked[i]->lease_until = std::max(asked[i]->lease_until, until);
        } else {
            ++failed[answered ? (*verdicts)[i].code : "no_answer"];
            if (answered && !(*verdicts)[i].retryable) asked[i]->lease_lost = true;
        }
    }
    for (const auto& [code, entries] : failed) state_.events.visibility_extension_failed(entries, code);
}

}  // namespace sqs2pg::pipeline
