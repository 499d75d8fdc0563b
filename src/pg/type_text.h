// A column's type as SQL writes it ("varchar(64) not null", "integer[]", "enum('a', 'b')") to the same Column that the
// catalog gives of a live table: for looks at a mapping without a database. Pure. Source: PostgreSQL 15, chapter 8 and
// CREATE TABLE.
#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "pg/table_shape.h"

namespace sqs2pg::pg {

struct TypeText {
    Column column;        // without a name
    bool unique = false;  // UNIQUE or PRIMARY KEY
};

// Built-in types with their modifiers, arrays, ranges; NOT NULL, DEFAULT …, PRIMARY KEY, UNIQUE, GENERATED …;
// `enum('a', 'b')` for what CREATE TYPE would make, and `other` for a type that only a server can judge. A domain is
// written as its base type. The error is the end of a sentence about the text: "names no type that is known …".
tl::expected<TypeText, std::string> parse_column_type(std::string_view text);

}  // namespace sqs2pg::pg
