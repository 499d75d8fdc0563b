// A JSON array as the text of a PostgreSQL array: ["a",null,1] -> {"a",NULL,"1"}, nested ones too. Source:
// PostgreSQL 15, "Array Value Input" (8.15.2). Pure.
#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "pg/copy.h"

namespace sqs2pg::pipeline {

// `json` is one JSON array (as the decoder proved), `column` of an array type. Scalars are handed over as their JSON
// text, as to any column. Of json and jsonb elements the outermost brackets are the array, and each element is a value
// of its own. Refused: an object in another array, a string that is no text, more than six levels. Whether the elements
// fit their type is pg::check's to say.
tl::expected<std::string, pg::Refusal> array_text(std::string_view json, const pg::Column& column);

}  // namespace sqs2pg::pipeline
