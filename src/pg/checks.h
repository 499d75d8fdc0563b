// The verdicts of copy.h's check(), one family of types a file: check_number.cpp, check_time.cpp … Each says what
// PostgreSQL 15's input function would, and where it would drop a part of the value, refuses. Private to this module;
// pure.
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

enum class Moment { Date, Time, TimeTz, Timestamp, TimestampTz };
// ISO 8601 as PostgreSQL reads it; its other spellings ("Jan 8, 1999", "yesterday") are refused: what they mean depends
// on settings or on the day. So is an offset other than zero for a type that has none, and a date before a time: the
// server would drop them without a word.
std::optional<Refusal> check_moment(std::string_view text, Moment moment);
// Refuses what no interval can be and leaves rare spellings to the server. `fields`: as Column::interval_fields; then
// what the server would cut off is refused too.
std::optional<Refusal> check_interval(std::string_view text, std::int32_t fields);

// NUL or bytes that are not UTF-8.
bool is_storable_text(std::string_view text) noexcept;
std::size_t count_characters(std::string_view utf8) noexcept;
std::optional<Refusal> check_length(std::string_view text, std::int32_t max_characters);
std::optional<Refusal> check_uuid(std::string_view text);
std::optional<Refusal> check_bytea(std::string_view text);
std::optional<Refusal> check_bits(std::string_view text, std::int32_t length, bool varying);
std::optional<Refusal> check_name(std::string_view text);
std::optional<Refusal> check_one_byte(std::string_view text);
std::optional<Refusal> check_oid(std::string_view text);
std::optional<Refusal> check_lsn(std::string_view text);

// RFC 8259, at most 1,000 levels deep.
bool is_json(std::string_view text);
// What jsonb refuses of well-formed JSON (a precondition): \u0000, surrogates without their partner, and numbers that
// numeric cannot hold.
std::optional<Refusal> check_jsonb(std::string_view text);

// inet; a `network` (cidr) may be abbreviated, and has no bits behind its prefix.
std::optional<Refusal> check_address(std::string_view text, bool network);
std::optional<Refusal> check_macaddr(std::string_view text);
std::optional<Refusal> check_macaddr8(std::string_view text);

// point, lseg, box, line, path, polygon, circle.
std::optional<Refusal> check_shape(std::string_view text, TypeClass type);

std::optional<Refusal> check_array(const Column& column, std::string_view text);
std::optional<Refusal> check_range(const Column& column, std::string_view text);
std::optional<Refusal> check_multirange(const Column& column, std::string_view text);
std::optional<Refusal> check_enum(const Column& column, std::string_view text);

// check() of text that is_storable_text().
std::optional<Refusal> check_value(const Column& column, std::string_view text, bool known_json = false);

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
