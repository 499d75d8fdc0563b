// Shared bookkeeping of a worker's stages, see walk_state.h.
#include "pipeline/walk_state.h"

namespace sqs2pg::pipeline {

void WalkState::begin_to_stop() {
    stopping = true;
    changed.notify_all();
    turned.notify_all();
}

void WalkState::begin_to_give_up() {
    give_up = true;
    begin_to_stop();
}

void WalkState::finish_all() {
    finished = true;
    changed.notify_all();
    turned.notify_all();
}

void WalkState::finish(std::span<Held* const> done, Outcome outcome, std::string_view cause) {
    if (done.empty()) return;
    switch (outcome) {
        case Outcome::Inserted:
            events.inserted(done.size());
            break;
        case Outcome::Duplicate:
            events.duplicate(done.size());
            break;
        case Outcome::DeadLettered:
            events.dead_lettered(done.size());
            break;
        case Outcome::Ignored:
            events.ignored(done.size());
            break;
        case Outcome::Released:
            events.released(done.size());
            break;
        case Outcome::Abandoned:
            events.abandoned(done.size(), cause);
            break;
    }
    events.in_flight(-static_cast<std::int64_t>(done.size()));
    for (auto* held : done) inflight.remove(*held);
    changed.notify_all();
}

void WalkState::pause(std::optional<Error>& slot, const Error& error, std::string_view how_to_end) {
    if (!slot) {
        slot = error;
        events.paused(error, how_to_end);
    }
    if (options.fail_on_pause && !fatal) {
        fatal = error;
        begin_to_give_up();
    }
    changed.notify_all();
    turned.notify_all();
}

void WalkState::resume(std::optional<Error>& slot) {
    if (!slot) return;
    slot.reset();
    if (paused() || receive_pause) return;
    events.resumed();
    changed.notify_all();
    turned.notify_all();
}

awaitable<void> WalkState::back_off(Clock::Duration delay) {
    auto deadline = clock.now() + delay;
    bool was_stopping = stopping;
    while (clock.now() < deadline && stopping == was_stopping && !give_up) co_await turned.wait_until(clock, deadline);
}

}  // namespace sqs2pg::pipeline
