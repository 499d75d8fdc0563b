// Holds rules against the types of their columns and the kind of the table, a part of check_rules (map.h).
#pragma once

#include <vector>

#include "pg/table_shape.h"
#include "pipeline/map.h"
#include "pipeline/options.h"

namespace sqs2pg::pipeline {

// A type that no JSON fits (composite), a `default` or `value` that the column refuses.
void check_type(const ColumnRule& rule, const pg::Column& column, std::vector<Finding>& findings);

// What rows in such a table are to expect: row-level security, a partition by itself, another server, no crash safety.
void check_target(const Route& route, const pg::TableShape& table, std::vector<Finding>& findings);

}  // namespace sqs2pg::pipeline
