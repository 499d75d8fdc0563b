// Staging and merging, see conflict_statements.h.
#include "adapters/conflict_statements.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include <fmt/format.h>

#include "pg/copy.h"

namespace sqs2pg::adapters {
namespace {

using pipeline::ConflictPlan;
using pipeline::OnConflict;

// FNV-1a, 64 bits: the same in every process, which std::hash does not promise.
std::uint64_t fingerprint(std::string_view text) {
    std::uint64_t hash = 14695981039346656037ULL;
    for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    return hash;
}

std::string joined(const std::vector<std::string>& names, std::string_view prefix = "") {
    std::string out;
    for (const auto& name : names) {
        if (!out.empty()) out += ", ";
        out += prefix;
        out += pg::quote_identifier(name);
    }
    return out;
}

// What tells one key from another: the key's columns, and the row's place where one of them is NULL.
std::string distinct_key(const ConflictPlan& plan) {
    auto key = joined(plan.rule.key, "s.");
    if (plan.nullable_key.empty()) return key;
    std::string is_null;
    for (const auto& column : plan.nullable_key) {
        is_null += fmt::format("{}s.{} IS NULL", is_null.empty() ? "" : " OR ", pg::quote_identifier(column));
    }
    return fmt::format("{}, CASE WHEN {} THEN s.ctid END", key, is_null);
}

std::string conflict_action(const pipeline::Target& target) {
    const auto& rule = target.conflict->rule;
    if (rule.what == OnConflict::Do::Ignore) return "DO NOTHING";
    std::string set;
    for (const auto& column : target.columns) {
        if (std::ranges::find(rule.key, column) != rule.key.end()) continue;
        auto quoted = pg::quote_identifier(column);
        set += fmt::format("{}{} = EXCLUDED.{}", set.empty() ? "" : ", ", quoted, quoted);
    }
    auto action = "DO UPDATE SET " + set;
    if (rule.newer_by.empty()) return action;
    auto newer = pg::quote_identifier(rule.newer_by);
    return fmt::format("{0} WHERE t.{1} IS NULL OR EXCLUDED.{1} >= t.{1}", action, newer);
}

}  // namespace

std::string merge_sql(const pipeline::Target& target) {
    const auto& plan = *target.conflict;
    std::string definition;
    for (std::size_t i = 0; i < target.columns.size(); ++i) {
        definition += fmt::format("{}{} {}", i > 0 ? ", " : "", pg::quote_identifier(target.columns[i]), plan.types[i]);
    }
    auto stage = fmt::format("pg_temp.sqs2pg_stage_{:016x}", fingerprint(definition));
    auto columns = joined(target.columns);
    auto key = distinct_key(plan);
    bool update = plan.rule.what == OnConflict::Do::Update;
    std::string order = key;
    if (!plan.rule.newer_by.empty())
        order += fmt::format(", s.{} DESC NULLS LAST", pg::quote_identifier(plan.rule.newer_by));
    order += update ? ", s.ctid DESC" : ", s.ctid";
    auto sql = fmt::format("CREATE TEMP TABLE IF NOT EXISTS {} ({}) ON COMMIT DELETE ROWS; ", stage, definition);
    sql += fmt::format("COPY {} ({}) FROM STDIN; ", stage, columns);
    sql +=
        fmt::format("INSERT INTO {} AS t ({}) SELECT DISTINCT ON ({}) {} FROM {} s ORDER BY {} ON CONFLICT ({}) {}; ",
                    pg::quote(target.table), columns, key, joined(target.columns, "s."), stage, order,
                    joined(plan.rule.key), conflict_action(target));
    return sql;
}

}  // namespace sqs2pg::adapters
