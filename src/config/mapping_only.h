// The part of a configuration that says what becomes of a message, without the places that it is connected to.
#pragma once

#include "config/yaml_reader.h"

namespace sqs2pg::config {

// Takes `postgres`, `aws` and `keys` out of a configuration's tree, in `defaults` and in each pipeline too, and what
// concerns the process (`ops` …).
void drop_connections(Node& root);

}  // namespace sqs2pg::config
