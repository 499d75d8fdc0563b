// Which libpq runs, for `sqs2pg version`.
#pragma once

#include <string>

namespace sqs2pg::pg {

// "15.9": that of the shared library in use.
std::string library_version();

}  // namespace sqs2pg::pg
