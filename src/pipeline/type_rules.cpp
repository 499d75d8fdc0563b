// Rules against types and the kind of the table, see type_rules.h.
#include "pipeline/type_rules.h"

#include <fmt/format.h>

#include "pg/copy.h"

namespace sqs2pg::pipeline {

namespace {

// The composite type at the bottom of a column's type, domains and arrays taken off; nullptr: there is none.
const pg::Column* composite_in(const pg::Column& column) {
    if (column.type == pg::TypeClass::Composite) return &column;
    return column.type == pg::TypeClass::Array && column.element ? composite_in(*column.element) : nullptr;
}

}  // namespace

void check_type(const ColumnRule& rule, const pg::Column& column, std::vector<Finding>& findings) {
    if (composite_in(column) != nullptr) {
        findings.push_back(
            {true, rule.place,
             fmt::format("column \"{}\" is of type {}, a composite type, which no JSON value fits; make it jsonb, or "
                         "map its fields to columns of their own and compose them in a view or a generated column",
                         column.name, column.type_name),
             "column_composite"});
        return;
    }
    // What the configuration itself puts into the column: a message is not to blame for it.
    if (rule.constant && !rule.default_value && column.not_null) {
        findings.push_back({true, rule.place,
                            fmt::format("column \"{}\" is NOT NULL, but its `value` is null; write another, or "
                                        "leave the column out where it has a default",
                                        column.name),
                            "value_type"});
    }
    if (!rule.default_value || rule.mask) return;
    if (auto refusal = pg::check(column, *rule.default_value)) {
        std::string_view what = rule.constant ? "value" : "default";
        findings.push_back({true, rule.place,
                            fmt::format("the `{}` of column \"{}\" does not fit its type {} ({}); write one that does",
                                        what, column.name, column.type_name, pg::name_of(*refusal)),
                            rule.constant ? "value_type" : "default_type"});
    }
}

void check_target(const Route& route, const pg::TableShape& table, std::vector<Finding>& findings) {
    auto name = pg::shown(table.name);
    if (table.row_security) {
        findings.push_back(
            {true, route.place,
             fmt::format("row-level security is active on {} for this role, and COPY is refused under it; "
                         "write as a role with BYPASSRLS or disable it on the table",
                         name),
             "row_security"});
    }
    if (!table.partition_of.empty()) {
        findings.push_back(
            {false, route.place,
             fmt::format("{} is one partition of {}: a row that belongs into another one pauses the pipeline; name {} "
                         "as the table",
                         name, table.partition_of, table.partition_of),
             "table_is_partition"});
    }
    if (table.foreign_rows) {
        findings.push_back(
            {false, route.place,
             fmt::format("{} keeps rows on another server, in a transaction of their own: a crash between the two "
                         "commits can write a batch twice there; a table of this database is exact",
                         name),
             "table_foreign"});
    }
    if (table.unlogged) {
        findings.push_back(
            {false, route.place,
             fmt::format("{} is UNLOGGED: a crash of the server empties it after its messages were deleted; "
                         "ALTER TABLE {} SET LOGGED",
                         name, pg::quote(table.name)),
             "table_unlogged"});
    }
}

}  // namespace sqs2pg::pipeline
