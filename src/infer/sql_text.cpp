// Writes the tables, see yaml_text.h.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "infer/yaml_text.h"
#include "pg/copy.h"

namespace sqs2pg::infer {

namespace {

// PostgreSQL's reserved key words: what cannot stand as a column's or table's name without quotes.
constexpr auto kReserved = std::to_array<std::string_view>({"all",
                                                            "analyse",
                                                            "analyze",
                                                            "and",
                                                            "any",
                                                            "array",
                                                            "as",
                                                            "asc",
                                                            "asymmetric",
                                                            "authorization",
                                                            "binary",
                                                            "both",
                                                            "case",
                                                            "cast",
                                                            "check",
                                                            "collate",
                                                            "collation",
                                                            "column",
                                                            "concurrently",
                                                            "constraint",
                                                            "create",
                                                            "cross",
                                                            "current_catalog",
                                                            "current_date",
                                                            "current_role",
                                                            "current_schema",
                                                            "current_time",
                                                            "current_timestamp",
                                                            "current_user",
                                                            "default",
                                                            "deferrable",
                                                            "desc",
                                                            "distinct",
                                                            "do",
                                                            "else",
                                                            "end",
                                                            "except",
                                                            "false",
                                                            "fetch",
                                                            "for",
                                                            "foreign",
                                                            "freeze",
                                                            "from",
                                                            "full",
                                                            "grant",
                                                            "group",
                                                            "having",
                                                            "ilike",
                                                            "in",
                                                            "initially",
                                                            "inner",
                                                            "intersect",
                                                            "into",
                                                            "is",
                                                            "isnull",
                                                            "join",
                                                            "lateral",
                                                            "leading",
                                                            "left",
                                                            "like",
                                                            "limit",
                                                            "localtime",
                                                            "localtimestamp",
                                                            "natural",
                                                            "not",
                                                            "notnull",
                                                            "null",
                                                            "offset",
                                                            "on",
                                                            "only",
                                                            "or",
                                                            "order",
                                                            "outer",
                                                            "overlaps",
                                                            "placing",
                                                            "primary",
                                                            "references",
                                                            "returning",
                                                            "right",
                                                            "select",
                                                            "session_user",
                                                            "similar",
                                                            "some",
                                                            "symmetric",
                                                            "system_user",
                                                            "table",
                                                            "tablesample",
                                                            "then",
                                                            "to",
                                                            "trailing",
                                                            "true",
                                                            "union",
                                                            "unique",
                                                            "user",
                                                            "using",
                                                            "variadic",
                                                            "verbose",
                                                            "when",
                                                            "where",
                                                            "window",
                                                            "with"});

// Quoted only where it must be.
std::string identifier(const std::string& name) {
    const bool plain = !name.empty() && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == name.npos &&
                       (name.front() < '0' || name.front() > '9') &&
                       std::ranges::find(kReserved, name) == kReserved.end();
    return plain ? name : pg::quote_identifier(name);
}

std::string table_identifier(const pg::TableName& name) {
    const auto table = identifier(name.table);
    return name.schema.empty() ? table : identifier(name.schema) + "." + table;
}

std::string create_table(const ProposedRoute& route) {
    std::size_t width = 0;
    std::size_t types = 0;
    for (const auto& column : route.columns) {
        width = std::max(width, identifier(column.rule.column).size());
        types = std::max(types, column.column.type_name.size());
    }
    std::string out = fmt::format("CREATE TABLE {} (\n", table_identifier(route.table));
    for (std::size_t i = 0; i < route.columns.size(); ++i) {
        const auto& column = route.columns[i];
        const auto null = column.column.not_null && column.active ? "NOT NULL" : "";
        auto line = fmt::format("    {:<{}}  {:<{}} {}", identifier(column.rule.column), width, column.column.type_name,
                                null[0] == 0 ? 0 : types, null);
        while (line.ends_with(' ')) line.pop_back();
        out += line + (i + 1 < route.columns.size() ? ",\n" : "\n");
    }
    return out + ");\n";
}

}  // namespace

std::string sql_of(const Proposal& proposal) {
    std::string out;
    for (const auto& route : proposal.routes) {
        if (route.table_exists) continue;
        if (!out.empty()) out.push_back('\n');
        out += create_table(route);
    }
    return out;
}

}  // namespace sqs2pg::infer
