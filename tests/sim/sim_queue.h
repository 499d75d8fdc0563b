// The queue as a simulation: SQS's promises and its bad days (duplicates, lost replies, partial failures, throttling,
// damaged bodies, redelivery after a delete), all drawn from one seed.
#pragma once

#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "pipeline/ports.h"
#include "sim/sim_clock.h"

namespace sqs2pg::sim {

struct QueueFaults {
    double receive_error = 0;  // nothing happened
    double reply_lost = 0;     // received and counted, but the reply is an error
    double throttled = 0;
    double damaged = 0;            // MD5 does not match
    double delivered_twice = 0;    // visible again at once although received
    double delete_call_error = 0;  // the call fails; half of the time it was done all the same
    double delete_entry_error = 0;
    double back_after_delete = 0;  // a deleted message comes again (once)
    double extension_error = 0;
    // Each so-manyth call: no answer for 30 s, as long as the client's attempts take. Never twice in a row for a
    // message.
    unsigned stalled_extensions = 0;
    bool deny_deletes = false;
};

class SimQueue final : public pipeline::QueuePort {
   public:
    SimQueue(SimClock& clock, std::mt19937_64& random) : clock_(clock), random_(random) {}

    void send(std::string id, std::string body) {
        Message message;
        message.id = std::move(id);
        message.body = std::move(body);
        message.sent_ms = clock_.wall_ms() + ahead_ms - static_cast<std::int64_t>(random_() % 100'000);
        messages_.push_back(std::move(message));
    }

    std::int64_t sent_ms_of_last() const { return messages_.back().sent_ms; }

    // The oracle asks, before each delete, whether the message is safely stored.
    std::function<bool(const std::string& message_id)> is_stored;
    QueueFaults faults;
    std::vector<std::string> violations;
    std::uint64_t receives = 0, empty_receives = 0, deletes = 0, extensions = 0, releases = 0;
    std::int64_t ahead_ms = 0;  // by what its SentTimestamps are wrong
    std::size_t most_polls_at_once = 0, most_deletes_at_once = 0;
    std::chrono::microseconds quickest{1000}, slowest{20'000};  // answers
    std::chrono::microseconds for_each_other{0};                // so much longer for each receive under way

    std::size_t left() const {
        std::size_t count = 0;
        for (const auto& message : messages_) count += message.deleted ? 0 : 1;
        return count;
    }
    bool is_visible(const std::string& id) const {
        for (const auto& message : messages_) {
            if (message.id == id) return !message.deleted && message.invisible_until <= clock_.now();
        }
        return false;
    }

    awaitable<Result<std::vector<pipeline::Received>>> receive(pipeline::ReceiveRequest request) override {
        ++polls_;
        most_polls_at_once = std::max(most_polls_at_once, polls_);
        auto asked_at = clock_.now();
        auto result = co_await receive_now(request, asked_at);
        auto deadline = asked_at + std::chrono::seconds(request.wait_seconds);
        while (result && result->empty() && clock_.now() < deadline) {
            co_await clock_.sleep_for(std::chrono::milliseconds(250));
            result = co_await receive_now(request, asked_at);
        }
        --polls_;
        ++receives;
        if (result && result->empty()) ++empty_receives;
        co_return result;
    }

    awaitable<Result<std::vector<pipeline::EntryVerdict>>> remove(std::span<const std::string_view> handles) override {
        ++deletes;
        const Counted counted(deletes_, most_deletes_at_once);
        std::vector<std::string> asked(handles.begin(), handles.end());
        co_await delay();
        if (faults.deny_deletes) co_return fail(ErrorKind::Configuration, Stage::Settle, "AccessDenied");
        bool error = chance(faults.delete_call_error);
        if (error && chance(0.5)) co_return fail(ErrorKind::Retry, Stage::Settle, "timeout");
        std::vector<pipeline::EntryVerdict> verdicts;
        for (const auto& handle : asked) {
            if (chance(faults.delete_entry_error)) {
                verdicts.push_back({false, chance(0.5), "InternalError"});
                continue;
            }
            remove_one(handle);
            verdicts.push_back({true, false, ""});
        }
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
        if (stalls(asked)) {
            co_await clock_.sleep_for(std::chrono::seconds(30));
            co_return fail(ErrorKind::Retry, Stage::Keep, "timeout");
        }
        if (chance(faults.extension_error)) co_return fail(ErrorKind::Retry, Stage::Keep, "timeout");
        std::vector<pipeline::EntryVerdict> verdicts;
        for (const auto& [handle, seconds] : asked) {
            ++(seconds == 0 ? releases : extensions);
            auto found = handles_.find(handle);
            bool held = found != handles_.end() && !messages_[found->second].deleted &&
                        messages_[found->second].handle == handle &&
                        messages_[found->second].invisible_until > clock_.now();
            if (held) messages_[found->second].invisible_until = clock_.now() + std::chrono::seconds(seconds);
            verdicts.push_back({held, false, held ? "" : "MessageNotInflight"});
        }
        co_return verdicts;
    }

    awaitable<Result<pipeline::QueueDepth>> depth() override {
        co_await delay();
        pipeline::QueueDepth depth;
        for (const auto& message : messages_) {
            if (message.deleted) continue;
            ++(message.invisible_until <= clock_.now() ? depth.visible : depth.not_visible);
        }
        co_return depth;
    }

   private:
    struct Counted {
        Counted(std::size_t& counted, std::size_t& most) : now(counted) { most = std::max(most, ++now); }
        ~Counted() { --now; }
        Counted(const Counted&) = delete;
        Counted& operator=(const Counted&) = delete;
        std::size_t& now;
    };

    struct Message {
        std::string id, body, handle;
        std::int64_t sent_ms = 0;
        std::int64_t first_received_ms = 0;
        std::uint32_t receive_count = 0;
        Clock::Steady invisible_until{};
        bool deleted = false;
        bool came_back = false;
    };

    bool chance(double p) { return p > 0 && std::uniform_real_distribution<double>(0, 1)(random_) < p; }

    awaitable<void> delay() {
        const auto spread = static_cast<std::uint64_t>((slowest - quickest).count()) / 1000;
        co_await clock_.sleep_for(quickest + std::chrono::milliseconds(random_() % (spread + 1)));
    }

    awaitable<Result<std::vector<pipeline::Received>>> receive_now(pipeline::ReceiveRequest request,
                                                                   Clock::Steady asked_at) {
        co_await delay();
        if (for_each_other.count() > 0) co_await clock_.sleep_for(for_each_other * polls_);
        if (chance(faults.throttled)) co_return fail(ErrorKind::Throttled, Stage::Receive, "ThrottlingException");
        if (chance(faults.receive_error)) co_return fail(ErrorKind::Retry, Stage::Receive, "connection_closed");
        std::vector<pipeline::Received> received;
        auto start = messages_.empty() ? 0 : random_() % messages_.size();
        for (std::size_t i = 0;
             i < messages_.size() && received.size() < static_cast<std::size_t>(request.max_messages); ++i) {
            auto index = (start + i) % messages_.size();
            auto& message = messages_[index];
            if (message.deleted || message.invisible_until > clock_.now()) continue;
            message.handle = message.id + "#" + std::to_string(++next_handle_);
            handles_[message.handle] = index;
            bool twice = chance(faults.delivered_twice);
            if (!twice)
                message.invisible_until = clock_.now() + std::chrono::seconds(request.visibility_timeout_seconds);
            if (message.first_received_ms == 0) message.first_received_ms = clock_.wall_ms();
            ++message.receive_count;
            pipeline::Received one;
            one.message_id = message.id;
            one.receipt_handle = message.handle;
            one.body = message.body;
            one.sent_ms = message.sent_ms;
            one.first_received_ms = message.first_received_ms;
            one.received_ms = clock_.wall_ms();
            one.receive_count = message.receive_count;
            one.received_at = asked_at;
            one.intact = !chance(faults.damaged);
            received.push_back(std::move(one));
        }
        if (!received.empty() && chance(faults.reply_lost)) {
            co_return fail(ErrorKind::Retry, Stage::Receive, "connection_closed");
        }
        co_return received;
    }

    void remove_one(const std::string& handle) {
        auto found = handles_.find(handle);
        if (found == handles_.end()) {
            violations.push_back("a handle was deleted that the queue never gave");
            return;
        }
        auto& message = messages_[found->second];
        if (message.handle != handle) return;  // an old handle: success, and nothing happens
        if (is_stored && !is_stored(message.id)) violations.push_back("deleted before it was committed: " + message.id);
        if (!message.came_back && chance(faults.back_after_delete)) {
            message.came_back = true;
            message.invisible_until = clock_.now() + std::chrono::seconds(5);
            return;
        }
        message.deleted = true;
    }

    SimClock& clock_;
    std::mt19937_64& random_;
    bool stalls(const std::vector<std::pair<std::string, int>>& asked) {
        if (faults.stalled_extensions == 0) return false;
        bool again = false;
        for (const auto& [handle, seconds] : asked) again = stalled_.erase(handle) > 0 || again;
        if (again || ++extension_calls_ % faults.stalled_extensions != 0) return false;
        for (const auto& [handle, seconds] : asked) stalled_.insert(handle);
        return true;
    }

    std::vector<Message> messages_;
    std::map<std::string, std::size_t> handles_;
    std::uint64_t next_handle_ = 0;
    std::uint64_t extension_calls_ = 0;
    std::set<std::string> stalled_;  // handles whose last extension did
    std::size_t polls_ = 0, deletes_ = 0;
};

}  // namespace sqs2pg::sim
