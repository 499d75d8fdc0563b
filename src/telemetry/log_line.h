// One log line as text or as JSON, from an event's name, its sentence and its fields. Pure; nothing here knows where
// lines go.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "telemetry/events.h"

namespace sqs2pg::telemetry {

// A name and a value beside the sentence. Borrowed: used within the call that logs it.
struct Field {
    std::string_view name;
    std::variant<std::string_view, std::int64_t, std::uint64_t, double> value;
};

struct LogLine {
    std::int64_t wall_ms = 0;  // since 1970
    LogLevel level = LogLevel::Info;
    std::string_view event;     // "dead_letter": for machines, in JSON only
    std::string_view pipeline;  // empty: the process
    std::string_view sentence;
    std::span<const Field> fields;
};

// `2026-11-22T18:00:00.123Z WARN logins: a message became a dead letter reason=missing_field`. Control characters are
// escaped, so that a line is always one line; values with blanks or quotes are quoted.
std::string text_line(const LogLine& line);

// {"ts":…,"level":…,"event":…,"pipeline":…,"message":…, fields…}: one valid JSON object without a newline, whatever
// bytes the strings hold (invalid UTF-8 becomes U+FFFD).
std::string json_line(const LogLine& line);

// "2026-11-22T18:00:00.123Z"
std::string timestamp(std::int64_t wall_ms);

// Appends `text` as a JSON string with its quotes.
void append_json(std::string& out, std::string_view text);

std::string_view name_of(LogLevel level) noexcept;  // "debug", "info", "warn", "error", "off"

}  // namespace sqs2pg::telemetry
