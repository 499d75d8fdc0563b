// The live table as the server describes it: columns, types, what may be NULL, and what the role may do with it. Reads
// the catalogs with parameters only; works through a transaction pooler.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "pg/connection.h"
#include "pg/table_shape.h"

namespace sqs2pg::pg {

// The table's shape with its schema filled in. An empty schema is searched through the connection's search_path.
// Configuration errors: no such table (code "42P01", with the nearest name that exists), a view without an INSTEAD OF
// INSERT trigger, a materialized view (code "42809"). The connection outlives the call.
awaitable<Result<TableShape>> describe_table(Connection& connection, TableName name,
                                             std::chrono::milliseconds deadline);

struct TableRights {
    bool schema_usage = false;
    ColumnRights missing;

    bool sufficient() const {
        return schema_usage && missing.insert.empty() && missing.select.empty() && missing.update.empty();
    }
};

// What `role` (empty: the connecting one) may do: USAGE on the schema, and what of `wanted` it lacks. The name has its
// schema.
awaitable<Result<TableRights>> rights_on(Connection& connection, TableName name, ColumnRights wanted, std::string role,
                                         std::chrono::milliseconds deadline);

}  // namespace sqs2pg::pg
