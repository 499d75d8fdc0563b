// Who may do what in schema `sqs2pg`: one table that feeds the migration's GRANTs and the look at a role's rights
// before a command runs. The owner is in none of it: it owns everything. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pg/table_shape.h"

namespace sqs2pg::schema {

struct MigrationOptions;

// What a role is for. The owner migrates; one role may be several of them.
enum class Role {
    Worker,    // `run`: adds rows, ledger entries and dead letters
    Replayer,  // `dead-letters`: looks into, replays and drops dead letters
    Analyst,   // counts and lists dead letters without the sealed messages
};

struct Right {
    Role role;
    const char* privilege;  // "SELECT", …, "EXECUTE"
    const char* object;     // a table of schema sqs2pg, or a function without its parentheses
    const char* columns;    // "": the whole table
};

std::span<const Right> rights();

// "worker_role": the key under `postgres:` that names the role.
const char* configuration_key(Role role);

// The roles that the options name, each with its name; not those that are the owner.
struct NamedRole {
    Role role;
    std::string name;
};
std::vector<NamedRole> named_roles(const MigrationOptions& options);

// Takes from each named role what it has in schema sqs2pg, and grants what the table says. Safe when a role turns out
// to own the schema. Part of the migration's transaction.
std::string rights_sql(const MigrationOptions& options);

// GRANT privilege (columns) ON table TO role; with everything quoted but `role`, which is. Empty without columns.
std::string column_grant(std::string_view privilege, const std::vector<std::string>& columns,
                         const pg::TableName& table, const std::string& role);

// Text as an SQL literal.
std::string quote_literal(const std::string& text);

}  // namespace sqs2pg::schema
