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

// What PostgreSQL's input function of `column` would say to `text` (valid UTF-8 is a precondition; NUL is checked).
// nullopt: accepted, or a type that only the server can judge (TypeClass::Other). Never truncates, never alters.
// The text is what the COPY field will hold before escaping. Surrounding blanks: as the type's input function takes
// them.
std::optional<Refusal> check(const Column& column, std::string_view text);

// Appends one COPY text field: backslash, tab, newline, carriage return … escaped. No delimiter is added.
void append_field(std::string& line, std::string_view text);

inline constexpr std::string_view kNullField = "\\N";
inline constexpr char kDelimiter = '\t';
inline constexpr char kEndOfRow = '\n';

// "schema"."table" with quotes doubled; and one identifier.
std::string quote_identifier(std::string_view name);
std::string quote(const TableName& name);

}  // namespace sqs2pg::pg
