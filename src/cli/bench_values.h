// Values for invented messages: one that a column's type, conversion and mask take, for `bench` without messages of the
// user's. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "pg/table_shape.h"
#include "pipeline/options.h"

namespace sqs2pg::cli {

// The `n`-th value of the column as JSON. Different for different n where the type has room for that, so that unique
// indexes take them.
std::string invented_value(const pipeline::ColumnRule& rule, const pg::Column& column, std::uint64_t n);

}  // namespace sqs2pg::cli
