// Holds a column's mask against the column: what check_rules (map.h) says about masks.
#pragma once

#include <vector>

#include "pg/table_shape.h"
#include "pipeline/map.h"
#include "pipeline/options.h"
#include "privacy/keyring.h"

namespace sqs2pg::pipeline {

// Types whose columns take any text, or whose verdict is the server's.
bool holds_text(pg::TypeClass type) noexcept;

// Columns that cannot hold what the mask makes (errors), that can hold it for some values only, and masks that hide
// less than one may think (warnings). `rule.mask` is set. Without a keyring, token lengths are not looked at.
void check_mask(const ColumnRule& rule, const pg::Column& column, const privacy::Keyring* keyring,
                std::vector<Finding>& findings);

}  // namespace sqs2pg::pipeline
