// Shared bookkeeping of a worker's stages, see walk_state.h.
#include "pipeline/walk_state.h"

#include <fmt/format.h>

#include "pipeline/pace.h"

namespace sqs2pg::pipeline {

void WalkState::begin_to_stop() {
    stopping = true;
    changed.notify_all();
    enough.notify_all();
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

void WalkState::more_gathered() {
    if (gathered.size() >= worth_a_transaction(options.pipeline.max_batch_rows)) enough.notify_all();
    changed.notify_all();
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
    if (slot && slot->code != error.code) events.resumed(*slot);  // another cause than before
    if (!slot || slot->code != error.code) {
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
    events.resumed(*slot);
    slot.reset();
    changed.notify_all();
    turned.notify_all();
}

namespace {

Error error_of(const Hold& hold) { return {ErrorKind::Configuration, Stage::Receive, hold.cause, hold.detail}; }

}  // namespace

void WalkState::obey(std::optional<Hold> told) {
    if (hold && told && hold->cause == told->cause) {
        hold = std::move(told);  // the brake's own hold, confirmed; or a sentence that was made better
        return;
    }
    if (hold) events.resumed(error_of(*hold));
    hold = std::move(told);
    ++turns;
    if (hold) {
        held_since = clock.now();
        events.paused(error_of(*hold), hold->how_to_end);
        if (options.fail_on_pause && !fatal && !stopping) {
            fatal = error_of(*hold);
            fatal->detail += "; to end the pause: " + hold->how_to_end;
            begin_to_stop();  // what is held is written all the same
        }
    } else {
        for (auto* slot : {&write_pause, &delete_pause, &receive_pause, &fetch_pause, &message_pause}) resume(*slot);
    }
    changed.notify_all();
    turned.notify_all();
}

void WalkState::judge(JudgedAt point, std::span<const BadMessage* const> verdicts) {
    auto sentence = shared.brake.add(point, verdicts);
    if (!sentence) return;
    Hold told{std::string(kBrakeCause), std::move(*sentence), pipeline_command("resume")};
    if (shared.brake_port != nullptr) shared.brake_port->tripped(told);
    obey(std::move(told));
}

void WalkState::heed_brake() {
    if (hold) return;
    if (auto sentence = shared.brake.tripped()) {
        obey(Hold{std::string(kBrakeCause), std::move(*sentence), pipeline_command("resume")});
    }
}

void WalkState::forget_pauses() {
    if (hold) events.ended_paused(error_of(*hold));
    for (auto* slot : {&write_pause, &delete_pause, &receive_pause, &fetch_pause, &message_pause}) {
        if (*slot) events.ended_paused(**slot);
        slot->reset();
    }
    hold.reset();
}

std::string WalkState::command(std::string_view verb) const {
    const auto& file = options.configuration;
    return fmt::format("`sqs2pg {} -c {}`", verb, file.empty() ? "FILE" : file);
}

std::string WalkState::pipeline_command(std::string_view verb) const {
    return command(fmt::format("{} {}", verb, options.pipeline.name));
}

awaitable<void> WalkState::back_off(Clock::Duration delay) {
    auto deadline = clock.now() + delay;
    bool was_stopping = stopping;
    auto turn = turns;
    while (clock.now() < deadline && stopping == was_stopping && turns == turn && !give_up) {
        co_await turned.wait_until(clock, deadline);
    }
}

}  // namespace sqs2pg::pipeline
