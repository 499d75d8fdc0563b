// The configuration as a JSON Schema (draft 2020-12), for editors: docs/sqs2pg.schema.json, written from the table of
// fields (fields.h). It takes everything that the program takes, and tells most mistakes while they are typed; the last
// word has `sqs2pg check`.
#pragma once

#include <string>

namespace sqs2pg::config {

std::string json_schema();

}  // namespace sqs2pg::config
