// Credentials that a program prints: `credential_process` of a profile. Source: AWS SDKs and Tools Reference Guide,
// "Process credential provider".
#pragma once

#include <string>

#include "aws/credentials.h"
#include "aws/credentials_source.h"

namespace sqs2pg::aws {

// Runs `command` (see command_output.h) and reads the JSON of Version 1 that it prints. Errors name the program and not
// its arguments, and never what it printed.
awaitable<Result<Credentials>> process_credentials(SourceContext context, std::string command);

}  // namespace sqs2pg::aws
