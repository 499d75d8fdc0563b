// The conversions that a column may ask for (`convert:`), and the text of times. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "pg/table_shape.h"
#include "pipeline/decode.h"
#include "pipeline/options.h"

namespace sqs2pg::pipeline {

// The converted text, a view into `value` or into `scratch` (which is overwritten). nullopt: the value is not of the
// form that the conversion needs (wrong_type).
std::optional<std::string_view> convert_value(Convert convert, const JsonValue& value, pg::TypeClass target,
                                              std::string& scratch);

// Milliseconds since 1970 as `target` wants them, UTC: date "2026-11-22", timestamp "2026-11-22 18:00:00.123",
// timestamptz the same with "+00", text ISO 8601 with Z. False for a year beyond 9999 or before 0001.
bool append_time(std::string& out, std::int64_t epoch_ms, pg::TypeClass target);

// Whether append_time has a form for the type.
bool holds_time(pg::TypeClass target) noexcept;

}  // namespace sqs2pg::pipeline
