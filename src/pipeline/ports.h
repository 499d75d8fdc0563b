// The world as the pipeline sees it: a queue, a database, a clock (base/clock.h). `adapters` implements them on the
// real clients, `tests/sim` on a simulator. Every call has a deadline of its own inside the implementation and never
// throws.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "pg/table_shape.h"
#include "pipeline/message.h"
#include "pipeline/options.h"

namespace sqs2pg::pipeline {

struct ReceiveRequest {
    int max_messages = 10;  // 1 to 10
    int wait_seconds = 0;   // 0 to 20
    int visibility_timeout_seconds = 60;
    std::string attempt_id{};  // FIFO only: the same again within 5 minutes brings the same messages; empty: none
};

struct VisibilityChange {
    std::string_view receipt_handle;
    int visibility_timeout_seconds = 0;  // from now; 0 releases
};

// The verdict on one entry of a batch call that succeeded as a whole.
struct EntryVerdict {
    bool done = false;
    bool retryable = false;  // a failed entry that may be sent again (the service's fault, throttling)
    std::string code;        // SQS error code of a failed entry
};

struct QueueDepth {
    std::int64_t visible = 0;      // ApproximateNumberOfMessages
    std::int64_t not_visible = 0;  // ApproximateNumberOfMessagesNotVisible
    std::int64_t delayed = 0;      // ApproximateNumberOfMessagesDelayed
};

class QueuePort {
   public:
    virtual ~QueuePort() = default;

    // At most request.max_messages. An empty vector is an ordinary answer.
    virtual awaitable<Result<std::vector<Received>>> receive(ReceiveRequest request) = 0;

    // Up to 10 handles. One verdict a handle, in the order given. The caller keeps the span alive until the answer.
    virtual awaitable<Result<std::vector<EntryVerdict>>> remove(std::span<const std::string_view> receipt_handles) = 0;

    // Up to 10 changes, likewise.
    virtual awaitable<Result<std::vector<EntryVerdict>>> change_visibility(
        std::span<const VisibilityChange> changes) = 0;

    virtual awaitable<Result<QueueDepth>> depth() = 0;
};

// on_conflict, held against the live table.
struct ConflictPlan {
    OnConflict rule;
    std::vector<std::string> types;         // of the target's columns, as SQL writes them
    std::vector<std::string> nullable_key;  // those of the key that may be NULL, and then conflict with nothing
};

// The object has more bytes than were asked for; code of an error of fetch() of kind BadMessage.
inline constexpr std::string_view kObjectTooLarge = "object_too_large";

// Objects in S3 that are the bodies of messages.
class ObjectPort {
   public:
    virtual ~ObjectPort() = default;

    // The whole object, of at most `most_bytes`. Error kinds: BadMessage (it is absent, archived …: `detail` is the
    // place of the dead letter, without a name of bucket or key), Configuration and Credentials (denied: a pause),
    // Retry and Throttled.
    virtual awaitable<Result<std::string>> fetch(ObjectRef object, std::size_t most_bytes) = 0;

    // An object that is not there counts as deleted. Error kinds as above, without BadMessage.
    virtual awaitable<Status> remove(ObjectRef object) = 0;
};

// Where rows go: one a route. The columns stand in the order of the COPY text fields.
struct Target {
    pg::TableName table;
    std::vector<std::string> columns;
    std::optional<ConflictPlan> conflict{};
};

// Exactly one of row and dead_letter is set. Both are borrowed for the duration of the call.
struct WriteEntry {
    LedgerKey id;
    const MaskedRow* row = nullptr;
    const DeadLetter* dead_letter = nullptr;
    // The queue says that it hands the message out for the first time (ApproximateReceiveCount 1): the ledger hardly
    // knows it. A hint, nothing more.
    bool first_receive = false;
};

enum class Fate : std::uint8_t { Written, Duplicate };

struct WriteReport {
    std::vector<Fate> fates;  // one an entry, in the order given
};

// Why a transaction did not commit. For BadRow, `suspect` may name the entry that the server complained of (a hint).
struct WriteFailure {
    Error error;
    std::string column;
    std::string constraint;
    std::optional<std::size_t> suspect;
    bool halve = false;     // 57014, 53200: the same batch is too much at once
    bool ids_held = false;  // 55P03 at the ledger: the transaction of a stalled peer holds one of the ids
};

class DatabasePort {
   public:
    virtual ~DatabasePort() = default;

    // One transaction (contract, "Transactions"): the ids that are new into the ledger, COPY of their rows, dead
    // letters, COMMIT with its tag. Entries are distinct by id. The ledger is written in the order of the ids, rows and
    // dead letters in the order of the entries (by id, but on a FIFO queue as its groups have them). Either everything
    // is committed and the report says each entry's fate, or nothing is known to be (InDoubt) or nothing is (every
    // other kind).
    virtual awaitable<tl::expected<WriteReport, WriteFailure>> write(std::span<const WriteEntry> entries) = 0;

    // The tables as they are now, one a target, in the order of the targets. Kind Configuration: one is not there, or
    // is nothing that rows can be written to. Not while write() runs.
    virtual awaitable<Result<std::vector<pg::TableShape>>> tables() = 0;

    // Where rows go from the next write on, in the order that MaskedRow::target() counts.
    virtual void write_to(std::vector<Target> targets) = 0;

    // Makes and drops ledger partitions through the SECURITY DEFINER function. Cheap when there is nothing to do.
    virtual awaitable<Status> maintain() = 0;
};

}  // namespace sqs2pg::pipeline
