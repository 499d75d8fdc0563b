// The polls of one worker, see receive.h.
#include "pipeline/receive.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace sqs2pg::pipeline {

namespace {

using namespace std::chrono_literals;

constexpr int kFullReply = 10;
constexpr int kFewPolls = 16;  // are worth it wherever the queue is
constexpr int kEmptyRepliesToDrain = 3;
constexpr Backoff kFailureBackoff{200ms, 20s};
constexpr Backoff kPauseBackoff{2s, 30s};
constexpr auto kParkCheck = 250ms;
constexpr auto kLongestParkCheck = 2000ms;
// A receive that runs while the pipeline is told to hold still may bring something for so long; what comes later is
// given back, so that a pause is obeyed within the promised five seconds and not within a long poll.
constexpr auto kReplyGrace = 1500ms;
constexpr auto kDrainPause = 20ms;
constexpr auto kDrainInvisiblePause = 500ms;
constexpr auto kAttemptMemory = 4min;  // SQS: five
constexpr auto kLeastBlockedDrain = 10s;
// Messages that wait for their object, at most: more of them would be better off with another process.
constexpr std::size_t kMostInLine = 100;

bool needs_somebody(ErrorKind kind) { return kind == ErrorKind::Configuration || kind == ErrorKind::Credentials; }

}  // namespace

void Receiver::start() {
    started_ = state_.clock.now();
    ensure_polls();
}

void Receiver::ensure_polls() {
    while (state_.polls_running < wanted_ && !state_.stopping) {
        ++state_.polls_running;
        spawn_(poll_loop());
    }
}

std::size_t Receiver::expected_reply_bytes() const { return usual_bytes_ * kFullReply; }

bool Receiver::has_room() const {
    const auto& limits = state_.options.pipeline;
    auto polls = static_cast<std::size_t>(requests_) + 1;
    if (state_.inflight.count() + polls * kFullReply > limits.max_in_flight) return false;
    if (state_.objects && state_.line.size() + polls * kFullReply > kMostInLine) return false;
    // One poll is always allowed when nothing is held: a message larger than the bound must get through.
    if (state_.inflight.count() == 0 && requests_ == 0) return true;
    return state_.inflight.bytes() + polls * expected_reply_bytes() <= limits.max_in_flight_bytes;
}

awaitable<void> Receiver::wait_for_turn() {
    while (!state_.stopping && (!state_.receives() || !has_room())) {
        // Nothing else is held, so nothing makes room before this is written.
        if (state_.gathered.size() >= state_.inflight.count()) state_.enough.notify_all();
        co_await state_.changed.wait();
    }
    bool park = !state_.options.sentinel && !state_.options.drain && empty_replies_ > 0;
    // A flood is answered within the first look; the longer the silence, the fewer the looks.
    auto look_after = kParkCheck;
    while (park && !state_.stopping && !state_.shared.busy.load(std::memory_order_relaxed)) {
        co_await state_.turned.wait_until(state_.clock, state_.clock.now() + look_after);
        look_after = std::min(2 * look_after, kLongestParkCheck);
    }
}

awaitable<void> Receiver::poll_loop() {
    while (!state_.stopping && state_.polls_running <= wanted_) {
        co_await wait_for_turn();
        state_.heed_brake();
        if (state_.stopping || !has_room() || !state_.receives()) continue;
        const auto& pipeline = state_.options.pipeline;
        Clock::Steady next{};
        const int asked = state_.shared.rate.take(state_.clock.now(), next);
        if (asked == 0) {
            co_await state_.turned.wait_until(state_.clock, next);
            continue;
        }
        auto attempt = next_attempt();
        ReceiveRequest request{asked, state_.options.drain ? 0 : pipeline.long_poll_seconds,
                               pipeline.visibility_timeout_seconds, attempt.id};
        ++requests_;
        const auto asked_at = state_.clock.now();
        auto reply = co_await state_.queue.receive(std::move(request));
        --requests_;
        if (!reply || reply->empty()) state_.shared.rate.settle(asked, 0);
        if (!reply) {
            if (state_.options.fifo) lost_attempts_.push_back(std::move(attempt));
            Error error = reply.error();
            co_await after_failure(std::move(error));
            continue;
        }
        failures_ = 0;
        state_.resume(state_.receive_pause);
        if (state_.shared.blocked.count() > 0 && state_.shared.blocked.forget_old(state_.clock.now())) {
            state_.events.blocked_groups(state_.shared.blocked.count());
        }
        if (reply->empty()) {
            co_await after_empty_reply();
            continue;
        }
        empty_replies_ = 0;
        bool full = reply->size() >= static_cast<std::size_t>(kFullReply);
        if (state_.options.fifo) {
            for (auto& message : *reply) message.received_at = std::min(message.received_at, attempt.since);
        }
        const auto rows = take_in(std::move(*reply));
        state_.shared.rate.settle(asked, rows);
        if (full) {
            answers_.full_reply(state_.clock.now() - asked_at);
            if (auto appetite = std::exchange(state_.appetite, std::nullopt)) follow(*appetite);
        } else {
            wanted_ = std::max(1, wanted_ - 1);
        }
        if (state_.options.sentinel && wanted_ > 1) state_.shared.busy.store(true, std::memory_order_relaxed);
        ensure_polls();
    }
    --state_.polls_running;
    state_.changed.notify_all();
}

