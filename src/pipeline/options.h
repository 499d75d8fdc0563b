// What a pipeline is told to do: plain structs that `config` fills from YAML and tests fill by hand. The compiled form,
// held against the live table, is a MapPlan (map.h).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "pg/table_shape.h"
#include "pipeline/brake.h"
#include "privacy/mask.h"

namespace sqs2pg::pipeline {

enum class Convert { None, MajorVersion, Lower, Upper, Trim, EpochSeconds, EpochMillis, Base64, Json };
enum class Metadata { None, MessageId, SentAt, ReceivedAt, ReceiveCount, GroupId, SequenceNumber, Attribute, Body };

// One step of a path: a member of an object or an element of an array.
struct PathStep {
    std::string member;  // used when index is absent
    std::optional<std::size_t> index;

    friend bool operator==(const PathStep&, const PathStep&) = default;
};

// Where a column's value comes from: a path into the body, or message metadata ($sent_at, $attributes.NAME …).
struct Source {
    std::string text;  // as the user wrote it: for errors and dead letters
    std::vector<PathStep> path;
    Metadata metadata = Metadata::None;
    std::string attribute;  // Metadata::Attribute
};

// Configuration error with the position in `text`: `user.address.city`, `items[0].id`, `"odd.name".x`, `$sent_at`.
Result<Source> parse_source(std::string_view text);

struct ColumnRule {
    std::string column;
    Source from;
    bool optional = false;                     // absent is NULL instead of a bad message
    std::optional<std::string> default_value;  // absent is this text
    Convert convert = Convert::None;
    std::optional<privacy::MaskOptions> mask;
    std::string place;  // file:line:column of the rule, for findings
};

struct PipelineOptions {
    std::string name;
    std::string queue;  // name or URL
    pg::TableName table;
    std::vector<ColumnRule> columns;
    bool missing_is_null = false;         // `missing: null`
    int visibility_timeout_seconds = 60;  // 10 to 43,200
    std::size_t max_batch_rows = 5000;    // rows a transaction
    std::size_t max_in_flight = 10000;    // messages a worker
    std::size_t max_in_flight_bytes = 16u << 20;
    int max_polls = 64;  // concurrent receives a worker, and as many deletes
    int long_poll_seconds = 10;
    BrakeOptions brake;
    std::string place;  // file:line:column
};

}  // namespace sqs2pg::pipeline
