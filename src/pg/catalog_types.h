// The columns of a live table with their types resolved: domains down to their base type, arrays to their elements,
// ranges to their bounds, enums to their labels. Reads the catalogs. Private to this module.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "pg/connection.h"
#include "pg/table_shape.h"

namespace sqs2pg::pg {

// In the table's order, without dropped ones. `table_oid` is pg_class.oid as text. The connection outlives the call.
awaitable<tl::expected<std::vector<Column>, QueryError>> describe_columns(Connection& connection, std::string table_oid,
                                                                          std::chrono::milliseconds deadline);

// From pg_type.typname (of pg_catalog) to what the worker checks itself; every other type is Other.
TypeClass type_class_of(std::string_view catalog_name) noexcept;

// What a type modifier (pg_attribute.atttypmod) says of the column's type: lengths, precision, fields.
void apply_modifier(Column& column, std::int32_t modifier) noexcept;

}  // namespace sqs2pg::pg
