// The proposal as YAML with comments, and as SQL. Names are quoted where YAML or SQL would read them otherwise. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "infer/proposal.h"

namespace sqs2pg::infer {

struct Connections {
    std::string postgres_url;  // as it is to stand in the file; empty: PG… variables
    std::string region;
    std::string endpoint_url;
    std::string profile;
    std::string key_file = "sqs2pg.keys";
};

// What stands above everything: a line each, without the `# `.
std::string yaml_of(const Proposal& proposal, const Connections& connections, const std::vector<std::string>& head);

// CREATE TABLE of every table that is proposed, those of commented routes too; empty when all are there.
std::string sql_of(const Proposal& proposal);

// A text as a YAML scalar, plain where that is safe. `flow`: it will stand between { }.
std::string yaml_scalar(std::string_view text, bool flow = false);
std::string_view name_of(pipeline::Convert convert) noexcept;  // as `convert:` takes it

// Control characters are escaped as in a double-quoted text: for comments and the terminal.
std::string printable(std::string_view text);

}  // namespace sqs2pg::infer
