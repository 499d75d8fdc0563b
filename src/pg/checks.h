// The verdicts of copy.h's check(), one family of types a file: check_number.cpp, check_time.cpp, check_text.cpp. Each
// says what PostgreSQL 15's input function would. Private to this module; pure.
#pragma once

#include <optional>
#include <string_view>

#include "pg/copy.h"

namespace sqs2pg::pg {

std::optional<Refusal> check_integer(std::string_view text, int bytes);
// precision 0: unconstrained.
std::optional<Refusal> check_numeric(std::string_view text, int precision, int scale);
std::optional<Refusal> check_float(std::string_view text, bool single_precision);
std::optional<Refusal> check_bool(std::string_view text);

enum class Moment { Date, Time, Timestamp, TimestampTz };
// ISO 8601 as PostgreSQL reads it; its other spellings ("Jan 8, 1999", "yesterday") are refused: what they mean depends
// on settings or on the day.
std::optional<Refusal> check_moment(std::string_view text, Moment moment);

// NUL or bytes that are not UTF-8.
bool is_storable_text(std::string_view text) noexcept;
std::size_t count_characters(std::string_view utf8) noexcept;
std::optional<Refusal> check_length(std::string_view text, std::int32_t max_characters);
std::optional<Refusal> check_uuid(std::string_view text);
std::optional<Refusal> check_jsonb(std::string_view text);
std::optional<Refusal> check_inet(std::string_view text);
std::optional<Refusal> check_bytea(std::string_view text);

// isspace() in the C locale, as the input functions use it.
inline bool is_blank(char c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r'); }
inline bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
inline bool is_hex(char c) noexcept { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

inline std::string_view trim_blanks(std::string_view text) noexcept {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

bool equals_ignoring_case(std::string_view text, std::string_view lower) noexcept;

}  // namespace sqs2pg::pg
