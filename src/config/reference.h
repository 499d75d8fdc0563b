// The reference page of the configuration, written from the table of fields; docs/configuration.md is its output.
#pragma once

#include <string>

namespace sqs2pg::config {

// Markdown; ends with a line end.
std::string reference_markdown();

}  // namespace sqs2pg::config
