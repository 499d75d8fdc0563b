// What worker and replayer need on the tables that rows go to, see migrations.h and rights.h.
#include <string>

#include <fmt/format.h>

#include "pg/copy.h"
#include "schema/migrations.h"
#include "schema/rights.h"

namespace sqs2pg::schema {

std::string column_grant(std::string_view privilege, const std::vector<std::string>& columns,
                         const pg::TableName& table, const std::string& role) {
    if (columns.empty()) return "";
    std::string list;
    for (const auto& column : columns) list += (list.empty() ? "" : ", ") + pg::quote_identifier(column);
    return fmt::format("GRANT {} ({}) ON {} TO {};", privilege, list, pg::quote(table), role);
}

namespace {

// GRANT takes no current_database(). No statement of it ends in a line end: they are told apart by that.
std::string staging_grant(const std::string& role) {
    auto body = fmt::format(
        "BEGIN EXECUTE pg_catalog.format('GRANT TEMPORARY ON DATABASE %I TO %I', pg_catalog.current_database(), {}); "
        "END",
        quote_literal(role));
    return fmt::format("DO {};\n", quote_literal(body));
}

}  // namespace

std::string target_grants_sql(const MigrationOptions& options) {
    std::string sql;
    for (const auto& [role, name] : named_roles(options)) {
        if (role == Role::Analyst) continue;  // who reads the rows is for their owner to say
        auto quoted = pg::quote_identifier(name);
        for (const auto& target : options.targets) {
            const auto& table = target.table;
            if (!table.schema.empty()) {
                sql += fmt::format("GRANT USAGE ON SCHEMA {} TO {};\n", pg::quote_identifier(table.schema), quoted);
            }
            sql += fmt::format("GRANT INSERT ON {} TO {};\n", pg::quote(table), quoted);
            for (const auto& grant : {column_grant("SELECT", target.columns.select, table, quoted),
                                      column_grant("UPDATE", target.columns.update, table, quoted)}) {
                if (!grant.empty()) sql += grant + '\n';
            }
            if (target.stages) sql += staging_grant(name);
        }
    }
    return sql;
}

}  // namespace sqs2pg::schema
