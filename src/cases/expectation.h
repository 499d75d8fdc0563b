// What a case expects, as its file says it.
#pragma once

#include <string>

#include "cases/case_file.h"

namespace sqs2pg::cases {

// `ignored`; `{dead_letter: REASON}` or `{dead_letter: {reason, column|path}}`; `{row: {…}}`, `{rows: [{…}, …]}` or
// `{rows: N}`, with `table` or without. `what` names the case in messages.
Expectation read_expectation(const config::Node& node, const std::string& what, config::Report& report);

}  // namespace sqs2pg::cases
