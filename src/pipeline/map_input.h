// What the columns and conditions of a route may take their values from: one message, decoded. Views: valid until the
// next message.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "pipeline/decode.h"
#include "pipeline/message.h"
#include "pipeline/options.h"

namespace sqs2pg::pipeline {

struct MapInput {
    const Received& message;
    std::span<const JsonValue> values;     // the slots of the body
    std::string_view body;                 // …which is what was in the envelope, where there is one
    std::span<const JsonValue> envelope;   // the slots of fields and attributes of envelopes; empty: there are none
    std::span<const JsonValue> element{};  // the slots of the element that `each` is at
    std::size_t index = 0;                 // …and its position
};

// The value at `source`, which has the slot `slot` where it has one. Absent for times, `$body` and what belongs to an
// element. `scratch` holds the text of a number.
JsonValue plain_value(const Source& source, std::uint32_t slot, const MapInput& input, std::string& scratch);

}  // namespace sqs2pg::pipeline
