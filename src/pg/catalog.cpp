// Reading of the catalogs, see catalog.h.
#include "pg/catalog.h"

#include <utility>

#include <fmt/format.h>

#include "base/nearest.h"
#include "pg/catalog_types.h"

namespace sqs2pg::pg {
namespace {

using Params = std::vector<std::optional<std::string>>;

constexpr const char* kFindTable = R"sql(
SELECT c.oid, n.nspname, c.relkind, pg_catalog.row_security_active(c.oid), c.relpersistence = 'u',
       (SELECT pn.nspname || '.' || p.relname
        FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class p ON p.oid = i.inhparent
        JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
        WHERE c.relispartition AND i.inhrelid = c.oid),
       c.relkind = 'f' OR c.relkind = 'p' AND EXISTS (
           SELECT FROM pg_catalog.pg_partition_tree(c.oid) t JOIN pg_catalog.pg_class l ON l.oid = t.relid
           WHERE l.relkind = 'f'),
       EXISTS (SELECT FROM pg_catalog.pg_trigger g WHERE g.tgrelid = c.oid AND NOT g.tgisinternal
               AND g.tgtype & 64 <> 0 AND g.tgtype & 4 <> 0)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relname = $1 AND c.relkind IN ('r', 'p', 'f', 'v', 'm')
  AND CASE WHEN $2 = '' THEN pg_catalog.pg_table_is_visible(c.oid) ELSE n.nspname = $2 END
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

Error start_error(QueryError error) {
    error.error.stage = Stage::Start;
    return std::move(error.error);
}

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

// What COPY cannot fill, as a sentence; empty: it can.
std::string unfit(const Row& table, const TableName& name) {
    if (table[2] == "m") {
        return fmt::format("{} is a materialized view, which only REFRESH fills: name the table that rows are to go to",
                           shown(name));
    }
    if (table[2] == "v" && !is_true(table[7])) {
        return fmt::format(
            "{} is a view without an INSTEAD OF INSERT trigger, so nothing can be copied into it: name the table that "
            "rows are to go to, or CREATE TRIGGER … INSTEAD OF INSERT ON {} FOR EACH ROW …",
            shown(name), shown(name));
    }
    return {};
}

TableKind kind_of(const std::optional<std::string>& relkind) {
    if (relkind == "p") return TableKind::Partitioned;
    if (relkind == "f") return TableKind::Foreign;
    return relkind == "v" ? TableKind::View : TableKind::Table;
}

}  // namespace

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
    shape.unlogged = is_true(table[4]);
    shape.partition_of = text_of(table[5]);
    shape.foreign_rows = is_true(table[6]);
    shape.kind = kind_of(table[2]);
    if (auto sentence = unfit(table, shape.name); !sentence.empty()) {
        co_return fail(ErrorKind::Configuration, Stage::Start, "42809", std::move(sentence));
    }
    std::string oid = text_of(table[0]);
    auto columns = co_await describe_columns(connection, oid, deadline);
    if (!columns) co_return fail(start_error(std::move(columns.error())));
    shape.columns = std::move(*columns);
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
