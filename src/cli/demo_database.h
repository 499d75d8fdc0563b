// What the demo asks of its private database: the table before the run, the findings after it.
#pragma once

#include <string>

#include "base/result.h"
#include "cli/demo_report.h"

namespace sqs2pg::cli {

// CREATE TABLE user_logins, as examples/user_logins.sql has it.
awaitable<Status> make_demo_table(std::string conninfo);

// Rows, tokens and dead letters; the figures are the caller's.
awaitable<Result<DemoFindings>> look_at_demo(std::string conninfo);

}  // namespace sqs2pg::cli
