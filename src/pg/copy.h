// COPY text format and the worker's own verdict on values, so that a bad value never reaches the server and its log.
// Pure. Source: PostgreSQL 15, COPY, "Text Format"; chapter 8 for the types.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "pg/table_shape.h"

namespace sqs2pg::pg {

// The dead-letter reasons that a value can earn by itself (reference: contract, "Dead letters").
enum class Refusal { WrongType, OutOfRange, TooLong, InvalidText, NotNull };

// The contract's word for it: "wrong_type", "out_of_range", "too_long", "invalid_text", "not_null".
std::string_view name_of(Refusal refusal) noexcept;

// What PostgreSQL's input function of `column` would say to `text` (NUL and UTF-8 are checked). nullopt: accepted, or
// left to the server (TypeClass::Other, rare spellings). Where the server would drop a part of the value (blanks behind
// varchar(n), an offset before timestamp, all but the first byte for "char" …) it is refused: nothing is ever
// truncated. The text is what the COPY field will hold before escaping. Surrounding blanks: as the type's input
// function takes them. `known_json`: the text is well-formed JSON, so that json and jsonb need not look again.
std::optional<Refusal> check(const Column& column, std::string_view text, bool known_json = false);

// Appends one COPY text field: backslash, tab, newline, carriage return … escaped. No delimiter is added.
void append_field(std::string& line, std::string_view text);

inline constexpr std::string_view kNullField = "\\N";
inline constexpr char kDelimiter = '\t';
inline constexpr char kEndOfRow = '\n';

// "schema"."table" with quotes doubled; and one identifier.
std::string quote_identifier(std::string_view name);
std::string quote(const TableName& name);

}  // namespace sqs2pg::pg
