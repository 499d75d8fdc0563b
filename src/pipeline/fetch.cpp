// Fetching the bodies of pointers, see fetch.h.
#include "pipeline/fetch.h"

#include <algorithm>
#include <utility>

#include "pipeline/envelope.h"

namespace sqs2pg::pipeline {

namespace {

using namespace std::chrono_literals;

constexpr int kFetchesAtOnce = 16;
constexpr int kTriesWhileHeld = 3;
constexpr std::size_t kLeastBytes = 64u << 10;
constexpr Backoff kRetryBackoff{200ms, 20s};
constexpr Backoff kDeniedBackoff{2s, 30s};

}  // namespace

void Fetcher::add(Held& held, ObjectRef object) {
    const auto most = state_.options.pipeline.max_unwrapped_bytes;
    const auto expected = object.claimed_bytes > 0 ? object.claimed_bytes : 2 * usual_bytes_;
    held.object = std::make_unique<HeldObject>(HeldObject{std::move(object), {}, false});
    state_.line.add(held, std::min(most, std::max(kLeastBytes, expected)), false);
}

bool Fetcher::add_behind(Held& held) {
    if (!state_.options.fifo || !state_.line.holds_up(held.message.group_id)) return false;
    state_.line.add(held, 0, true);
    return true;
}

awaitable<void> Fetcher::run() {
    while (!state_.finished) {
        if (state_.give_up) {
            give_back(state_.line.take_all());
        } else {
            begin_fetches();
        }
        co_await state_.changed.wait();
    }
}

// What is in work beside the line frees room when it is done; when there is nothing, one object of any size may come.
bool Fetcher::has_room(std::size_t bytes) const {
    const bool idle = running_ == 0 && state_.gathered.empty() && !state_.writing && settler_.idle();
    return idle || state_.inflight.bytes() + bytes <= state_.options.pipeline.max_in_flight_bytes;
}

// Strictly in order, so that on a FIFO queue nothing that has come waits for what finds no room.
void Fetcher::begin_fetches() {
    while (running_ < kFetchesAtOnce && !(state_.fetch_pause && running_ > 0)) {
        auto* entry = state_.line.next();
        if (entry == nullptr) return;
        auto& held = *entry->held;
        if (held.lease_lost || state_.clock.now() >= held.lease_until) {
            let_go(entry->ticket);
            continue;
        }
        if (!has_room(entry->bytes)) return;
        entry->started = true;
        ++running_;
        state_.inflight.charge_object(held, entry->bytes);
        spawn_(fetch(entry->ticket, held.object->ref, entry->bytes));
    }
}

awaitable<void> Fetcher::fetch(std::uint64_t ticket, ObjectRef object, std::size_t bytes) {
    for (int attempt = 1;; ++attempt) {
        auto body = co_await state_.objects->fetch(object, bytes);
        auto* entry = state_.line.find(ticket);
        if (entry == nullptr) break;  // given back meanwhile
        if (body) {
            state_.resume(state_.fetch_pause);
            arrived(ticket, std::move(*body));
            break;
        }
        Error error = body.error();
        const auto most = state_.options.pipeline.max_unwrapped_bytes;
        if (error.code == kObjectTooLarge && bytes < most) {
            // It comes to its turn again when there is room for the largest one that is allowed.
            entry->bytes = most;
            entry->started = false;
            break;
        }
        if (error.kind == ErrorKind::BadMessage) {
            state_.resume(state_.fetch_pause);
            refuse(ticket, error);
            break;
        }
        const bool again = co_await after_failure(ticket, std::move(error), attempt);
        if (!again) break;
    }
    --running_;
    state_.changed.notify_all();
}

awaitable<bool> Fetcher::after_failure(std::uint64_t ticket, Error error, int attempt) {
    const bool somebody = error.kind == ErrorKind::Configuration || error.kind == ErrorKind::Credentials;
    const auto delay = state_.jittered(somebody ? kDeniedBackoff : kRetryBackoff, attempt);
    if (state_.hold && (somebody || attempt >= kTriesWhileHeld)) {
        give_back(state_.line.take_with_followers(ticket, state_.options.fifo));
        co_return false;
    }
    if (somebody) {
        state_.pause(state_.fetch_pause, error,
                     "allow s3:GetObject on the bucket's objects (and s3:ListBucket on the bucket, without which S3 "
                     "answers the same for an object that is absent), and kms:Decrypt for its key; it then ends by "
                     "itself, or at once by " +
                         state_.pipeline_command("resume"));
        // No time will mend it, so a worker that stops gives the messages back at once.
        if (state_.stopping) state_.begin_to_give_up();
    } else {
        state_.events.object_failed(error, std::chrono::duration<double>(delay).count());
    }
    co_await state_.back_off(delay);
    co_return state_.line.find(ticket) != nullptr;
}

void Fetcher::arrived(std::uint64_t ticket, std::string body) {
    auto& held = *state_.line.find(ticket)->held;
    usual_bytes_ = std::max(body.size(), usual_bytes_ - usual_bytes_ / 16);
    state_.inflight.charge_object(held, body.size());
    held.object->body = std::move(body);
    held.object->arrived = true;
    if (plan_.make_row(held)) {
        state_.line.find(ticket)->ready = true;
        if (held.row && held.row->rows() > 1) state_.shared.rate.settle(0, held.row->rows() - 1);
        move_ready();
        return;
    }
    state_.line.take_with_followers(ticket, false);
    held.outcome = Outcome::Ignored;
    held.committed = true;
    Held* const ignored[] = {&held};
    const BadMessage* const good[] = {nullptr};
    state_.judge(JudgedAt::Receive, good);
    settler_.settle(ignored);
    move_ready();
}

void Fetcher::refuse(std::uint64_t ticket, const Error& error) {
    auto* entry = state_.line.find(ticket);
    state_.inflight.charge_object(*entry->held, 0);
    entry->held->bad = std::make_unique<BadMessage>(bad_envelope("s3-pointer: " + error.detail));
    entry->ready = true;
    move_ready();
}

void Fetcher::move_ready() {
    const auto ready = state_.line.take_ready(state_.options.fifo);
    state_.gathered.insert(state_.gathered.end(), ready.begin(), ready.end());
    if (!ready.empty()) state_.more_gathered();
}

void Fetcher::give_back(std::span<Held* const> held) {
    std::vector<GiveBack> all;
    for (auto* one : held) all.push_back({one});
    if (!all.empty()) settler_.give_back(all);
}

// Its lease is over before its turn has come.
void Fetcher::let_go(std::uint64_t ticket) {
    auto left = state_.line.take_with_followers(ticket, state_.options.fifo);
    state_.finish({left.data(), 1}, Outcome::Abandoned, "lease_lost");
    give_back(std::span<Held* const>(left).subspan(1));
}

}  // namespace sqs2pg::pipeline
