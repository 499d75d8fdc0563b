// The message on its one-way walk: Received -> Decoded -> MappedRow -> MaskedRow -> (batch) -> Outcome. Each type says
// how far the message has come, and only the stage before can make it, so that an unmasked value cannot be written by
// mistake.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/shared_text.h"

namespace sqs2pg::pipeline {

struct MessageAttribute {
    std::string name;
    std::string data_type;  // "String", "Number", "Binary", with an optional ".label"
    std::string value;      // Binary: base64, as on the wire
};

// One message as the queue handed it over. MessageId stays over redeliveries; the receipt handle is new each time. The
// messages of one reply may share the memory of their texts.
struct Received {
    // What is looked at when it is written and deleted, see Held.
    SharedText receipt_handle;
    std::int64_t sent_ms = 0;         // SentTimestamp; 0: the queue did not say
    std::uint32_t receive_count = 0;  // ApproximateReceiveCount; 0: unknown
    bool intact = true;               // MD5OfBody (and of the attributes) matched
    Clock::Steady received_at{};      // before the request was sent: visibility is counted from here, never late

    std::int64_t received_ms = 0;        // wall clock of this receive
    std::int64_t first_received_ms = 0;  // ApproximateFirstReceiveTimestamp; 0: unknown
    SharedText message_id;
    SharedText body;
    std::vector<MessageAttribute> attributes;
    SharedText group_id;
    SharedText sequence_number;
    SharedText sender_id;

    std::size_t bytes() const noexcept { return body.size() + 512; }
};

// An object in S3 that is the body of a message (`unwrap: s3-pointer`).
struct ObjectRef {
    std::string bucket;
    std::string key;
    std::size_t claimed_bytes = 0;  // what the producer's attribute says of its size; 0: nothing

    friend bool operator==(const ObjectRef&, const ObjectRef&) = default;
};

// The ledger's key: 48 bits of SentTimestamp in ms, then 80 bits of SHA-256(account/name of the queue, NUL, MessageId).
struct LedgerKey {
    std::array<std::uint8_t, 16> bytes{};

    friend auto operator<=>(const LedgerKey&, const LedgerKey&) = default;
};

// `queue_identity` is "account/name" (the last two segments of the queue URL's path).
LedgerKey ledger_key(std::string_view queue_identity, std::string_view message_id, std::int64_t sent_ms);
std::string to_uuid_text(const LedgerKey& key);

class MaskStage;  // mask.h

// The row(s) of one message, masked and encoded as COPY text lines (each ends in '\n'). Only MaskStage makes them.
class MaskedRow {
   public:
    std::string_view copy_text() const noexcept { return copy_text_; }
    std::uint32_t rows() const noexcept { return rows_; }
    std::uint16_t target() const noexcept { return target_; }  // index into the pipeline's targets (one a route)

   private:
    friend class MaskStage;
    MaskedRow() = default;

    SharedText copy_text_;
    std::uint32_t rows_ = 0;
    std::uint16_t target_ = 0;
};

// Why a message could not become a row. `place` is a column or a JSON path, never a value.
struct BadMessage {
    std::string reason;  // contract, "Dead letters": not_json, missing_field, wrong_type, …
    std::string place;
    std::string sqlstate;  // when the server refused it
};

// A dead letter ready to be stored: the complete message sealed, the rest in clear and free of values.
struct DeadLetter {
    BadMessage why;
    std::string pipeline;
    std::string queue;
    std::string message_id;
    std::int64_t sent_ms = 0;
    std::int64_t first_received_ms = 0;
    std::int64_t last_received_ms = 0;
    std::uint32_t receive_count = 0;
    std::string key_id;
    std::string sealed;  // nonce, ciphertext and tag, see privacy/seal.h
};

// How a message's time with us ended; the label of sqs2pg_messages_settled_total.
enum class Outcome : std::uint8_t { Inserted, Duplicate, DeadLettered, Ignored, Released, Abandoned };

}  // namespace sqs2pg::pipeline
