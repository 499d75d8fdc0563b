// Tokens in files, which others renew while we run: read anew each time, and bounded.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"
#include "base/secret.h"

namespace sqs2pg::aws {

// The file without white space at its ends. Credentials error, "cannot read FILE: …", "FILE is empty" or larger than
// `max_bytes`.
Result<Secret> read_token_file(const std::string& path, std::size_t max_bytes = 64 * 1024);

}  // namespace sqs2pg::aws
