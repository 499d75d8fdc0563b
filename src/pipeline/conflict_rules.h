// `on_conflict` held against the live table: a part of check_rules (map.h), and the plan that the database port gets.
#pragma once

#include <vector>

#include "pg/table_shape.h"
#include "pipeline/map.h"
#include "pipeline/options.h"
#include "pipeline/ports.h"

namespace sqs2pg::pipeline {

// A key that no unique index covers, or whose columns are not mapped; `newer_by` likewise; nothing to update; a target
// or a role that cannot be staged for. Nothing without on_conflict.
void check_conflict(const Route& route, const pg::TableShape& table, std::vector<Finding>& findings);

// `route` passed check_conflict and has on_conflict.
ConflictPlan plan_conflict(const Route& route, const pg::TableShape& table);

}  // namespace sqs2pg::pipeline
