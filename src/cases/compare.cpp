// See compare.h.
#include "cases/compare.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/nearest.h"
#include "cases/json_text.h"
#include "pipeline/array_text.h"

namespace sqs2pg::cases {
namespace {

using config::Node;

bool is_table(const pg::TableName& table, const std::string& name) {
    return name == table.table || name == pg::shown(table);
}

std::string counted(std::size_t rows) { return fmt::format("{} {}", rows, rows == 1 ? "row" : "rows"); }

std::string quoted(const Cell& cell) {
    if (!cell) return "NULL";
    std::string out;
    append_json_string(out, *cell);
    return out;
}

std::string ending(const std::string& reason, const std::string& at) {
    return at.empty() ? "dead letter " + reason : fmt::format("dead letter {} at {}", reason, at);
}

std::string expected_end(const Expectation& expect) {
    switch (expect.kind) {
        case Expectation::Kind::Ignored:
            return "ignored";
        case Expectation::Kind::DeadLetter:
            return ending(expect.reason, expect.at);
        case Expectation::Kind::Rows:
            break;
    }
    auto text = expect.count ? counted(*expect.count) : std::string("rows");
    return expect.table.empty() ? text : fmt::format("{} in {}", text, expect.table);
}

// In an element of `each` a dead letter's place goes on: "sku in items[2]".
bool is_at(const std::string& place, const std::string& at) {
    return at.empty() || place == at || place.starts_with(at + " in ");
}

bool ended_so(const Expectation& expect, const Outcome& outcome, const Subject& subject) {
    switch (expect.kind) {
        case Expectation::Kind::Ignored:
            return outcome.kind == Outcome::Kind::Ignored;
        case Expectation::Kind::DeadLetter:
            return outcome.kind == Outcome::Kind::DeadLetter && outcome.bad.reason == expect.reason &&
                   is_at(outcome.bad.place, expect.at);
        case Expectation::Kind::Rows:
            break;
    }
    return outcome.kind == Outcome::Kind::Rows &&
           (expect.table.empty() || is_table(subject.options.routes[outcome.route].table, expect.table)) &&
           (!expect.count || *expect.count == outcome.rows.size());
}

// One expected value beside the cell that was made.
class CellComparison {
   public:
    CellComparison(const Subject& subject, const pipeline::ColumnRule& rule, const pg::Column& column, const Cell& cell)
        : subject_(subject), rule_(rule), column_(column), cell_(cell) {}

    // Empty: as expected; else what was expected.
    std::string wanted(const Node& value, const Outcomes& outcomes, RowPlace here) const {
        if (value.kind == Node::Kind::Null) return cell_ ? "NULL" : "";
        if (rule_.mask && value.kind == Node::Kind::Scalar && !value.quoted && value.text == "masked")
            return cell_ ? "" : "a masked value";
        if (value.kind == Node::Kind::Scalar) return cell_ == value.text ? "" : quoted(value.text);
        const auto reference = is_json() ? std::nullopt : reference_of(value);
        if (reference) return held_against(*reference, outcomes, here);
        return structured(value);
    }

   private:
    bool is_json() const { return column_.type == pg::TypeClass::Json || column_.type == pg::TypeClass::Jsonb; }

    std::string structured(const Node& value) const {
        const auto json = json_of(value);
        if (column_.type == pg::TypeClass::Array && value.kind == Node::Kind::List) {
            const auto array = pipeline::array_text(json, column_);
            return array && cell_ == *array ? "" : array ? quoted(*array) : json;
        }
        return cell_ && canonical_json(*cell_) == canonical_json(json) ? "" : json;
    }

    std::string held_against(const Reference& reference, const Outcomes& outcomes, RowPlace here) const {
        const auto* other = find_cell(reference, column_.name, subject_, outcomes, here);
        const auto name = reference.shown(column_.name);
        if (other == nullptr) return fmt::format("to be compared with {}, which has no row", name);
        if ((*other == cell_) == reference.same) return {};
        return reference.same ? fmt::format("the same as {}: {}", name, quoted(*other))
                              : fmt::format("another value than {}", name);
    }

