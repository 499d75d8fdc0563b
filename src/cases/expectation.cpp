// See expectation.h.
#include "cases/expectation.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/nearest.h"
#include "cases/map_reader.h"
#include "config/values.h"

namespace sqs2pg::cases {
namespace {

using config::Node;

// Those that a message can earn before the database sees it; the server's are added, as the contract lists them.
constexpr std::string_view kReasons[] = {"not_json",     "no_route",    "envelope", "missing_field", "wrong_type",
                                         "out_of_range", "too_long",    "fan_out",  "invalid_text",  "not_null",
                                         "unique",       "foreign_key", "check",    "refused",       "personal_data"};

void check_reason(const Node& node, config::Report& report) {
    if (node.kind == Node::Kind::Scalar && std::ranges::find(kReasons, node.text) != std::end(kReasons)) return;
    const std::vector<std::string> candidates(std::begin(kReasons), std::end(kReasons));
    const auto nearest = nearest_name(node.text, candidates);
    report.mistake(node.place, fmt::format("{} is no reason of a dead letter{}", config::backquoted(node.text),
                                           nearest.empty() ? "; docs/dead-letters.md lists them"
                                                           : fmt::format("; did you mean `{}`?", nearest)));
}

void read_dead_letter(const Node& node, Expectation& expect, config::Report& report) {
    expect.kind = Expectation::Kind::DeadLetter;
    expect.at_place = node.place;
    if (node.kind == Node::Kind::Scalar) {
        check_reason(node, report);
        expect.reason = node.text;
        return;
    }
    const MapReader letter(node, "`dead_letter`", {"reason", "column", "path"}, report);
    if (node.kind != Node::Kind::Map) return;
    if (const auto* reason = letter.find("reason")) {
        check_reason(*reason, report);
        expect.reason = reason->text;
    } else {
        report.mistake(node.place, "`dead_letter` has no `reason`");
    }
    if (letter.has("column") && letter.has("path")) {
        report.mistake(letter.find("path")->place, "both `column` and `path`; a dead letter names one place");
    }
    for (const auto* name : {"column", "path"}) {
        const auto* at = letter.find(name);
        if (at == nullptr) continue;
        expect.at = letter.text(name);
        expect.at_place = at->place;
    }
}

void read_row(const Node& node, Expectation& expect, config::Report& report) {
    if (node.kind != Node::Kind::Map) {
        report.mistake(node.place, "a row is a map from columns to values");
        return;
    }
    expect.rows.push_back({node.place, node.members});
}

void read_rows(const Node& node, Expectation& expect, config::Report& report) {
    if (node.kind == Node::Kind::Scalar) {
        const auto count = config::parse_integer(node.text);
        if (!count) report.mistake(node.place, "`rows` is a list of rows, or how many there are");
        expect.count = static_cast<std::size_t>(count.value_or(0));
        return;
    }
    if (node.kind != Node::Kind::List) {
        report.mistake(node.place, "`rows` is a list of rows (`row` is a single one), or how many there are");
        return;
    }
    for (const auto& row : node.items) read_row(row, expect, report);
    expect.count = node.items.size();
}

}  // namespace

Expectation read_expectation(const Node& node, const std::string& what, config::Report& report) {
    Expectation expect;
    expect.place = node.place;
    if (node.kind == Node::Kind::Scalar && node.text == "ignored") {
        expect.kind = Expectation::Kind::Ignored;
        return expect;
    }
    if (node.kind != Node::Kind::Map) {
        report.mistake(node.place,
                       fmt::format("`expect` of {} is `ignored`, or a map of `row`, `rows` or `dead_letter`", what));
        return expect;
    }
    const MapReader section(node, "`expect` of " + what, {"row", "rows", "table", "dead_letter"}, report);
    const auto* letter = section.find("dead_letter");
    const auto* row = section.find("row");
    const auto* rows = section.find("rows");
    if ((letter != nullptr) + (row != nullptr) + (rows != nullptr) > 1) {
        report.mistake(node.place, fmt::format("`expect` of {} has more than one of `row`, `rows` and `dead_letter`; a "
                                               "message has one end",
                                               what));
    }
    if (letter != nullptr) {
        if (section.has("table")) report.mistake(section.find("table")->place, "a dead letter has no `table`");
        read_dead_letter(*letter, expect, report);
        return expect;
    }
    expect.table = section.text("table");
    if (row != nullptr) {
        read_row(*row, expect, report);
        expect.count = 1;
    } else if (rows != nullptr) {
        read_rows(*rows, expect, report);
    } else if (!section.has("table")) {
        report.mistake(node.place,
                       fmt::format("`expect` of {} names no `row`, `rows`, `table` or `dead_letter`", what));
    }
    return expect;
}

}  // namespace sqs2pg::cases
