// A message inside the embedded queue: what was sent, and where it is in its life. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "devqueue/identifiers.h"
#include "devqueue/timeline.h"
#include "sqs/protocol.h"

namespace sqs2pg::devqueue {

struct FifoGroup;

using MessageAttributes = std::map<std::string, sqs::Attribute>;

// What few messages have; kept apart so that the many stay small.
struct Extras {
    MessageAttributes attributes;
    std::string md5_of_attributes;
    std::string trace_header;      // AWSTraceHeader
    std::string group_id;          // of a FIFO queue; fair queues: a group on a standard queue
    std::string source_queue_arn;  // DeadLetterQueueSourceArn
    // FIFO queues only.
    std::string deduplication_id;
    std::uint64_t sequence = 0;           // rises within a queue; see sequence_text
    FifoGroup* group = nullptr;           // while the message stands in one
    bool changed_since_received = false;  // its visibility was: the receive cannot be asked for again
};

// Constant from the send on, also when the message moves to a dead-letter queue (a FIFO one counts retention and
// sequence anew).
struct MessageContent {
    MessageId id;
    std::string body;
    std::array<char, 32> md5_of_body{};
    std::unique_ptr<Extras> extras;  // null: none
    Millis sent_ms = 0;              // SentTimestamp as consumers see it
    Millis enqueued_ms = 0;          // when it was really sent; retention counts from here
};

enum class Place : std::uint8_t { Free, Visible, Delayed, InFlight };

struct StoredMessage {
    MessageContent content;
    std::uint64_t serial = 0;  // 0: the slot is free
    std::uint32_t slot = 0;
    std::uint32_t receive_count = 0;
    Millis first_received_ms = 0;
    Millis received_ms = 0;  // the latest receive
    Place place = Place::Free;
    Link<StoredMessage> place_link;  // in the chain or timeline of its place
    Link<StoredMessage> age_link;    // in the timeline of retention
};

struct SendRequest {
    std::string body;
    std::optional<int> delay_seconds;  // 0 to 900; absent: the queue's own
    MessageAttributes attributes;
    std::string trace_header;
    std::string group_id;            // empty: none
    std::string deduplication_id{};  // empty: none
};

struct SendResult {
    std::string message_id;
    std::string md5_of_body;
    std::string md5_of_attributes;         // empty: none were sent
    std::string md5_of_system_attributes;  // empty: none were sent
    std::string sequence_number;           // FIFO queues only
};

struct ReceiveRequest {
    int max_messages = 1;                           // 1 to 10
    std::optional<int> visibility_timeout_seconds;  // 0 to 43,200; absent: the queue's own
    std::string attempt_id{};                       // ReceiveRequestAttemptId; empty: none
};

// One message handed out. `message` is borrowed until the next call that changes the queue.
struct Delivery {
    const StoredMessage* message = nullptr;
    Handle handle;
};

}  // namespace sqs2pg::devqueue
