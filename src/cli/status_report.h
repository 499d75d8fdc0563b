// What `sqs2pg status` says of an overview of the database: text for people, JSON for machines. Pure.
#pragma once

#include <string>
#include <vector>

#include "cli/screen.h"
#include "schema/control.h"

namespace sqs2pg::cli {

struct StatusReport {
    schema::Overview overview;
    std::vector<std::string> configured;  // names of the configuration's pipelines, in its order; may be empty
    std::string file;                     // what -c named, for the commands; empty: FILE
};

// On a terminal lines are wrapped and states coloured. The last line but one says how to ask for a pause's cause or a
// reason, where one is shown.
std::string status_text(const StatusReport& report, const Screen& screen = {});
std::string status_json(const StatusReport& report);

}  // namespace sqs2pg::cli
