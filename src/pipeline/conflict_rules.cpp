// Rules of on_conflict, see conflict_rules.h.
#include "pipeline/conflict_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace sqs2pg::pipeline {

namespace {

bool mapped(const Route& route, const std::string& column) {
    return std::ranges::any_of(route.columns, [&](const ColumnRule& rule) { return rule.column == column; });
}

const pg::UniqueKey* index_on(const pg::TableShape& table, const std::vector<std::string>& columns) {
    std::set<std::string> wanted(columns.begin(), columns.end());
    auto found = std::ranges::find_if(table.unique_keys, [&](const pg::UniqueKey& key) {
        return std::set<std::string>(key.columns.begin(), key.columns.end()) == wanted;
    });
    return found == table.unique_keys.end() ? nullptr : &*found;
}

std::string shown_keys(const pg::TableShape& table) {
    std::string text;
    for (const auto& key : table.unique_keys) {
        text += fmt::format("{}({})", text.empty() ? "" : ", ", fmt::join(key.columns, ", "));
    }
    return text.empty() ? "it has none" : "it has " + text;
}

}  // namespace

void check_conflict(const Route& route, const pg::TableShape& table, std::vector<Finding>& findings) {
    if (!route.on_conflict) return;
    const auto& rule = *route.on_conflict;
    auto error = [&](std::string code, std::string sentence) {
        findings.push_back({true, rule.place, std::move(sentence), std::move(code)});
    };
    auto name = pg::shown(table.name);
    if (table.kind == pg::TableKind::View || table.kind == pg::TableKind::Foreign) {
        error("conflict_target", fmt::format("{} is no table of this database, and `on_conflict` needs one with a "
                                             "unique index; leave `on_conflict` out",
                                             name));
        return;
    }
    if (!table.may_stage) {
        error("conflict_staging",
              "`on_conflict` needs a temporary table, and the role may make none; let the "
              "database's owner run: GRANT TEMPORARY ON DATABASE … TO the role");
    }
    bool known = true;
    for (const auto& column : rule.key) {
        if (mapped(route, column)) continue;
        known = false;
        error("conflict_column", fmt::format("`on_conflict`: the key's column \"{}\" is not among `columns`", column));
    }
    if (known && index_on(table, rule.key) == nullptr) {
        error("conflict_no_index",
              fmt::format("no unique index of {} stands on exactly ({}): {}; CREATE UNIQUE INDEX ON {} ({}), or name "
                          "another key (an index with a WHERE, on expressions or of a deferrable constraint does not "
                          "count)",
                          name, fmt::join(rule.key, ", "), shown_keys(table), name, fmt::join(rule.key, ", ")));
    }
    if (rule.what != OnConflict::Do::Update) return;
    if (!rule.newer_by.empty() && !mapped(route, rule.newer_by)) {
        error("conflict_column",
              fmt::format("`on_conflict`: the column \"{}\" of `newer_by` is not among `columns`", rule.newer_by));
    }
    bool all_key = std::ranges::all_of(route.columns, [&](const ColumnRule& one) {
        return std::ranges::find(rule.key, one.column) != rule.key.end();
    });
    if (all_key) {
        error("conflict_nothing_to_update",
              "`on_conflict`: every mapped column belongs to the key, so that nothing is left to update; write "
              "`do: ignore`");
    }
}

pg::ColumnRights rights_needed(const Route& route) {
    pg::ColumnRights rights;
    for (const auto& rule : route.columns) rights.insert.push_back(rule.column);
    if (!route.on_conflict) return rights;
    const auto& rule = *route.on_conflict;
    rights.select = rule.key;
    if (rule.what != OnConflict::Do::Update) return rights;
    // PostgreSQL takes EXCLUDED.column, the new value, for a look at the table's own column.
    for (const auto& column : rights.insert) {
        if (std::ranges::find(rule.key, column) != rule.key.end()) continue;
        rights.update.push_back(column);
        rights.select.push_back(column);
    }
    return rights;
}

ConflictPlan plan_conflict(const Route& route, const pg::TableShape& table) {
    ConflictPlan plan;
    plan.rule = *route.on_conflict;
    for (const auto& rule : route.columns) plan.types.push_back(table.find(rule.column)->sql_type);
    const auto* index = index_on(table, plan.rule.key);
    if (index != nullptr && index->nulls_equal) return plan;
    for (const auto& column : plan.rule.key) {
        if (!table.find(column)->not_null) plan.nullable_key.push_back(column);
    }
    return plan;
}

}  // namespace sqs2pg::pipeline
