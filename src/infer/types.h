// The column type for a place, from what was seen there; and what a column of it is called. Pure.
#pragma once

#include <string>

#include "infer/profile.h"
#include "pg/table_shape.h"
#include "pipeline/options.h"

namespace sqs2pg::infer {

struct ProposedType {
    pg::Column column;  // type, type_name and element; a name is not set
    pipeline::Convert convert = pipeline::Convert::None;
    std::string remark;  // why, where it is not plain; empty: nothing to say
};

ProposedType type_for(const Place& place);

pg::Column column_of(pg::TypeClass type);

// A time in its name, and whole numbers that are seconds or milliseconds since 1970 of our days.
pipeline::Convert epoch_of(const Place& place);

}  // namespace sqs2pg::infer
