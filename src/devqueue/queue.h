// An SQS queue, standard or FIFO, as a model: send, receive, delete, change visibility, purge, redrive to a dead-letter
// queue and retention, on a clock that the caller passes in. No socket, no system clock; every operation costs O(1) or
// a logarithm. What FIFO adds stands in queue_fifo.cpp and fifo.h. Source: Amazon SQS API Reference and Developer Guide
// ("Visibility timeout", "Dead-letter queues", "FIFO queue delivery logic", "Message quotas").
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "devqueue/errors.h"
#include "devqueue/fifo.h"
#include "devqueue/message.h"
#include "devqueue/settings.h"

namespace sqs2pg::devqueue {

// Where the messages of a queue are now, and where those went that left. At every moment:
// arrived = visible + delayed + in_flight + deleted + dead_lettered + expired + purged + moved.
struct QueueFigures {
    std::uint64_t visible = 0, delayed = 0, in_flight = 0;
    std::uint64_t arrived = 0;  // sent to it, or moved to it
    std::uint64_t deleted = 0, dead_lettered = 0, expired = 0, purged = 0;
    std::uint64_t moved = 0;  // taken out by a move task
};

struct QueueIdentity {
    std::string name;
    std::string arn;
    std::uint32_t number = 0;  // never used again by another queue, so that old handles are told apart
    Millis created_ms = 0;
};

class Queue {
   public:
    // `random` is borrowed: it outlives the queue. `sent_ago_ms` is subtracted from SentTimestamp, so that tests can
    // make a backlog of old messages; retention and visibility do not see it.
    Queue(QueueIdentity identity, QueueSettings settings, Random& random, Millis sent_ago_ms = 0);
    Queue(const Queue&) = delete;
    Queue& operator=(const Queue&) = delete;

    // All take the present moment `now`, which never runs backwards (an earlier one counts as the latest seen), and
    // first let happen what was due: delays and visibility timeouts end, messages past the retention disappear.

    // Errors: InvalidParameterValue (empty, too long, bad delay, bad attribute), InvalidMessageContents. A FIFO queue
    // wants a group and a deduplication id (or makes it of the body), and answers a repetition within five minutes as
    // the first; RequestThrottled when it cannot remember more ids.
    Answer<SendResult> send(SendRequest request, Millis now);
    // What send() would refuse before it looks at the message: of a batch, AWS then refuses all. FIFO queues only.
    Verdict check_fifo_send(const SendRequest& request) const;

    // Up to max_messages. Messages received maxReceiveCount times already go to `dead_letters` instead (null: no
    // redrive). With 120,000 in flight a standard queue answers OverLimit, a FIFO queue nothing. InvalidParameterValue.
    // FIFO: groups one after the other, each in order from its first message to one that is in flight or delayed. An
    // attempt id that a receive within five minutes had brings its messages again with their handles and a new
    // visibility timeout, if all of them are still in flight and unchanged.
    Answer<std::vector<Delivery>> receive(const ReceiveRequest& request, Millis now, Queue* dead_letters = nullptr);

    // The newest handle deletes, also after its visibility timeout; an older one, or that of a message which is gone,
    // succeeds and does nothing. FIFO: only while the message is in flight, InvalidParameterValue (expired) after that.
    // ReceiptHandleIsInvalid for a text that is no handle of this queue. True: deleted.
    Answer<bool> remove(std::string_view receipt_handle, Millis now);

    // Fault for tests: the delete succeeds and the message is delivered again, as standard queues may.
    Answer<bool> remove_but_redeliver(std::string_view receipt_handle, Millis now);

    // 0 to 43,200 seconds from now, and at most 43,200 from the receive. MessageNotInflight when its timeout is over,
    // InvalidParameterValue when it is gone or was received again since.
    Verdict change_visibility(std::string_view receipt_handle, int seconds, Millis now);

    // For move tasks: the message that a receive would bring next, null: none; borrowed until the next call.
    const StoredMessage* next_deliverable(Millis now);
    // Takes that message out.
    MessageContent move_out();
    // Adds it as a new one: new id, new SentTimestamp and sequence number, never a duplicate.
    void move_in(MessageContent content, Millis now);

    // Removes every message, those in flight too, and forgets deduplication ids. PurgeQueueInProgress within 60 s of
    // the last purge.
    Verdict purge(Millis now);

    void set_settings(QueueSettings settings, Millis now);

    // Every attribute of GetQueueAttributes, counts as of `now`.
    AttributeMap attributes(Millis now);

    QueueFigures figures(Millis now);
    // When an invisible or delayed message becomes visible next; nothing when there is none.
    std::optional<Millis> next_visible_ms() const noexcept;

    const QueueIdentity& identity() const noexcept { return identity_; }
    const QueueSettings& settings() const noexcept { return settings_; }
    // A receive would bring something.
    bool has_deliverable() const noexcept {
        return fifo_ ? fifo_->groups.first() != nullptr : visible_.first() != nullptr;
    }

   private:
    Millis advance(Millis now);
    Verdict check_send(const SendRequest& request) const;
    StoredMessage& store(MessageContent content);
    MessageContent take(StoredMessage& message);
    void put_visible(StoredMessage& message);
    void leave_place(StoredMessage& message);
    Answer<StoredMessage*> find(std::string_view receipt_handle, Handle& handle);
    // find(), and for FIFO queues the error of a handle whose message is not in flight by it.
    Answer<StoredMessage*> find_to_remove(std::string_view receipt_handle);
    void adopt(MessageContent content, const std::string& source_arn, Millis now);
    Handle handle_of(const StoredMessage& message) const noexcept;
    bool is_worn_out(const StoredMessage& message, const Queue* dead_letters) const noexcept;
    void hand_out(StoredMessage& message, int visibility_seconds, std::vector<Delivery>& deliveries);
    void put_in_flight(StoredMessage& message, int seconds);

    std::string deduplication_key(const SendRequest& request) const;
    void prepare_fifo(MessageContent& content);
    void receive_fifo(const std::string& attempt_id, std::size_t wanted, int visibility_seconds, Queue* dead_letters,
                      std::vector<Delivery>& deliveries);
    void receive_groups(std::size_t wanted, int visibility_seconds, Queue* dead_letters,
                        std::vector<Delivery>& deliveries);
    bool receive_again(const std::string& attempt_id, int visibility_seconds, std::vector<Delivery>& deliveries);
    void apply_delay_to_waiting();

    QueueIdentity identity_;
    QueueSettings settings_;
    Random& random_;
    Millis sent_ago_ms_;
    Millis modified_ms_;
    Millis now_ = 0;
    std::optional<Millis> purged_at_;

    std::deque<StoredMessage> slots_;  // never shrinks; addresses are stable
    std::vector<std::uint32_t> free_slots_;
    std::uint64_t last_serial_ = 0;
    Chain<StoredMessage, &StoredMessage::place_link> visible_;
    Timeline<StoredMessage, &StoredMessage::place_link> delayed_;
    Timeline<StoredMessage, &StoredMessage::place_link> in_flight_;
    Timeline<StoredMessage, &StoredMessage::age_link> ages_;
    QueueFigures figures_;
    std::unique_ptr<Fifo> fifo_;  // null: a standard queue
};

}  // namespace sqs2pg::devqueue
