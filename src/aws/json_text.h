// Strings for the JSON that is sent to AWS. Pure.
#pragma once

#include <string>
#include <string_view>

namespace sqs2pg::aws {

// Appends `text` as a JSON string with its quotes.
void append_json_string(std::string& out, std::string_view text);

}  // namespace sqs2pg::aws
