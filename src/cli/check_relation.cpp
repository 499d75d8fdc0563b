// The target table, see check_relation.h.
#include "cli/check_relation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
namespace sqs2pg::cli {

namespace {

constexpr std::chrono::seconds kDeadline{10};

// A trigger's type: bit 0 for each row, bit 1 before, bit 2 insert (pg_trigger.h). Disabled and replica-only ones do
// not fire for a worker.
constexpr const char* kQuery = R"sql(
WITH RECURSIVE tree AS (
    SELECT c.oid FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = $1 AND c.relname = $2
    UNION ALL
    SELECT c.oid FROM tree
    JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.oid
    JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid AND c.relispartition
)
SELECT DISTINCT t.tgname::text FROM tree
JOIN pg_catalog.pg_trigger t ON t.tgrelid = tree.oid
WHERE t.tgtype & 7 = 7 AND NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')
ORDER BY 1
)sql";

}  // namespace

awaitable<Result<RelationState>> look_at_relation(pg::Connection& connection, const pg::TableName& table) {
    std::string sql = kQuery;
    std::vector<std::optional<std::string>> params{table.schema, table.table};
    const auto result = co_await connection.query_params(std::move(sql), std::move(params), kDeadline);
    if (!result) co_return fail(result.error().error);
    RelationState state;
    for (const auto& row : result->rows) state.triggers.push_back(row.at(0).value_or(""));
    co_return state;
}

void judge_relation(const RelationState& state, const pg::TableName& table, Findings& findings) {
    const auto place = "table " + table.schema + "." + table.table;
    if (!state.triggers.empty()) {
        findings.warning("table_trigger", place,
                         fmt::format("has a BEFORE INSERT trigger for each row ({}): where it returns NULL, the row is "
                                     "dropped without a word and its message deleted",
                                     fmt::join(state.triggers, ", ")));
    }
}

}  // namespace sqs2pg::cli
