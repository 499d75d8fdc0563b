// Reading of the catalogs, see catalog.h.
#include "pg/catalog.h"

#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "base/nearest.h"
#include "pg/copy.h"

namespace sqs2pg::pg {
namespace {

using Params = std::vector<std::optional<std::string>>;

constexpr const char* kFindTable = R"sql(
SELECT c.oid, n.nspname, c.relkind, pg_catalog.row_security_active(c.oid)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relname = $1 AND c.relkind IN ('r', 'p', 'f', 'v', 'm')
  AND CASE WHEN $2 = '' THEN pg_catalog.pg_table_is_visible(c.oid) ELSE n.nspname = $2 END
)sql";

constexpr const char* kColumns = R"sql(
SELECT a.attname, CASE WHEN tn.nspname = 'pg_catalog' AND t.typtype = 'b' THEN t.typname ELSE '' END,
       pg_catalog.format_type(a.atttypid, a.atttypmod), a.atttypmod,
       a.attnotnull OR t.typnotnull,
       a.atthasdef OR a.attidentity <> '' OR t.typdefault IS NOT NULL,
       a.attgenerated <> '' OR a.attidentity = 'a'
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace
WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
)sql";

// What could have been meant: with its schema when the name had one, or when it would not be found without.
constexpr const char* kTableNames = R"sql(
SELECT CASE WHEN $1 = '' AND pg_catalog.pg_table_is_visible(c.oid) THEN c.relname ELSE n.nspname || '.' || c.relname END
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'f') AND NOT c.relispartition
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast', 'sqs2pg')
ORDER BY 1 LIMIT 2000
)sql";

constexpr const char* kRights = R"sql(
SELECT pg_catalog.has_schema_privilege(r.name, n.oid, 'USAGE'), a.attname,
       pg_catalog.has_column_privilege(r.name, c.oid, a.attnum, 'INSERT')
FROM (SELECT COALESCE(NULLIF($3, ''), current_user)::name AS name) r,
     pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE n.nspname = $1 AND c.relname = $2
)sql";

std::string text_of(const std::optional<std::string>& cell) { return cell.value_or(""); }
bool is_true(const std::optional<std::string>& cell) { return cell == "t"; }

std::int32_t number_of(const std::optional<std::string>& cell) {
    std::int32_t value = -1;
    if (cell) std::from_chars(cell->data(), cell->data() + cell->size(), value);
    return value;
}

Column column_of(const Row& row) {
    Column column;
    column.name = text_of(row[0]);
    column.type = type_class_of(text_of(row[1]));
    column.type_name = text_of(row[2]);
    column.not_null = is_true(row[4]);
    column.has_default = is_true(row[5]);
    column.generated = is_true(row[6]);
    // Type modifiers carry a header of four bytes; numeric packs precision and an 11-bit signed scale behind it.
    auto modifier = number_of(row[3]) - 4;
    if (modifier < 0) return column;
    if (column.type == TypeClass::Varchar || column.type == TypeClass::Char) column.max_length = modifier;
    if (column.type == TypeClass::Numeric) {
        column.precision = (modifier >> 16) & 0xffff;
        column.scale = ((modifier & 0x7ff) ^ 1024) - 1024;
    }
    return column;
}

Error start_error(QueryError error) {
    error.error.stage = Stage::Start;
    return std::move(error.error);
}

std::string shown(const TableName& name) { return name.schema.empty() ? name.table : name.schema + '.' + name.table; }

awaitable<Error> absent(Connection& connection, TableName name, std::chrono::milliseconds deadline) {
    Params params = {name.schema};
    auto names = co_await connection.query_params(kTableNames, params, deadline);
    std::vector<std::string> candidates;
    if (names) {
        for (const auto& row : names->rows) candidates.push_back(text_of(row[0]));
    }
    auto nearest = nearest_name(shown(name), candidates);
    auto hint = nearest.empty() ? std::string() : fmt::format("; did you mean {}?", nearest);
    co_return Error{ErrorKind::Configuration, Stage::Start, "42P01",
                    fmt::format("there is no table {} in {}{}", shown(name), connection.where(), hint)};
}

}  // namespace

TypeClass type_class_of(std::string_view catalog_name) noexcept {
    using enum TypeClass;
    constexpr std::pair<std::string_view, TypeClass> kClasses[] = {
        {"int2", Int2},     {"int4", Int4},   {"int8", Int8}, {"numeric", Numeric},     {"float4", Float4},
        {"float8", Float8}, {"bool", Bool},   {"text", Text}, {"varchar", Varchar},     {"bpchar", Char},
        {"uuid", Uuid},     {"date", Date},   {"time", Time}, {"timestamp", Timestamp}, {"timestamptz", TimestampTz},
        {"json", Json},     {"jsonb", Jsonb}, {"inet", Inet}, {"bytea", Bytea},
    };
    for (const auto& [name, type] : kClasses) {
        if (name == catalog_name) return type;
    }
    return Other;
}

awaitable<Result<TableShape>> describe_table(Connection& connection, TableName name,
                                             std::chrono::milliseconds deadline) {
    Params which = {name.table, name.schema};
    auto found = co_await connection.query_params(kFindTable, which, deadline);
    if (!found) co_return fail(start_error(std::move(found.error())));
    if (found->rows.empty()) {
        auto error = co_await absent(connection, name, deadline);
        co_return fail(std::move(error));
    }
    const auto& table = found->rows.front();
    TableShape shape;
    shape.name = {text_of(table[1]), name.table};
    shape.row_security = is_true(table[3]);
    if (table[2] == "v" || table[2] == "m") {
        co_return fail(ErrorKind::Configuration, Stage::Start, "42809",
                       fmt::format("{} is a view: name the table that rows are to go to", shown(shape.name)));
    }
    Params oid = {table[0]};
    auto columns = co_await connection.query_params(kColumns, oid, deadline);
    if (!columns) co_return fail(start_error(std::move(columns.error())));
    for (const auto& row : columns->rows) shape.columns.push_back(column_of(row));
    co_return shape;
}

awaitable<Result<TableRights>> rights_on(Connection& connection, TableName name, std::vector<std::string> columns,
                                         std::string role, std::chrono::milliseconds deadline) {
    Params params = {name.schema, name.table, role};
    auto result = co_await connection.query_params(kRights, params, deadline);
    if (!result) co_return fail(start_error(std::move(result.error())));
    TableRights rights;
    rights.columns_without_insert = std::move(columns);
    for (const auto& row : result->rows) {
        rights.schema_usage = is_true(row[0]);
        if (is_true(row[2])) std::erase(rights.columns_without_insert, text_of(row[1]));
    }
    co_return rights;
}

}  // namespace sqs2pg::pg
