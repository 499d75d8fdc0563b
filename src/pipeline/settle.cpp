// Deletes and releases, see settle.h.
#include "pipeline/settle.h"

#include <algorithm>
#include <array>
#include <map>

namespace sqs2pg::pipeline {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kLeastDeletes = 8;    // at once, however few receives there are
constexpr std::size_t kCallsToCatchUp = 8;  // that may wait for each one that runs
constexpr std::size_t kReleasesAtOnce = 16;
constexpr int kMaxDeleteAttempts = 6;
constexpr int kHoldReleaseSeconds = 8;
constexpr Backoff kDeleteBackoff{200ms, 10s};
constexpr Backoff kDeniedBackoff{2s, 30s};

bool is_denied(const Error& error) {
    return error.kind == ErrorKind::Configuration || error.kind == ErrorKind::Credentials;
}

// An expired handle, on a FIFO queue. It belongs into the verdict on its entry, but a server may refuse the whole call
// for it: nobody has to change anything then, the one message comes again.
bool is_about_a_handle(const Error& error) {
    return error.code == "InvalidParameterValue" || error.code.starts_with("ReceiptHandleIsInvalid");
}

}  // namespace

void Settler::settle(std::span<Held* const> done) {
    waiting_.insert(waiting_.end(), done.begin(), done.end());
    const auto calls = (waiting_.size() + kEntriesACall - 1) / kEntriesACall;
    const auto most = std::min(calls, most_deletes(calls));
    while (running_ < state_.options.pipeline.max_polls && static_cast<std::size_t>(running_ - backing_off_) < most) {
        ++running_;
        spawn_(delete_loop());
    }
}

// As many as there are receives: what takes so many to come takes as many to go. More where they lag behind all the
// same. All that a commit covers at once would be as fast, on connections that are cold by the next time.
std::size_t Settler::most_deletes(std::size_t calls_waiting) const {
    const auto polls = static_cast<std::size_t>(state_.polls_running);
    return std::max({kLeastDeletes, polls, calls_waiting / kCallsToCatchUp});
}

awaitable<void> Settler::delete_loop() {
    while (!waiting_.empty()) {
        auto count = static_cast<std::ptrdiff_t>(std::min(waiting_.size(), kEntriesACall));
        OneCall batch(waiting_.begin(), waiting_.begin() + count);
        waiting_.erase(waiting_.begin(), waiting_.begin() + count);
        co_await delete_some(std::move(batch));
    }
    --running_;
    state_.changed.notify_all();
}

awaitable<void> Settler::delete_some(OneCall batch) {
    for (int attempt = 1; !batch.empty(); ++attempt) {
        boost::container::static_vector<std::string_view, kEntriesACall> handles;
        for (const auto* held : batch) handles.emplace_back(held->message.receipt_handle);
        auto verdicts = co_await state_.queue.remove(handles);
        bool dropped = !verdicts && is_about_a_handle(verdicts.error());
        bool denied = !verdicts && !dropped && is_denied(verdicts.error());
        if (verdicts) {
            state_.resume(state_.delete_pause);
            batch = sort_out(batch, *verdicts, attempt < kMaxDeleteAttempts && !state_.give_up);
        }
        if (batch.empty()) co_return;
        if (dropped && batch.size() > 1) {
            co_await delete_one_by_one(std::move(batch));
            co_return;
        }

        // A denied delete is no reason to let go: the messages would come again and again. Anything else is repaired by
        // the redelivery, which the ledger knows.
        bool again = (denied || attempt < kMaxDeleteAttempts) && !dropped && !state_.give_up;
        if (!verdicts) state_.events.delete_failed(batch.size(), verdicts.error().code, again);
        if (!again) {
            count(batch);
            co_return;
        }
        if (denied) {
            Error error = verdicts.error();
            state_.pause(
                state_.delete_pause, error,
                "allow sqs:DeleteMessage; it then ends by itself, or at once by " + state_.pipeline_command("resume"));
        }
        ++backing_off_;
        co_await state_.back_off(state_.jittered(denied ? kDeniedBackoff : kDeleteBackoff, attempt));
        --backing_off_;
    }
}

