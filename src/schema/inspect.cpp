// Looking at schema `sqs2pg` without changing it, see migrations.h.
#include <cstdlib>

#include <fmt/format.h>

#include "schema/migrations.h"

namespace sqs2pg::schema {
namespace {

constexpr std::chrono::seconds kDeadline{30};

// First what is there and what the role may do, by catalog only: naming a table of a schema without USAGE is an error.
std::string rights_query(Role role) {
    std::string wanted;
    std::string functions;
    int place = 0;
    for (const auto& right : rights()) {
        if (right.role != role) continue;
        auto& list = std::string_view(right.privilege) == "EXECUTE" ? functions : wanted;
        list += fmt::format("{}({}, '{}', '{}')", list.empty() ? "" : ", ", ++place, right.object, right.privilege);
    }
    if (functions.empty()) functions = "(0, '', '')";
    return fmt::format(R"sql(
SELECT n.oid IS NOT NULL AND m.oid IS NOT NULL,
       CASE
           WHEN n.oid IS NULL THEN ''
           WHEN NOT pg_catalog.has_schema_privilege(n.oid, 'USAGE') THEN 'USAGE on schema sqs2pg'
           ELSE COALESCE((
               SELECT wanted.privilege || ' on sqs2pg.' || wanted.name
               FROM (VALUES {}) AS wanted (place, name, privilege)
               JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.name
               WHERE NOT CASE wanted.privilege WHEN 'DELETE' THEN pg_catalog.has_table_privilege(c.oid, 'DELETE')
                         ELSE pg_catalog.has_any_column_privilege(c.oid, wanted.privilege) END
               ORDER BY wanted.place LIMIT 1
           ), (
               SELECT 'EXECUTE on function sqs2pg.' || wanted.name || '()'
               FROM (VALUES {}) AS wanted (place, name, privilege)
               JOIN pg_catalog.pg_proc p ON p.pronamespace = n.oid AND p.proname = wanted.name
               WHERE NOT pg_catalog.has_function_privilege(p.oid, 'EXECUTE')
               ORDER BY wanted.place LIMIT 1
           ), '')
       END
FROM (SELECT 1) one
LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = 'sqs2pg'
LEFT JOIN pg_catalog.pg_class m ON m.relnamespace = n.oid AND m.relname = 'migration'
)sql",
                       wanted, functions);
}

constexpr const char* kVersion = "SELECT COALESCE(max(version), 0) FROM sqs2pg.migration";

constexpr const char* kState = R"sql(
SELECT extract(epoch FROM s.retention)::bigint, extract(epoch FROM s.partition_width)::bigint,
       COALESCE((extract(epoch FROM p.covered_from) * 1000)::bigint, 0),
       COALESCE((extract(epoch FROM p.covered_until) * 1000)::bigint, 0), COALESCE(p.bytes, 0)::bigint
FROM sqs2pg.ledger_settings s, (
    SELECT min(lower_bound) AS covered_from, max(upper_bound) AS covered_until,
           sum(pg_catalog.pg_total_relation_size(c.oid)) AS bytes
    FROM sqs2pg.ledger_partition
    JOIN pg_catalog.pg_class c ON c.relname = name AND c.relnamespace = 'sqs2pg'::regnamespace AND c.relispartition
) p
)sql";

std::int64_t number(const pg::Row& row, std::size_t column) {
    return row[column] ? std::strtoll(row[column]->c_str(), nullptr, 10) : 0;
}

}  // namespace

awaitable<Result<SchemaState>> inspect(pg::Connection& connection, Role role) {
    SchemaState state;
    state.role = role;
    auto looked = co_await connection.query(rights_query(role), kDeadline);
    if (!looked) co_return fail(looked.error().error);
    const auto& seen = looked->at(0).rows.at(0);
    state.present = seen[0] == "t";
    state.missing = seen[1].value_or("");
    state.rights = state.present && state.missing.empty();
    if (!state.rights) co_return state;
    auto version = co_await connection.query(kVersion, kDeadline);
    if (!version) co_return fail(version.error().error);
    state.version = static_cast<int>(number(version->at(0).rows.at(0), 0));
    if (state.version != kSchemaVersion || role != Role::Worker) co_return state;
    auto rest = co_await connection.query(kState, kDeadline);
    if (!rest) co_return fail(rest.error().error);
    if (rest->at(0).rows.empty()) co_return state;
    const auto& row = rest->at(0).rows[0];
    state.ledger_retention = std::chrono::seconds(number(row, 0));
    state.partition_width = std::chrono::seconds(number(row, 1));
    state.covered_from_ms = number(row, 2);
    state.covered_until_ms = number(row, 3);
    state.ledger_bytes = number(row, 4);
    co_return state;
}

Status judge(const SchemaState& state, const std::string& role) {
    auto refuse = [](std::string code, std::string detail) {
        return Status(fail(ErrorKind::Configuration, Stage::Start, std::move(code), std::move(detail)));
    };
    if (!state.present && state.missing.empty()) {
        return refuse(
            "no_schema",
            "the database has no schema sqs2pg yet: run `sqs2pg migrate -c FILE` (or start `run` with --migrate)");
    }
    if (!state.missing.empty()) {
        return refuse(
            "42501", fmt::format("role {} lacks {}: name it as `postgres: {}` and run `sqs2pg migrate` as the owner of "
                                 "schema sqs2pg",
                                 role, state.missing, configuration_key(state.role)));
    }
    if (state.version > kSchemaVersion) {
        return refuse("newer_schema",
                      fmt::format("schema sqs2pg has version {}, this program knows {}: use the newer sqs2pg",
                                  state.version, kSchemaVersion));
    }
    if (state.version < kSchemaVersion) {
        return refuse("old_schema",
                      fmt::format("schema sqs2pg has version {}, this program needs {}: run `sqs2pg migrate`",
                                  state.version, kSchemaVersion));
    }
    return {};
}

}  // namespace sqs2pg::schema
