// The life of messages in the queue model: arrival, receives, deletes, and what time does to them.
#include "devqueue/queue.h"

#include <algorithm>

#include <fmt/format.h>

#include "aws/sigv4.h"
#include "devqueue/rules.h"

namespace sqs2pg::devqueue {
namespace {

constexpr Millis kSecond = 1000;
constexpr Millis kPurgeInterval = 60 * kSecond;

Verdict check_range(std::string_view parameter, int value, int least, int most) {
    if (value >= least && value <= most) return {};
    return refuse_value(std::to_string(value), parameter,
                        fmt::format("Must be between {} and {}, if provided.", least, most));
}

}  // namespace

Queue::Queue(QueueIdentity identity, QueueSettings settings, Random& random, Millis sent_ago_ms)
    : identity_(std::move(identity)),
      settings_(std::move(settings)),
      random_(random),
      sent_ago_ms_(sent_ago_ms),
      modified_ms_(identity_.created_ms) {
    if (!settings_.fifo) return;
    fifo_ = std::make_unique<Fifo>();
    // A queue that is made again later goes on above: 10,000,000 numbers a second are free for its messages.
    fifo_->last_sequence =
        800'000'000'000'000'000ULL + static_cast<std::uint64_t>(std::max<Millis>(identity_.created_ms, 0)) * 10'000ULL;
}

Millis Queue::advance(Millis now) {
    now_ = std::max(now_, now);
    while (auto due = ages_.first_due()) {
        if (*due + settings_.retention_seconds * kSecond > now_) break;
        take(*ages_.first());
        ++figures_.expired;
    }
    for (auto* timeline : {&delayed_, &in_flight_}) {
        while (auto due = timeline->first_due()) {
            if (*due > now_) break;
            auto& message = *timeline->first();
            leave_place(message);
            put_visible(message);
        }
    }
    return now_;
}

void Queue::put_visible(StoredMessage& message) {
    message.place = Place::Visible;
    ++figures_.visible;
    if (fifo_) {
        fifo_->groups.refresh(*message.content.extras->group);
    } else {
        visible_.add(message);
    }
}

void Queue::put_in_flight(StoredMessage& message, int seconds) {
    if (seconds == 0) return put_visible(message);
    message.place = Place::InFlight;
    in_flight_.add(message, now_ + seconds * kSecond);
    ++figures_.in_flight;
    if (fifo_) fifo_->groups.refresh(*message.content.extras->group);
}

void Queue::leave_place(StoredMessage& message) {
    switch (message.place) {
        case Place::Visible:
            if (!fifo_) visible_.remove(message);
            --figures_.visible;
            break;
        case Place::Delayed:
            delayed_.remove(message);
            --figures_.delayed;
            break;
        case Place::InFlight:
            in_flight_.remove(message);
            --figures_.in_flight;
            break;
        case Place::Free:
            break;
    }
    message.place = Place::Free;
}

StoredMessage& Queue::store(MessageContent content) {
    if (free_slots_.empty()) {
        auto& fresh = slots_.emplace_back();
        fresh.slot = static_cast<std::uint32_t>(slots_.size() - 1);
        free_slots_.push_back(fresh.slot);
    }
    auto& message = slots_[free_slots_.back()];
    free_slots_.pop_back();
    message.content = std::move(content);
    message.serial = ++last_serial_;
    message.receive_count = 0;
    message.first_received_ms = 0;
    message.received_ms = 0;
    ages_.add(message, message.content.enqueued_ms);
    ++figures_.arrived;
    if (fifo_) fifo_->groups.add(message);
    return message;
}

MessageContent Queue::take(StoredMessage& message) {
    leave_place(message);
    ages_.remove(message);
    if (fifo_) fifo_->groups.remove(message);
    message.serial = 0;
    free_slots_.push_back(message.slot);
    return std::move(message.content);
}

Verdict Queue::check_send(const SendRequest& request) const {
    if (request.body.empty()) {
        return refuse("MissingParameter", "The request must contain the parameter MessageBody.");
    }
    if (fifo_) {
        if (auto checked = check_fifo_send(request); !checked) return checked;
    } else if (!request.deduplication_id.empty()) {
        return refuse_for_queue_type(request.deduplication_id, "MessageDeduplicationId");
    } else if (request.delay_seconds) {
        if (auto checked = check_range("DelaySeconds", *request.delay_seconds, 0, 900); !checked) return checked;
    }
    if (auto checked = check_attributes(request.attributes); !checked) return checked;
    auto bytes = counted_bytes(request.body, request.attributes);
    if (bytes > static_cast<std::size_t>(settings_.max_message_bytes)) {
        return refuse("InvalidParameterValue",
                      fmt::format("One or more parameters are invalid. Reason: Message must be shorter than {} bytes.",
                                  settings_.max_message_bytes));
    }
    return check_body(request.body);
}

Answer<SendResult> Queue::send(SendRequest request, Millis now) {
    if (auto checked = check_send(request); !checked) return refuse(checked.error());
    now = advance(now);
    std::string key;
    if (fifo_) {
        if (request.deduplication_id.empty()) request.deduplication_id = aws::sha256_hex(request.body);
        key = deduplication_key(request);
    }
    const auto* repeated = fifo_ ? fifo_->deduplication.find(key, now) : nullptr;
    MessageContent content;
    content.id = random_message_id(random_);
    content.body = std::move(request.body);
    content.enqueued_ms = now;
    content.sent_ms = now - sent_ago_ms_;

    SendResult result;
    result.message_id = to_text(content.id);
    result.md5_of_body = sqs::md5_hex(content.body);
    std::ranges::copy(result.md5_of_body, content.md5_of_body.begin());
    if (!request.attributes.empty() || !request.trace_header.empty() || !request.group_id.empty()) {
        content.extras = std::make_unique<Extras>();
        auto& extras = *content.extras;
        if (!request.attributes.empty()) extras.md5_of_attributes = sqs::md5_of_attributes(request.attributes);
        result.md5_of_attributes = extras.md5_of_attributes;
        if (!request.trace_header.empty()) {
            result.md5_of_system_attributes =
                sqs::md5_of_attributes({{"AWSTraceHeader", {"String", request.trace_header, {}}}});
        }
        extras.attributes = std::move(request.attributes);
        extras.trace_header = std::move(request.trace_header);
        extras.group_id = std::move(request.group_id);
        extras.deduplication_id = std::move(request.deduplication_id);
    }
    if (repeated != nullptr) {
        result.message_id = to_text(repeated->id);
        result.sequence_number = sequence_text(repeated->sequence);
        return result;
    }
    if (fifo_) {
        prepare_fifo(content);
        auto sequence = content.extras->sequence;
        if (!fifo_->deduplication.remember(std::move(key), {content.id, sequence}, now)) {
            return refuse("RequestThrottled", "More messages were sent in five minutes than this queue can compare.");
        }
        result.sequence_number = sequence_text(sequence);
    }
    auto delay = fifo_ ? settings_.delay_seconds : request.delay_seconds.value_or(settings_.delay_seconds);
    auto& message = store(std::move(content));
    if (delay == 0) {
        put_visible(message);
        return result;
    }
    message.place = Place::Delayed;
    delayed_.add(message, now + delay * kSecond);
    ++figures_.delayed;
    return result;
}

void Queue::adopt(MessageContent content, const std::string& source_arn, Millis now) {
    advance(now);
    if (!content.extras) content.extras = std::make_unique<Extras>();
    content.extras->source_queue_arn = source_arn;
    if (fifo_) {
        prepare_fifo(content);
        content.enqueued_ms = now_;  // Developer Guide, "Dead-letter queues": a FIFO queue counts retention anew
    }
    put_visible(store(std::move(content)));
}

Answer<std::vector<Delivery>> Queue::receive(const ReceiveRequest& request, Millis now, Queue* dead_letters) {
    auto visibility = request.visibility_timeout_seconds.value_or(settings_.visibility_timeout_seconds);
    auto checked = check_range("MaxNumberOfMessages", request.max_messages, 1, 10);
    if (checked) checked = check_range("VisibilityTimeout", visibility, 0, sqs::kMaxVisibilitySeconds);
    if (!checked) return refuse(checked.error());
    if (!request.attempt_id.empty() && !fifo_) {
        return refuse_for_queue_type(request.attempt_id, "ReceiveRequestAttemptId");
    }
    now = advance(now);
    if (figures_.in_flight >= kMaxInFlight && !fifo_) {
        return refuse("OverLimit", "Too many messages in flight: a standard queue allows 120,000.");
    }
    auto wanted =
        std::min<std::size_t>(static_cast<std::size_t>(request.max_messages), kMaxInFlight - figures_.in_flight);
    std::vector<Delivery> deliveries;
    if (fifo_) {
        receive_fifo(request.attempt_id, wanted, visibility, dead_letters, deliveries);
        return deliveries;
    }
    deliveries.reserve(std::min<std::size_t>(wanted, figures_.visible));
    // A visibility timeout of 0 leaves messages visible; the count of those seen keeps one call from taking one twice.
    for (auto seen = figures_.visible; seen > 0 && deliveries.size() < wanted; --seen) {
        auto& message = *visible_.first();
        if (is_worn_out(message, dead_letters)) {
            dead_letters->adopt(take(message), identity_.arn, now);
            ++figures_.dead_lettered;
            continue;
        }
        hand_out(message, visibility, deliveries);
    }
    return deliveries;
}

bool Queue::is_worn_out(const StoredMessage& message, const Queue* dead_letters) const noexcept {
    return dead_letters != nullptr && settings_.redrive &&
           message.receive_count >= static_cast<std::uint32_t>(settings_.redrive->max_receive_count);
}

void Queue::hand_out(StoredMessage& message, int visibility_seconds, std::vector<Delivery>& deliveries) {
    leave_place(message);
    ++message.receive_count;
    message.received_ms = now_;
    if (message.first_received_ms == 0) message.first_received_ms = now_;
    put_in_flight(message, visibility_seconds);
    deliveries.push_back({&message, handle_of(message)});
}

Handle Queue::handle_of(const StoredMessage& message) const noexcept {
    return {message.serial, message.slot, identity_.number, message.receive_count};
}

// Null when the message is gone or was received again since this handle.
Answer<StoredMessage*> Queue::find(std::string_view receipt_handle, Handle& handle) {
    auto parsed = parse_handle(receipt_handle);
    if (!parsed || parsed->queue != identity_.number || parsed->slot >= slots_.size()) {
        return refuse("ReceiptHandleIsInvalid", "The input receipt handle is invalid.");
    }
    handle = *parsed;
    auto& message = slots_[handle.slot];
    return handle_of(message) == handle ? &message : nullptr;
}

Answer<StoredMessage*> Queue::find_to_remove(std::string_view receipt_handle) {
    Handle handle;
    auto found = find(receipt_handle, handle);
    if (!found || !fifo_) return found;
    bool exists = slots_[handle.slot].serial == handle.serial;
    if (!exists || (*found != nullptr && (*found)->place == Place::InFlight)) return found;
    return refuse_value(receipt_handle, "ReceiptHandle", "The receipt handle has expired.");
}

Answer<bool> Queue::remove(std::string_view receipt_handle, Millis now) {
    advance(now);
    auto found = find_to_remove(receipt_handle);
    if (!found) return refuse(found.error());
    if (*found == nullptr) return false;
    take(**found);
    ++figures_.deleted;
    return true;
}

Answer<bool> Queue::remove_but_redeliver(std::string_view receipt_handle, Millis now) {
    advance(now);
    auto found = find_to_remove(receipt_handle);
    if (!found) return refuse(found.error());
    if (*found == nullptr) return false;
    leave_place(**found);
    put_visible(**found);
    return true;
}

Verdict Queue::change_visibility(std::string_view receipt_handle, int seconds, Millis now) {
    if (auto checked = check_range("VisibilityTimeout", seconds, 0, sqs::kMaxVisibilitySeconds); !checked)
        return checked;
    now = advance(now);
    Handle handle;
    auto found = find(receipt_handle, handle);
    if (!found) return refuse(found.error());
    if (*found == nullptr) {
        return refuse_value("(not shown)", "ReceiptHandle",
                            "Message does not exist or is not available for visibility timeout change.");
    }
    auto& message = **found;
    if (message.place != Place::InFlight) {
        return refuse("MessageNotInflight", "The specified message isn't in flight.");
    }
    if (now + seconds * kSecond > message.received_ms + sqs::kMaxVisibilitySeconds * kSecond) {
        return refuse_value(std::to_string(seconds), "VisibilityTimeout",
                            "Total VisibilityTimeout for the message is beyond the limit [43200 seconds]");
    }
    leave_place(message);
    put_in_flight(message, seconds);
    if (fifo_) message.content.extras->changed_since_received = true;
    return {};
}

Verdict Queue::purge(Millis now) {
    now = advance(now);
    if (purged_at_ && now < *purged_at_ + kPurgeInterval) {
        return refuse("PurgeQueueInProgress",
                      fmt::format("Only one PurgeQueue operation on {} is allowed every 60 seconds.", identity_.name));
    }
    purged_at_ = now;
    while (auto* message = ages_.first()) {
        take(*message);
        ++figures_.purged;
    }
    if (fifo_) {
        fifo_->deduplication.clear();
        fifo_->attempts.clear();
    }
    return {};
}

void Queue::set_settings(QueueSettings settings, Millis now) {
    modified_ms_ = advance(now);
    bool delay_changed = settings.delay_seconds != settings_.delay_seconds;
    settings_ = std::move(settings);
    if (fifo_ && delay_changed) apply_delay_to_waiting();
    advance(now);
}

AttributeMap Queue::attributes(Millis now) {
    advance(now);
    auto attributes = to_attributes(settings_);
    attributes["QueueArn"] = identity_.arn;
    attributes["ApproximateNumberOfMessages"] = std::to_string(figures_.visible);
    attributes["ApproximateNumberOfMessagesNotVisible"] = std::to_string(figures_.in_flight);
    attributes["ApproximateNumberOfMessagesDelayed"] = std::to_string(figures_.delayed);
    attributes["CreatedTimestamp"] = std::to_string(identity_.created_ms / kSecond);
    attributes["LastModifiedTimestamp"] = std::to_string(modified_ms_ / kSecond);
    return attributes;
}

QueueFigures Queue::figures(Millis now) {
    advance(now);
    return figures_;
}

std::optional<Millis> Queue::next_visible_ms() const noexcept {
    auto delayed = delayed_.first_due();
    auto in_flight = in_flight_.first_due();
    if (!delayed) return in_flight;
    if (!in_flight) return delayed;
    return std::min(*delayed, *in_flight);
}

}  // namespace sqs2pg::devqueue