awaitable<void> Settler::delete_one_by_one(OneCall batch) {
    for (auto* held : batch) {
        OneCall one{held};
        co_await delete_some(std::move(one));
    }
}

Settler::OneCall Settler::sort_out(std::span<Held* const> batch, std::span<const EntryVerdict> verdicts,
                                   bool may_retry) {
    OneCall done;
    OneCall again;
    std::map<std::string, std::uint64_t> failed;
    for (std::size_t i = 0; i < batch.size(); ++i) {
        bool answered = i < verdicts.size();
        if (answered && verdicts[i].done) {
            done.push_back(batch[i]);
            remover_.after_delete(*batch[i]);
            continue;
        }
        ++failed[answered ? verdicts[i].code : "no_answer"];
        bool retryable = !answered || verdicts[i].retryable;
        (retryable && may_retry ? again : done).push_back(batch[i]);
    }
    for (const auto& [code, entries] : failed) state_.events.delete_failed(entries, code, !again.empty());
    count(done);
    return again;
}

void Settler::count(std::span<Held* const> done) {
    std::array<OneCall, 4> by_outcome;
    for (auto* held : done) by_outcome.at(static_cast<std::size_t>(held->outcome)).push_back(held);
    state_.finish(by_outcome[0], Outcome::Inserted);
    state_.finish(by_outcome[1], Outcome::Duplicate);
    state_.finish(by_outcome[2], Outcome::DeadLettered);
    state_.finish(by_outcome[3], Outcome::Ignored);
}

void Settler::give_back(std::span<const GiveBack> held) {
    for (const auto& one : held) {
        one.held->lease_lost = true;  // the keeper shall not hide it again
        to_release_.push_back(one);
        // Other processes hear of a hold within seconds: until then they shall not receive what this one gives back.
        if (state_.hold) to_release_.back().after_seconds = std::max(one.after_seconds, kHoldReleaseSeconds);
    }
    auto calls = (to_release_.size() + kEntriesACall - 1) / kEntriesACall;
    while (static_cast<std::size_t>(releasing_) < std::min(calls, kReleasesAtOnce)) {
        ++releasing_;
        spawn_(release_loop());
    }
}

awaitable<void> Settler::release(std::vector<Held*> held) {
    std::vector<GiveBack> all;
    all.reserve(held.size());
    for (auto* one : held) all.push_back({one});
    give_back(all);
    while (releasing_ > 0) co_await state_.changed.wait();
}

awaitable<void> Settler::release_loop() {
    while (!to_release_.empty()) {
        auto from = to_release_.size() - std::min(to_release_.size(), kEntriesACall);
        std::vector<GiveBack> batch(to_release_.begin() + static_cast<std::ptrdiff_t>(from), to_release_.end());
        to_release_.erase(to_release_.begin() + static_cast<std::ptrdiff_t>(from), to_release_.end());
        std::ranges::reverse(batch);
        std::vector<VisibilityChange> changes;
        for (const auto& one : batch) changes.push_back({one.held->message.receipt_handle, one.after_seconds});
        auto verdicts = co_await state_.queue.change_visibility(changes);
        std::vector<Held*> released;
        std::vector<Held*> lost;
        for (std::size_t i = 0; i < batch.size(); ++i) {
            bool done = verdicts && i < verdicts->size() && (*verdicts)[i].done;
            (done ? released : lost).push_back(batch[i].held);
        }
        state_.finish(released, Outcome::Released);
        state_.finish(lost, Outcome::Abandoned, "release_failed");
    }
    --releasing_;
    state_.changed.notify_all();
}

}  // namespace sqs2pg::pipeline
