// What leaves the line of work on a FIFO queue, and what it takes along, see write.h.
#include <algorithm>

#include "pipeline/write.h"

namespace sqs2pg::pipeline {

namespace {

using namespace std::chrono_literals;

constexpr int kLongestBlockSeconds = 60;

// A second at first, since what a row refers to may be about to be written; each receive doubles it. Counted by the
// queue, so that all workers and processes agree.
int block_seconds(std::uint32_t receive_count) {
    auto doublings = std::min(receive_count, 7u);
    return doublings == 0 ? 1 : std::min(kLongestBlockSeconds, 1 << (doublings - 1));
}

std::vector<GiveBack> at_once(std::span<Held* const> held) {
    std::vector<GiveBack> all;
    all.reserve(held.size());
    for (auto* one : held) all.push_back({one});
    return all;
}

}  // namespace

bool Writer::blocks() const {
    return state_.options.fifo && state_.options.pipeline.bad_message == OnBadMessage::Block;
}

// Everything of these groups that still waits, taken out of the line: it has to go back to the queue, which hands it
// out again behind what left.
std::vector<Held*> Writer::take_behind(const std::set<SharedText>& groups) {
    std::vector<Held*> behind;
    auto leaves = [&](const Held* held) { return groups.contains(held->message.group_id); };
    for (auto piece = pending_.rbegin(); piece != pending_.rend(); ++piece) {
        auto taken = piece->take_out([&](Twins twins) { return leaves(twins.front()); });
        behind.insert(behind.end(), taken.begin(), taken.end());
    }
    std::erase_if(pending_, [](const Batch& piece) { return piece.empty(); });
    std::deque<Held*> kept;
    for (auto* held : state_.gathered) {
        if (leaves(held)) {
            behind.push_back(held);
        } else {
            kept.push_back(held);
        }
    }
    state_.gathered.swap(kept);
    auto fetching = state_.line.take_groups(groups);
    behind.insert(behind.end(), fetching.begin(), fetching.end());
    return behind;
}

// Before each attempt: a message that another worker may hold by now is not written any more (its queue may have moved
// it on), and with `bad_message: block`, or while the brake holds, neither is a bad one. Both take along what is behind
// them.
void Writer::keep_order(Batch& piece) {
    auto visibility = std::chrono::seconds(state_.options.pipeline.visibility_timeout_seconds);
    auto sure_until = state_.clock.now() + std::min<Clock::Duration>(2s, Clock::Duration(visibility) / 10);
    auto is_lost = [&](const Held* held) { return held->lease_lost || held->lease_until <= sure_until; };
    bool keeps_bad = blocks() || (state_.hold && state_.hold->keeps_bad_messages());
    std::set<SharedText> left;
    std::vector<Held*> lost;
    std::vector<GiveBack> back;
    piece.take_out([&](Twins twins) {
        const Held& first = *twins.front();
        int after_seconds = 0;
        if (left.empty() || !left.contains(first.message.group_id)) {
            bool gone = std::ranges::all_of(twins, is_lost);
            if (!gone && !(keeps_bad && first.bad)) return false;
            left.insert(first.message.group_id);
            if (gone) {
                lost.insert(lost.end(), twins.begin(), twins.end());
                return true;
            }
            if (blocks()) {
                after_seconds = block_seconds(twins.back()->message.receive_count);
                say_blocked(first, after_seconds);
            }
        }
        for (auto* held : twins) back.push_back({held, after_seconds});
        return true;
    });
    if (left.empty()) return;
    auto behind = at_once(take_behind(left));
    back.insert(back.end(), behind.begin(), behind.end());
    state_.finish(lost, Outcome::Abandoned, "lease_lost");
    settler_.give_back(back);
}

// What came after the pipeline was told to hold still, and what is behind it.
void Writer::give_late_ones_back_in_order(std::vector<Held*>& held) {
    std::set<SharedText> left;
    std::vector<Held*> back;
    std::erase_if(held, [&](Held* one) {
        if (one->give_back) left.insert(one->message.group_id);
        if (left.empty() || !left.contains(one->message.group_id)) return false;
        back.push_back(one);
        return true;
    });
    if (left.empty()) return;
    auto behind = take_behind(left);
    back.insert(back.end(), behind.begin(), behind.end());
    settler_.give_back(at_once(back));
}

void Writer::let_go(const Batch& batch, std::string_view cause) {
    std::vector<Held*> behind;
    if (state_.options.fifo) {
        std::set<SharedText> left;
        for (const auto* held : batch.all()) left.insert(held->message.group_id);
        behind = take_behind(left);
    }
    state_.finish(batch.all(), Outcome::Abandoned, cause);
    settler_.give_back(at_once(behind));
}

void Writer::say_blocked(const Held& held, int after_seconds) {
    auto& blocked = state_.shared.blocked;
    bool is_new = blocked.block(held.message.group_id, state_.clock.now());
    if (is_new) {
        state_.events.group_blocked(held.bad->reason, held.bad->place, held.message.message_id, after_seconds);
    }
    state_.events.blocked_groups(blocked.count());
}

void Writer::note_progress(const Batch& batch) {
    state_.shared.last_commit = state_.clock.now();
    auto& blocked = state_.shared.blocked;
    if (blocked.count() == 0) return;
    bool any = false;
    for (const auto* held : batch.all()) any = blocked.passed(held->message.group_id) || any;
    if (any) state_.events.blocked_groups(blocked.count());
}

}  // namespace sqs2pg::pipeline
