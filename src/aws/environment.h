// Environment variables as a value, so that tests need not change the process's own.
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace sqs2pg::aws {

// The variable's value; absent when it is not set or empty (as the AWS SDKs take it).
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// The process's own.
Environment process_environment();

}  // namespace sqs2pg::aws
