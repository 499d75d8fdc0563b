// The target table itself, beyond its columns: what may lose rows without an error.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/findings.h"
#include "pg/connection.h"
#include "pg/table_shape.h"

namespace sqs2pg::cli {

struct RelationState {
    std::vector<std::string> triggers;  // enabled BEFORE INSERT triggers for each row, partitions' too
};

// One round trip. The table has its schema. Arguments outlive the coroutine.
awaitable<Result<RelationState>> look_at_relation(pg::Connection& connection, const pg::TableName& table);

// Pure.
void judge_relation(const RelationState& state, const pg::TableName& table, Findings& findings);

}  // namespace sqs2pg::cli
