// A JSON array of scalars as the text of a PostgreSQL array: ["a",null,1] -> {"a",NULL,"1"}. Source: PostgreSQL 15,
// "Array Value Input" (8.15.2). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sqs2pg::pipeline {

// `json` is one JSON array (as the decoder proved). Scalars are handed over as their JSON text, as to any column.
// nullopt: an element is an object or array, or a string that is no text.
std::optional<std::string> array_text(std::string_view json);

}  // namespace sqs2pg::pipeline