// As many polls as keep the writer fed: a slow queue is asked by many at a time, a fast one by few.
void Receiver::follow(Appetite appetite) {
    if (appetite == Appetite::More && wanted_ >= kFewPolls && answers_.crowded()) appetite = Appetite::Same;
    // Multiplied until there are enough for the first time, for each step takes as long as an answer; after that one
    // transaction's luck shall not undo much.
    starting_ = appetite == Appetite::More && (starting_ || wanted_ == 1);
    const int step = std::max(1, wanted_ / 8);
    if (appetite == Appetite::More) {
        const int times = answers_.far() ? 4 : 2;
        wanted_ = std::min(state_.options.pipeline.max_polls, starting_ ? times * wanted_ : wanted_ + step);
    } else if (appetite == Appetite::AFew) {
        const int few = std::min(state_.options.pipeline.max_polls, kFewPolls);
        wanted_ = std::max(wanted_, std::min(wanted_ + 1, few));
    } else if (appetite == Appetite::Less) {
        wanted_ = std::max(1, wanted_ - step);
    }
}

Receiver::Attempt Receiver::next_attempt() {
    if (!state_.options.fifo) return {};
    auto now = state_.clock.now();
    auto visibility = std::chrono::seconds(state_.options.pipeline.visibility_timeout_seconds);
    // Later than that the messages are about to be visible again anyway, or SQS has forgotten the attempt.
    auto window = std::min<Clock::Duration>(kAttemptMemory, Clock::Duration(visibility) / 2);
    std::erase_if(lost_attempts_, [&](const Attempt& lost) { return now - lost.since >= window; });
    if (!lost_attempts_.empty()) {
        auto lost = std::move(lost_attempts_.back());
        lost_attempts_.pop_back();
        return lost;
    }
    return {fmt::format("{:016x}{:016x}", state_.random(), state_.random()), now};
}

awaitable<void> Receiver::after_failure(Error error) {
    wanted_ = error.kind == ErrorKind::Throttled ? std::max(1, wanted_ / 2) : 1;
    ++failures_;
    bool somebody = needs_somebody(error.kind);
    auto delay = state_.jittered(somebody ? kPauseBackoff : kFailureBackoff, failures_);
    if (somebody) {
        state_.pause(state_.receive_pause, error,
                     "it ends by itself once a receive succeeds; " + state_.command("check") + " says what is wrong, " +
                         state_.pipeline_command("resume") + " tries again at once");
    } else {
        state_.events.receive_failed(error, std::chrono::duration<double>(delay).count());
    }
    co_await state_.back_off(delay);
}

awaitable<void> Receiver::after_empty_reply() {
    wanted_ = 1;
    ++empty_replies_;
    if (state_.options.sentinel) state_.shared.busy.store(false, std::memory_order_relaxed);
    if (!state_.options.drain) co_return;
    if (state_.inflight.count() > 0) empty_replies_ = 0;
    if (empty_replies_ < kEmptyRepliesToDrain) {
        co_await state_.back_off(kDrainPause);
        co_return;
    }
    bool drained = co_await is_drained();
    if (drained) {
        state_.events.drained();
        state_.begin_to_stop();
        co_return;
    }
    empty_replies_ = 0;
    if (is_blocked_for_good()) co_return;
    co_await state_.back_off(kDrainInvisiblePause);
}

// A drain ends although the queue is not empty when only blocked groups seem to be left.
bool Receiver::is_blocked_for_good() {
    auto blocked = state_.shared.blocked.count();
    if (blocked == 0 || state_.inflight.count() > 0 || state_.stopping) return false;
    // What a worker that died has held comes again after its visibility timeout.
    auto visibility = std::chrono::seconds(state_.options.pipeline.visibility_timeout_seconds);
    auto patience = std::max<Clock::Duration>(kLeastBlockedDrain, Clock::Duration(visibility)) + kLeastBlockedDrain;
    auto since = std::max(state_.shared.last_commit.load(), started_);
    if (state_.clock.now() - since < patience) return false;
    state_.fatal = Error{ErrorKind::BadMessage, Stage::Write, "blocked_groups",
                         fmt::format("{} message group(s) are blocked by a bad message each, and what is behind it "
                                     "stays in the queue: mend the configuration or the table, delete the bad "
                                     "messages from the queue, or say `bad_message: skip`",
                                     blocked)};
    state_.begin_to_stop();
    return true;
}

awaitable<bool> Receiver::is_drained() {
    auto depth = co_await state_.queue.depth();
    if (!depth) {
        Error error = depth.error();
        co_await after_failure(std::move(error));
        co_return false;
    }
    co_return depth->visible == 0 && depth->not_visible == 0 && state_.inflight.count() == 0;
}

