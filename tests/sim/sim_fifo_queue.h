// A FIFO queue as a simulation: groups that are locked while one of their messages is in flight, receive attempts that
// can be repeated, handles that expire, and the bad days of a queue (lost replies, partial failures, throttling,
// damaged bodies), all drawn from one seed.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "pipeline/ports.h"
#include "sim/sim_clock.h"
#include "sim/sim_queue.h"

namespace sqs2pg::sim {

class SimFifoQueue final : public pipeline::QueuePort {
   public:
    SimFifoQueue(SimClock& clock, std::mt19937_64& random) : clock_(clock), random_(random) {}

    // SentTimestamps need not rise with the sequence: SQS's hosts have clocks of their own. Returns it.
    std::int64_t send(std::string id, std::string body, std::string group) {
        Message message;
        message.id = std::move(id);
        message.body = std::move(body);
        message.sent_ms = clock_.wall_ms() + static_cast<std::int64_t>(messages_.size() / 3 + random_() % 3);
        message.sequence = "188" + std::to_string(49'496'460'467'696'128u + 256 * messages_.size());
        groups_[group].push_back(messages_.size());
        message.group = std::move(group);
        messages_.push_back(std::move(message));
        return messages_.back().sent_ms;
    }

    std::function<bool(const std::string& message_id)> is_stored;
    QueueFaults faults;
    double call_refused_for_a_handle = 0;
    bool weak_lock = false;           // a message is held up only by earlier ones in flight, not by later ones
    std::uint32_t most_receives = 0;  // a redrive policy's; 0: none
    std::vector<std::string> violations;
    std::uint64_t receives = 0, repeated = 0, expired_deletes = 0;

    std::size_t left() const {
        return static_cast<std::size_t>(std::ranges::count_if(messages_, [](const auto& one) { return !one.deleted; }));
    }
    bool is_left(std::size_t index) const { return !messages_[index].deleted; }
    bool was_moved(std::size_t index) const { return messages_[index].moved; }
    std::uint32_t receive_count(std::size_t index) const { return messages_[index].receive_count; }

    awaitable<Result<std::vector<pipeline::Received>>> receive(pipeline::ReceiveRequest request) override {
        ++receives;
        if (request.attempt_id.empty()) violations.push_back("a receive without an attempt id");
        auto asked_at = clock_.now();
        auto deadline = asked_at + std::chrono::seconds(request.wait_seconds);
        for (;;) {
            co_await delay();
            if (chance(faults.throttled)) co_return fail(ErrorKind::Throttled, Stage::Receive, "ThrottlingException");
            if (chance(faults.receive_error)) co_return fail(ErrorKind::Retry, Stage::Receive, "connection_closed");
            auto indexes = receive_now(request);
            bool lost = !indexes.empty() && chance(faults.reply_lost);
            auto received = reply(indexes, asked_at);
            if (!indexes.empty()) co_await delay();
            if (lost) co_return fail(ErrorKind::Retry, Stage::Receive, "connection_closed");
            if (!received.empty() || clock_.now() >= deadline) co_return received;
            co_await clock_.sleep_for(std::chrono::milliseconds(250));
        }
    }

    awaitable<Result<std::vector<pipeline::EntryVerdict>>> remove(std::span<const std::string_view> handles) override {
        std::vector<std::string> asked(handles.begin(), handles.end());
        co_await delay();
        bool error = chance(faults.delete_call_error);
        if (error && chance(0.5)) co_return fail(ErrorKind::Retry, Stage::Settle, "timeout");
        bool all_good = std::ranges::all_of(asked, [&](const auto& handle) { return held(handle) != nullptr; });
        if (!all_good && chance(call_refused_for_a_handle)) {
            co_return fail(ErrorKind::Configuration, Stage::Settle, "InvalidParameterValue");
        }
        std::vector<pipeline::EntryVerdict> verdicts;
        for (const auto& handle : asked) {
            if (chance(faults.delete_entry_error)) {
                verdicts.push_back({false, chance(0.5), "InternalError"});
                continue;
            }
            auto* message = held(handle);
            if (message == nullptr) {
                ++expired_deletes;
                verdicts.push_back({false, false, "InvalidParameterValue"});
                continue;
            }
            if (is_stored && !is_stored(message->id)) violations.push_back(message->id + " deleted before its commit");
            message->deleted = true;
            verdicts.push_back({true, false, ""});
        }
        co_await delay();
        if (error) co_return fail(ErrorKind::Retry, Stage::Settle, "timeout");
        co_return verdicts;
    }

    awaitable<Result<std::vector<pipeline::EntryVerdict>>> change_visibility(
        std::span<const pipeline::VisibilityChange> changes) override {
        std::vector<std::pair<std::string, int>> asked;
        for (const auto& change : changes) {
            asked.emplace_back(std::string(change.receipt_handle), change.visibility_timeout_seconds);
        }
        co_await delay();
        if (chance(faults.extension_error)) co_return fail(ErrorKind::Retry, Stage::Keep, "timeout");
        std::vector<pipeline::EntryVerdict> verdicts;
        for (const auto& [handle, seconds] : asked) {
            auto* message = held(handle);
            if (message != nullptr) message->invisible_until = clock_.now() + std::chrono::seconds(seconds);
            verdicts.push_back({message != nullptr, false, message != nullptr ? "" : "InvalidParameterValue"});
        }
        co_return verdicts;
    }

    awaitable<Result<pipeline::QueueDepth>> depth() override {
        co_await delay();
        pipeline::QueueDepth depth;
        for (const auto& message : messages_) {
            if (!message.deleted) ++(is_visible(message) ? depth.visible : depth.not_visible);
        }
        co_return depth;
    }

   private:
    struct Message {
        std::string id, body, group, sequence, handle;
        std::int64_t sent_ms = 0, first_received_ms = 0;
        std::uint32_t receive_count = 0;
        Clock::Steady invisible_until{};
        bool deleted = false, moved = false;
    };
    struct Attempt {
        Clock::Steady made;
        std::vector<std::pair<std::size_t, std::string>> handles;
    };

    bool chance(double p) { return p > 0 && std::uniform_real_distribution<double>(0, 1)(random_) < p; }
    awaitable<void> delay() {
        auto milliseconds = std::chrono::milliseconds(1 + random_() % 20);
        co_await clock_.sleep_for(milliseconds);
    }
    bool is_visible(const Message& message) const { return message.invisible_until <= clock_.now(); }

    Message* held(const std::string& handle) {
        auto found = handles_.find(handle);
        if (found == handles_.end()) return nullptr;
        auto& message = messages_[found->second];
        return !message.deleted && message.handle == handle && !is_visible(message) ? &message : nullptr;
    }

    std::vector<std::size_t> receive_now(const pipeline::ReceiveRequest& request) {
        auto until = clock_.now() + std::chrono::seconds(request.visibility_timeout_seconds);
        if (auto again = repeat(request.attempt_id, until); !again.empty()) return again;
        std::vector<std::size_t> taken;
        auto most = static_cast<std::size_t>(request.max_messages);
        auto start = groups_.empty() ? 0 : random_() % groups_.size();
        for (std::size_t i = 0; i < groups_.size() && taken.size() < most; ++i) {
            auto group = std::next(groups_.begin(), static_cast<std::ptrdiff_t>((start + i) % groups_.size()));
            take_from(group->second, most, taken);
        }
        auto& attempt = attempts_[request.attempt_id];
        attempt = {clock_.now(), {}};
        for (auto index : taken) {
            auto& message = messages_[index];
            message.handle = message.id + "#" + std::to_string(++next_handle_);
            handles_[message.handle] = index;
            message.invisible_until = until;
            if (message.first_received_ms == 0) message.first_received_ms = clock_.wall_ms();
            ++message.receive_count;
            attempt.handles.emplace_back(index, message.handle);
        }
        return taken;
    }

    void take_from(const std::vector<std::size_t>& group, std::size_t most, std::vector<std::size_t>& taken) {
        auto in_flight = [&](std::size_t index) { return !messages_[index].deleted && !is_visible(messages_[index]); };
        if (!weak_lock && std::ranges::any_of(group, in_flight)) return;
        for (auto index : group) {
            auto& message = messages_[index];
            if (message.deleted) continue;
            if (!is_visible(message) || taken.size() >= most) return;
            if (most_receives > 0 && message.receive_count >= most_receives) {
                message.deleted = message.moved = true;
                continue;
            }
            taken.push_back(index);
        }
    }

    // The messages of an earlier attempt, if none of them was touched since.
    std::vector<std::size_t> repeat(const std::string& attempt_id, Clock::Steady until) {
        auto found = attempts_.find(attempt_id);
        if (found == attempts_.end() || clock_.now() - found->second.made > std::chrono::minutes(5)) return {};
        std::vector<std::size_t> indexes;
        for (const auto& [index, handle] : found->second.handles) {
            if (held(handle) == nullptr) return {};
            indexes.push_back(index);
        }
        for (auto index : indexes) messages_[index].invisible_until = until;
        repeated += indexes.empty() ? 0 : 1;
        return indexes;
    }

    std::vector<pipeline::Received> reply(const std::vector<std::size_t>& indexes, Clock::Steady asked_at) {
        std::vector<pipeline::Received> received;
        for (auto index : indexes) {
            const auto& message = messages_[index];
            pipeline::Received one;
            one.message_id = message.id;
            one.receipt_handle = message.handle;
            one.body = message.body;
            one.group_id = message.group;
            one.sequence_number = message.sequence;
            one.sent_ms = message.sent_ms;
            one.first_received_ms = message.first_received_ms;
            one.received_ms = clock_.wall_ms();
            one.receive_count = message.receive_count;
            one.received_at = asked_at;
            one.intact = !chance(faults.damaged);
            received.push_back(std::move(one));
        }
        return received;
    }

    SimClock& clock_;
    std::mt19937_64& random_;
    std::vector<Message> messages_;
    std::map<std::string, std::vector<std::size_t>> groups_;
    std::map<std::string, std::size_t> handles_;
    std::map<std::string, Attempt> attempts_;
    std::uint64_t next_handle_ = 0;
};

}  // namespace sqs2pg::sim
