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
               AND g.tgtype & 64 <> 0 AND g.tgtype & 4 <> 0),
       pg_catalog.has_database_privilege(pg_catalog.current_database(), 'TEMPORARY')
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relname = $1 AND c.relkind IN ('r', 'p', 'f', 'v', 'm')
  AND CASE WHEN $2 = '' THEN pg_catalog.pg_table_is_visible(c.oid) ELSE n.nspname = $2 END
)sql";

// One row a column of each index that ON CONFLICT can name. indnullsnotdistinct is read by way of JSON, since servers
// before 15 do not have it.
constexpr const char* kUniqueKeys = R"sql(
SELECT i.indexrelid, COALESCE((pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false), a.attname
FROM pg_catalog.pg_index i
CROSS JOIN LATERAL pg_catalog.generate_series(0, i.indnkeyatts - 1) AS place (n)
JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[place.n]
WHERE i.indrelid = $1::oid AND i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL
  AND i.indexprs IS NULL
ORDER BY 1, place.n
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
       pg_catalog.has_column_privilege(r.name, c.oid, a.attnum, 'INSERT'),
       pg_catalog.has_column_privilege(r.name, c.oid, a.attnum, 'SELECT'),
       pg_catalog.has_column_privilege(r.name, c.oid, a.attnum, 'UPDATE')
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

std::vector<UniqueKey> keys_of(const StatementResult& result) {
    std::vector<UniqueKey> keys;
    std::string index;
    for (const auto& row : result.rows) {
        if (keys.empty() || text_of(row[0]) != index) keys.push_back({{}, is_true(row[1])});
        index = text_of(row[0]);
        keys.back().columns.push_back(text_of(row[2]));
    }
    return keys;
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
    Params of_table = {oid};
    auto keys = co_await connection.query_params(kUniqueKeys, of_table, deadline);
    if (!keys) co_return fail(start_error(std::move(keys.error())));
    shape.unique_keys = keys_of(*keys);
    shape.may_stage = is_true(table[8]);
    co_return shape;
}

awaitable<Result<TableRights>> rights_on(Connection& connection, TableName name, ColumnRights wanted, std::string role,
                                         std::chrono::milliseconds deadline) {
    Params params = {name.schema, name.table, role};
    auto result = co_await connection.query_params(kRights, params, deadline);
    if (!result) co_return fail(start_error(std::move(result.error())));
    TableRights rights;
    rights.missing = std::move(wanted);
    for (const auto& row : result->rows) {
        rights.schema_usage = is_true(row[0]);
        auto column = text_of(row[1]);
        if (is_true(row[2])) std::erase(rights.missing.insert, column);
        if (is_true(row[3])) std::erase(rights.missing.select, column);
        if (is_true(row[4])) std::erase(rights.missing.update, column);
    }
    co_return rights;
}

}  // namespace sqs2pg::pg
