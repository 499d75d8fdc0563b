// What a FIFO queue does otherwise than a standard one: it compares sends, keeps the order of each group, and answers a
// repeated receive with the same messages.
#include <algorithm>

#include "devqueue/queue.h"
#include "devqueue/rules.h"

namespace sqs2pg::devqueue {

Verdict Queue::check_fifo_send(const SendRequest& request) const {
    if (!fifo_) return {};
    if (request.group_id.empty()) {
        return refuse("MissingParameter", "The request must contain the parameter MessageGroupId.");
    }
    if (request.deduplication_id.empty() && !settings_.content_based_deduplication) {
        return refuse("InvalidParameterValue",
                      "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId "
                      "provided explicitly");
    }
    // The queue's own delay holds for all of its messages, or their order would not.
    if (request.delay_seconds.value_or(0) != 0) {
        return refuse_for_queue_type(std::to_string(*request.delay_seconds), "DelaySeconds");
    }
    return {};
}

std::string Queue::deduplication_key(const SendRequest& request) const {
    if (!settings_.deduplicate_by_group) return request.deduplication_id;
    return request.deduplication_id + ' ' + request.group_id;  // neither holds a blank
}

// Called on every arrival. The numbers rise by more than one, as AWS's do.
void Queue::prepare_fifo(MessageContent& content) {
    content.extras->sequence = fifo_->last_sequence += 16;
    content.extras->changed_since_received = false;
}

void Queue::receive_fifo(const std::string& attempt_id, std::size_t wanted, int visibility_seconds, Queue* dead_letters,
                         std::vector<Delivery>& deliveries) {
    if (!attempt_id.empty() && receive_again(attempt_id, visibility_seconds, deliveries)) return;
    receive_groups(wanted, visibility_seconds, dead_letters, deliveries);
    if (attempt_id.empty() || deliveries.empty()) return;
    std::vector<Handle> handles;
    handles.reserve(deliveries.size());
    for (const auto& delivery : deliveries) handles.push_back(delivery.handle);
    fifo_->attempts.remember(attempt_id, std::move(handles), now_);
}

void Queue::receive_groups(std::size_t wanted, int visibility_seconds, Queue* dead_letters,
                           std::vector<Delivery>& deliveries) {
    // Held until the end, so that a visibility timeout of 0 does not bring a message twice.
    std::vector<FifoGroup*> held;
    while (deliveries.size() < wanted) {
        auto* group = fifo_->groups.hold_first();
        if (group == nullptr) break;
        held.push_back(group);
        for (auto next = group->messages.begin(); next != group->messages.end() && deliveries.size() < wanted;) {
            auto& message = *(next++)->second;
            if (message.place != Place::Visible) break;
            if (is_worn_out(message, dead_letters)) {
                dead_letters->adopt(take(message), identity_.arn, now_);
                ++figures_.dead_lettered;
                continue;
            }
            message.content.extras->changed_since_received = false;
            hand_out(message, visibility_seconds, deliveries);
        }
    }
    for (auto* group : held) fifo_->groups.release(*group);
}

bool Queue::receive_again(const std::string& attempt_id, int visibility_seconds, std::vector<Delivery>& deliveries) {
    const auto* handles = fifo_->attempts.find(attempt_id, now_);
    if (handles == nullptr) return false;
    bool unchanged = std::ranges::all_of(*handles, [&](const Handle& handle) {
        const auto& message = slots_[handle.slot];
        return handle_of(message) == handle && message.place == Place::InFlight &&
               !message.content.extras->changed_since_received;
    });
    if (!unchanged) {
        fifo_->attempts.forget(attempt_id);
        return false;
    }
    for (const auto& handle : *handles) {
        auto& message = slots_[handle.slot];
        leave_place(message);
        message.received_ms = now_;
        put_in_flight(message, visibility_seconds);
        deliveries.push_back({&message, handle});
    }
    return true;
}

// Developer Guide, "Delay queues": for a FIFO queue a changed delay holds for the messages that are there already.
void Queue::apply_delay_to_waiting() {
    std::vector<StoredMessage*> waiting;
    while (auto* message = delayed_.first()) {
        leave_place(*message);
        waiting.push_back(message);
    }
    for (auto* message : waiting) {
        message->place = Place::Delayed;
        delayed_.add(*message, message->content.enqueued_ms + Millis{settings_.delay_seconds} * 1000);
        ++figures_.delayed;
    }
}

const StoredMessage* Queue::next_deliverable(Millis now) {
    advance(now);
    if (!fifo_) return visible_.first();
    const auto* group = fifo_->groups.first();
    return group == nullptr ? nullptr : group->messages.begin()->second;
}

MessageContent Queue::move_out() {
    ++figures_.moved;
    return take(fifo_ ? *fifo_->groups.first()->messages.begin()->second : *visible_.first());
}

void Queue::move_in(MessageContent content, Millis now) {
    now = advance(now);
    content.id = random_message_id(random_);
    content.enqueued_ms = now;
    content.sent_ms = now - sent_ago_ms_;
    if (content.extras) content.extras->source_queue_arn.clear();
    if (fifo_) prepare_fifo(content);
    put_visible(store(std::move(content)));
}

}  // namespace sqs2pg::devqueue
