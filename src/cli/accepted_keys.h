// The keys that `sqs2pg queue --verify-signatures` accepts: the environment's, as every AWS client reads them, and
// those of a credentials file. Never on the command line, where every process could read them.
#pragma once

#include <string>
#include <vector>

#include "aws/credentials.h"
#include "aws/environment.h"
#include "base/result.h"

namespace sqs2pg::cli {

// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, and every profile of `file` (empty: none) that holds
// a key. Configuration error: no key at all, half a key, one access key id twice, or a file that cannot be read.
Result<std::vector<aws::Credentials>> accepted_keys(const aws::Environment& environment, const std::string& file);

}  // namespace sqs2pg::cli
