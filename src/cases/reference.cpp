// See reference.h.
#include "cases/reference.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/nearest.h"
#include "cases/map_reader.h"
#include "config/values.h"

namespace sqs2pg::cases {
namespace {

using config::Node;

const Node* member(const Node& map, std::string_view name) {
    const auto found = std::ranges::find_if(map.members, [&](const auto& m) { return m.key.text == name; });
    return found == map.members.end() ? nullptr : &found->value;
}

}  // namespace

std::string Reference::shown(const std::string& own_column) const {
    auto text = config::backquoted(column.empty() ? own_column : column);
    if (row > 0) text += fmt::format(" of row {}", row);
    return name.empty() ? text : fmt::format("{} of the case {}", text, config::backquoted(name));
}

std::optional<Reference> reference_of(const Node& value) {
    if (value.kind != Node::Kind::Map || value.members.size() != 1) return std::nullopt;
    const auto& [key, other] = value.members.front();
    if (key.text != "same_as" && key.text != "differs_from") return std::nullopt;
    Reference reference;
    reference.same = key.text == "same_as";
    if (other.kind == Node::Kind::Scalar) {
        reference.column = other.text;
        return reference;
    }
    if (const auto* name = member(other, "case")) reference.name = name->text;
    if (const auto* column = member(other, "column")) reference.column = column->text;
    if (const auto* row = member(other, "row")) {
        reference.row = static_cast<std::size_t>(config::parse_integer(row->text).value_or(0));
    }
    return reference;
}

void check_reference(const Node& value, const Outcomes& outcomes, config::Report& report) {
    const auto reference = reference_of(value);
    if (!reference) return;
    const auto& other = value.members.front().value;
    const auto what = fmt::format("`{}`", value.members.front().key.text);
    if (other.kind != Node::Kind::Scalar) {
        const MapReader keys(other, what, {"case", "column", "row"}, report);
        const auto* row = keys.find("row");
        if (row != nullptr && reference->row == 0) report.mistake(row->place, "`row` is a whole number from 1");
    }
    if (reference->name.empty() || outcomes.position.contains(reference->name)) return;
    std::vector<std::string> names;
    for (const auto& [name, position] : outcomes.position) names.push_back(name);
    const auto nearest = nearest_name(reference->name, names);
    report.mistake(other.place,
                   fmt::format("{} names no case of this file{}", what,
                               nearest.empty() ? "" : "; did you mean " + config::backquoted(nearest) + "?"));
}

const Cell* find_cell(const Reference& reference, const std::string& own_column, const Subject& subject,
                      const Outcomes& outcomes, RowPlace here) {
    const auto& column = reference.column.empty() ? own_column : reference.column;
    const auto position = reference.name.empty() ? here.position : outcomes.position.find(reference.name)->second;
    const auto& outcome = outcomes.all[position];
    const auto otherwise = position == here.position ? here.row : 0;
    const auto row = reference.row == 0 ? otherwise : reference.row - 1;
    if (outcome.kind != Outcome::Kind::Rows || row >= outcome.rows.size()) return nullptr;
    const auto& rules = subject.options.routes[outcome.route].columns;
    const auto rule = std::ranges::find(rules, column, &pipeline::ColumnRule::column);
    return rule == rules.end() ? nullptr : &outcome.rows[row][static_cast<std::size_t>(rule - rules.begin())];
}

}  // namespace sqs2pg::cases
