// What becomes of one message: the rows that would be written, or the reason why there are none. Read back from what
// the map stage made, so that it is what PostgreSQL would get and nothing else.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/map.h"
#include "pipeline/message.h"

namespace sqs2pg::cases {

using Cell = std::optional<std::string>;  // nullopt: NULL

struct Outcome {
    enum class Kind { Rows, DeadLetter, Ignored };

    Kind kind = Kind::Ignored;
    std::size_t route = 0;                // of Rows
    std::vector<std::vector<Cell>> rows;  // in the order of the route's columns
    pipeline::BadMessage bad;             // of DeadLetter
};

// `message` is not altered, but its body may gain capacity. `object`: what the message points to in S3, or nullptr.
Outcome outcome_of(pipeline::MapStage& map, pipeline::Received& message, std::string* object = nullptr);

// Rows of COPY text as their fields.
std::vector<std::vector<Cell>> rows_of(std::string_view copy_text);

}  // namespace sqs2pg::cases