    const Subject& subject_;
    const pipeline::ColumnRule& rule_;
    const pg::Column& column_;
    const Cell& cell_;
};

// Columns of the routes that an expectation may be about.
std::set<std::string> columns_of(const Expectation& expect, const Subject& subject) {
    std::set<std::string> columns;
    for (const auto& route : subject.options.routes) {
        if (!expect.table.empty() && !is_table(route.table, expect.table)) continue;
        for (const auto& rule : route.columns) columns.insert(rule.column);
    }
    return columns;
}

std::string nearest_hint(const std::string& name, const std::set<std::string>& columns) {
    const std::vector<std::string> candidates(columns.begin(), columns.end());
    const auto nearest = nearest_name(name, candidates);
    return nearest.empty() ? "" : fmt::format("; did you mean {}?", config::backquoted(nearest));
}

}  // namespace

std::string shown(const Outcome& outcome, const Subject& subject) {
    switch (outcome.kind) {
        case Outcome::Kind::Ignored:
            return "ignored";
        case Outcome::Kind::DeadLetter:
            return ending(outcome.bad.reason, outcome.bad.place);
        case Outcome::Kind::Rows:
            break;
    }
    return fmt::format("{} in {}", counted(outcome.rows.size()),
                       pg::shown(subject.options.routes[outcome.route].table));
}

void check_expectation(const Case& one, const Subject& subject, const Outcomes& outcomes, config::Report& report) {
    const auto& expect = one.expect;
    if (!expect.table.empty()) {
        const bool known = std::ranges::any_of(subject.options.routes,
                                               [&](const auto& route) { return is_table(route.table, expect.table); });
        if (!known) {
            report.mistake(expect.place,
                           fmt::format("the pipeline {} writes to no table {}",
                                       config::backquoted(subject.options.name), config::backquoted(expect.table)));
            return;
        }
    }
    const auto columns = columns_of(expect, subject);
    for (const auto& row : expect.rows) {
        for (const auto& [key, value] : row.columns) {
            if (!columns.contains(key.text)) {
                report.mistake(key.place, fmt::format("no column {} is mapped{}", config::backquoted(key.text),
                                                      nearest_hint(key.text, columns)));
            }
            check_reference(value, outcomes, report);
        }
    }
}

std::vector<Difference> compare(const Case& one, std::size_t position, const Subject& subject,
                                const Outcomes& outcomes) {
    std::vector<Difference> differences;
    const auto& outcome = outcomes.all[position];
    const auto& expect = one.expect;
    if (!ended_so(expect, outcome, subject)) {
        return {{expect.place.text(), "", expected_end(expect), shown(outcome, subject)}};
    }
    if (expect.kind != Expectation::Kind::Rows) return {};
    const auto& rules = subject.options.routes[outcome.route].columns;
    const auto& table = subject.tables[outcome.route];
    for (std::size_t i = 0; i < expect.rows.size(); ++i) {
        for (const auto& [key, value] : expect.rows[i].columns) {
            const auto what = expect.rows.size() == 1 ? key.text : fmt::format("row {} {}", i + 1, key.text);
            const auto rule = std::ranges::find(rules, key.text, &pipeline::ColumnRule::column);
            if (rule == rules.end()) {
                differences.push_back(
                    {key.place.text(), what, "a column of the row",
                     fmt::format("{} has no such column mapped in this route", pg::shown(table.name))});
                continue;
            }
            const auto index = static_cast<std::size_t>(rule - rules.begin());
            const auto& cell = outcome.rows[i][index];
            const CellComparison comparison(subject, *rule, *table.find(rule->column), cell);
            auto wanted = comparison.wanted(value, outcomes, {position, i});
            if (!wanted.empty()) differences.push_back({value.place.text(), what, std::move(wanted), quoted(cell)});
        }
    }
    return differences;
}

}  // namespace sqs2pg::cases