namespace {

// Both are decimal numbers of up to 39 digits.
bool is_less(std::string_view a, std::string_view b) {
    auto trim = [](std::string_view& number) {
        number.remove_prefix(std::min(number.find_first_not_of('0'), number.size()));
    };
    trim(a);
    trim(b);
    return a.size() != b.size() ? a.size() < b.size() : a < b;
}

}  // namespace

// SQS hands a group's messages over in the order of their SequenceNumbers; that order is the one we keep. A server
// whose numbers say something else is not believed twice, but it shall be known.
void Receiver::warn_of_unordered_reply(std::span<const Received> messages) {
    for (std::size_t i = 1; i < messages.size() && !warned_of_order_; ++i) {
        const auto& later = messages[i];
        for (const auto& earlier : messages.first(i)) {
            if (earlier.group_id != later.group_id || is_less(earlier.sequence_number, later.sequence_number)) continue;
            if (earlier.sequence_number.empty() || later.sequence_number.empty()) continue;
            warned_of_order_ = true;
        }
    }
    if (!warned_of_order_) return;
    state_.events.warning(
        "the queue's SequenceNumbers do not rise in the order in which it hands out a group's messages, as those of "
        "Amazon SQS do; the order of its replies is kept");
}

bool Receiver::walk_on(Held& held) {
    if (state_.objects != nullptr) {
        if (auto object = plan_.object_of(held)) {
            fetcher_.add(held, std::move(*object));
            return true;
        }
    }
    if (!plan_.make_row(held)) return false;
    if (!fetcher_.add_behind(held)) state_.gathered.push_back(&held);
    return true;
}

std::size_t Receiver::take_in(std::vector<Received> messages) {
    std::size_t rows = 0;
    state_.events.received(messages.size());
    state_.events.in_flight(static_cast<std::int64_t>(messages.size()));
    seen_ += messages.size();
    const auto visibility = std::chrono::seconds(state_.options.pipeline.visibility_timeout_seconds);
    state_.heed_brake();
    std::size_t largest = 0;
    std::vector<Held*> damaged;
    std::vector<Held*> undated;
    const bool too_late = state_.hold && state_.clock.now() - state_.held_since > kReplyGrace;
    std::vector<Held*> ignored;
    std::vector<Held*> behind;  // what is behind one of those in its group of a FIFO queue
    std::vector<SharedText> groups_left;
    const bool blocks = state_.options.fifo && state_.options.pipeline.bad_message == OnBadMessage::Block;
    if (state_.options.fifo && !warned_of_order_) warn_of_unordered_reply(messages);
    for (auto& held : state_.inflight.add(std::move(messages), visibility)) {
        largest = std::max(largest, held.message.bytes());
        bool usable = held.message.intact && held.message.sent_ms > 0;
        if (state_.options.fifo && std::ranges::find(groups_left, held.message.group_id) != groups_left.end()) {
            behind.push_back(&held);
        } else if (too_late) {
            held.give_back = true;
            state_.gathered.push_back(&held);
        } else if (!usable) {
            (held.message.intact ? undated : damaged).push_back(&held);
            if (state_.options.fifo) groups_left.push_back(held.message.group_id);
        } else {
            held.key = ledger_key(state_.options.queue_identity, held.message.message_id, held.message.sent_ms);
            // A message that blocks its group comes again and again: the brake counts it once.
            held.judged = blocks && held.message.receive_count > 1;
            if (!walk_on(held)) {
                held.outcome = Outcome::Ignored;
                held.committed = true;
                ignored.push_back(&held);
                ++rows;
                continue;
            }
            rows += held.row ? held.row->rows() : 1;
        }
    }
    usual_bytes_ = std::max(largest, usual_bytes_ - usual_bytes_ / 16);
    state_.finish(damaged, Outcome::Abandoned, "bad_md5");
    const std::vector<const BadMessage*> good(ignored.size(), nullptr);
    state_.judge(JudgedAt::Receive, good);
    if (!ignored.empty()) settler_.settle(ignored);
    state_.finish(behind, Outcome::Abandoned, "group_order");
    if (!undated.empty()) {
        state_.finish(undated, Outcome::Abandoned, "no_sent_timestamp");
        Error error{
            ErrorKind::Configuration, Stage::Receive, "no_sent_timestamp",
            "the queue sent a message without a SentTimestamp, which the ledger's key needs; the message was neither "
            "written nor deleted"};
        state_.pause(state_.message_pause, error,
                     "use a queue service that sends SentTimestamp, then " + state_.pipeline_command("resume"));
    }
    warn_of_unmatched_paths();
    state_.more_gathered();
    return rows;
}

void Receiver::warn_of_unmatched_paths() {
    if (seen_ < next_path_check_) return;
    next_path_check_ = 2 * seen_;
    auto uses = plan_.path_use();
    warned_paths_.resize(uses.size());
    for (std::size_t i = 0; i < uses.size(); ++i) {
        if (warned_paths_[i] || uses[i].present > 0 || uses[i].absent < kPathCheckAfter) continue;
        warned_paths_[i] = true;
        state_.events.path_never_matched(uses[i].path, uses[i].absent);
    }
}

}  // namespace sqs2pg::pipeline
