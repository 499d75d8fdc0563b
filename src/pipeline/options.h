// What a pipeline is told to do: plain structs that `config` fills from YAML and tests fill by hand. The compiled form,
// held against the live table, is a MapPlan (map.h).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "pg/table_shape.h"
#include "pipeline/brake.h"
#include "pipeline/unwrap.h"
#include "privacy/mask.h"

namespace sqs2pg::pipeline {

enum class Convert { None, MajorVersion, Lower, Upper, Trim, EpochSeconds, EpochMillis, Base64, Json };
enum class Metadata {
    None,  // a path into the body
    MessageId,
    SentAt,
    ReceivedAt,
    ReceiveCount,
    GroupId,
    SequenceNumber,
    Attribute,
    Body,
    Item,      // a path into the element that `each` is at; an empty path is the element itself
    Index,     // the element's position, from 0
    Envelope,  // a field of what `unwrap` takes off; `path` begins with its name
};

// One step of a path: a member of an object or an element of an array.
struct PathStep {
    std::string member;  // used when index is absent
    std::optional<std::size_t> index;

    friend bool operator==(const PathStep&, const PathStep&) = default;
};

// Where a value comes from: a path into the body, into an element of it ($item.sku), or message metadata ($sent_at,
// $attributes.NAME …).
struct Source {
    std::string text;  // as the user wrote it: for errors and dead letters
    std::vector<PathStep> path;
    Metadata metadata = Metadata::None;
    std::string attribute;  // Metadata::Attribute

    bool of_element() const noexcept { return metadata == Metadata::Item || metadata == Metadata::Index; }
    // Whether both name the same place, however they are spelled.
    bool same_as(const Source& other) const {
        return metadata == other.metadata && path == other.path && attribute == other.attribute;
    }
};

// Configuration error with the position in `text`: `user.address.city`, `items[0].id`, `"odd.name".x`, `$sent_at`,
// `$item.sku`, and `$envelope.TopicArn` where one of the steps of `unwrap` has such a field.
Result<Source> parse_source(std::string_view text, std::span<const Unwrap> unwrap = {});

struct ColumnRule {
    std::string column;
    Source from;
    bool optional = false;                     // absent is NULL instead of a bad message
    std::optional<std::string> default_value;  // absent is this text
    bool constant = false;                     // `value:` instead of `from:`: always default_value, or NULL without one
    Convert convert = Convert::None;
    std::optional<privacy::MaskOptions> mask;
    std::string place;  // file:line:column of the rule, for findings
};

// FIFO queues: what becomes of a group that meets a bad message. Skip: it is dead-lettered and the group goes on.
// Block: it and everything behind it in its group go back to the queue until somebody mends it.
enum class OnBadMessage : std::uint8_t { Skip, Block };

// The name tells, as SQS demands; a group id does not (fair queues are standard queues with groups).
inline bool is_fifo(std::string_view queue_name_or_url) { return queue_name_or_url.ends_with(".fifo"); }

// A message fits when the value at `from` is one of `values`, compared as JSON text (a string without its quotes, a
// number as written). An absent value fits nothing.
struct Condition {
    Source from;
    std::vector<std::string> values;
    bool null = false;  // an explicit null fits too
};

// What happens where a row with the same key is in the table already.
struct OnConflict {
    enum class Do { Ignore, Update };

    std::vector<std::string> key;  // columns that a unique index covers
    Do what = Do::Ignore;
    std::string newer_by;  // Update: only where this column's new value is not older; empty: the last written wins
    std::string place;
};

// A kind of message: which messages, into which table, how.
struct Route {
    std::vector<Condition> when;  // all of them; empty: every message
    pg::TableName table;
    std::vector<ColumnRule> columns;
    std::optional<Source> each;  // a row for each element of this array
    std::optional<OnConflict> on_conflict;
    std::string place;  // file:line:column, for findings
};

enum class Otherwise { DeadLetter, Ignore };

// `unwrap: s3-pointer`.
struct ObjectOptions {
    std::vector<std::string> buckets;  // pointers to any other are bad messages; empty: every bucket will do
    bool delete_object = false;        // once its message became a row
};

struct PipelineOptions {
    std::string name;
    std::string queue;                              // name or URL
    OnBadMessage bad_message = OnBadMessage::Skip;  // FIFO only
    std::vector<Route> routes;  // the first that fits takes the message; a pipeline without routes: one for everything
    Otherwise otherwise = Otherwise::DeadLetter;  // what fits no route
    bool missing_is_null = false;                 // `missing: null`
    std::vector<Unwrap> unwrap;                   // what messages are wrapped in, from the outside
    std::size_t max_unwrapped_bytes = 16u << 20;  // of a body that was decompressed or fetched
    ObjectOptions objects;
    int visibility_timeout_seconds = 60;  // 10 to 43,200
    std::size_t max_batch_rows = 5000;    // rows a transaction
    std::size_t max_in_flight = 10000;    // messages a worker
    std::size_t max_in_flight_bytes = 16u << 20;
    int max_polls = 256;  // concurrent receives a worker at most, and deletes
    int long_poll_seconds = 10;
    int max_rows_per_second = 0;  // of this process; 0: no limit
    BrakeOptions brake;
    std::string place;  // file:line:column
};

}  // namespace sqs2pg::pipeline
