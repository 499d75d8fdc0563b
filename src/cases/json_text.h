// JSON as the cases write it: YAML's values as JSON text, and JSON texts in one form, so that equal values compare
// equal. Pure.
#pragma once

#include <string>
#include <string_view>

#include "config/yaml_reader.h"

namespace sqs2pg::cases {

// A plain number, true, false or null is what it looks like, and a number stays as it is written; everything else, and
// everything in quotes, is a string.
std::string json_of(const config::Node& value);

void append_json_string(std::string& out, std::string_view text);

// `json` (well-formed) without blanks, members sorted by name; of equal names the last one.
std::string canonical_json(std::string_view json);

}  // namespace sqs2pg::cases
