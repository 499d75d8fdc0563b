// See preview.h.
#include "cases/preview.h"

#include <algorithm>
#include <ranges>

#include <fmt/format.h>

#include "privacy/mask.h"

namespace sqs2pg::cases {
namespace {

using pipeline::ColumnRule;
using pipeline::Metadata;
using pipeline::PathStep;

bool starts_with(const std::vector<PathStep>& path, const std::vector<PathStep>& beginning) {
    return path.size() >= beginning.size() && std::ranges::equal(beginning, path | std::views::take(beginning.size()));
}

// Whether the value at `outer` is, or holds, the one at `inner`.
bool holds(const pipeline::Source& outer, const pipeline::Source& inner, const pipeline::Route& route) {
    const bool inner_path = inner.metadata == Metadata::None || inner.metadata == Metadata::Item;
    if (outer.metadata == Metadata::Body) return inner_path;
    if (outer.metadata != inner.metadata) {
        const bool around = outer.metadata == Metadata::None && inner.metadata == Metadata::Item && route.each;
        return around && starts_with(route.each->path, outer.path);
    }
    if (inner_path) return starts_with(inner.path, outer.path);
    return outer.same_as(inner);
}

Reveal reveal_of(const ColumnRule& rule, const pipeline::Route& route) {
    if (rule.mask) {
        switch (rule.mask->method) {
            case privacy::Method::Hmac:
            case privacy::Method::Siv:
            case privacy::Method::IpPrefix:
            case privacy::Method::Redact:
                return Reveal::Token;
            default:
                return Reveal::Shape;
        }
    }
    if (rule.constant) return Reveal::Value;
    const bool hidden = std::ranges::any_of(
        route.columns, [&](const ColumnRule& other) { return other.mask && holds(rule.from, other.from, route); });
    return hidden ? Reveal::Hidden : Reveal::Value;
}

RouteSeen route_of(const pipeline::Route& route, const pg::TableShape& table) {
    RouteSeen seen;
    seen.route = &route;
    for (const auto& rule : route.columns) {
        ColumnSeen column;
        column.rule = &rule;
        column.type = table.find(rule.column)->type_name;
        column.reveal = reveal_of(rule, route);
        seen.columns.push_back(std::move(column));
    }
    for (const auto& column : table.columns) {
        const auto rule = std::ranges::find(route.columns, column.name, &ColumnRule::column);
        if (rule == route.columns.end()) seen.unmapped.push_back(column.name);
    }
    return seen;
}

// As much as is shown of a text, without half a character at its end.
std::string shortened(const std::string& text) {
    if (text.size() <= kMostExampleBytes) return text;
    auto end = kMostExampleBytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    return text.substr(0, end) + "…";
}

}  // namespace

std::string_view name_of(Reveal reveal) noexcept {
    switch (reveal) {
        case Reveal::Value:
            return "value";
        case Reveal::Token:
            return "token";
        case Reveal::Shape:
            return "shape";
        case Reveal::Hidden:
            return "hidden";
    }
    return "hidden";
}

std::string shape_of(const ColumnRule& rule) {
    if (!rule.mask) return "(holds a masked value)";
    switch (rule.mask->method) {
        case privacy::Method::Truncate:
            return "(the network)";
        case privacy::Method::KeepLast:
            return fmt::format("(the last {})", rule.mask->keep);
        case privacy::Method::Sha256:
            return "(64 hex digits)";
        default:
            return "";
    }
}

Result<Preview> Preview::make(const Subject& subject, const privacy::Keyring& keyring) {
    auto map = pipeline::MapStage::make(subject.options, subject.tables, keyring);
    if (!map) return fail(map.error());
    return Preview(std::move(*map), subject);
}

Preview::Preview(pipeline::MapStage map, const Subject& subject) : map_(std::move(map)) {
    for (std::size_t i = 0; i < subject.options.routes.size(); ++i) {
        seen_.routes.push_back(route_of(subject.options.routes[i], subject.tables[i]));
    }
}

void Preview::take(pipeline::Received& message, const std::string& which, const pipeline::BadMessage* refused) {
    ++seen_.messages;
    if (auto object = map_.object_of(message); object && *object) {
        ++seen_.not_fetched;
        return;
    }
    auto outcome = outcome_of(map_, message);
    if (refused != nullptr && outcome.kind == Outcome::Kind::Rows) {
        outcome.kind = Outcome::Kind::DeadLetter;
        outcome.bad = *refused;
    }
    switch (outcome.kind) {
        case Outcome::Kind::Ignored:
            ++seen_.ignored;
            break;
        case Outcome::Kind::DeadLetter:
            ++seen_.dead_letters;
            take_problem(outcome.bad, which);
            break;
        case Outcome::Kind::Rows:
            take_rows(outcome);
            break;
    }
    count_absent();
}

void Preview::take_rows(const Outcome& outcome) {
    auto& route = seen_.routes[outcome.route];
    ++route.messages;
    route.rows += outcome.rows.size();
    seen_.rows += outcome.rows.size();
    for (const auto& row : outcome.rows) {
        for (std::size_t i = 0; i < route.columns.size(); ++i) {
            auto& column = route.columns[i];
            const bool shown = column.reveal == Reveal::Value || column.reveal == Reveal::Token;
            if (!row[i]) {
                ++column.nulls;
            } else if (shown && !column.example) {
                column.example = shortened(*row[i]);
            }
        }
    }
}

void Preview::take_problem(const pipeline::BadMessage& bad, const std::string& which) {
    // Elements of `each` differ in their number only.
    const auto at = bad.place.substr(0, bad.place.find(" in "));
    auto problem =
        std::ranges::find_if(seen_.problems, [&](const auto& one) { return one.reason == bad.reason && one.at == at; });
    if (problem == seen_.problems.end()) {
        if (seen_.problems.size() == kMostProblems) return;
        problem = seen_.problems.insert(seen_.problems.end(), {bad.reason, at, bad.sqlstate, 0, {}});
    }
    ++problem->messages;
    if (problem->which.size() < kMostWhich) problem->which.push_back(which);
}

// path_use() tells of every rule on a path, route by route, and counts from the start.
void Preview::count_absent() {
    const auto uses = map_.path_use();
    std::size_t next = 0;
    for (auto& route : seen_.routes) {
        for (auto& column : route.columns) {
            const auto metadata = column.rule->from.metadata;
            const bool path =
                metadata == Metadata::None || metadata == Metadata::Item || metadata == Metadata::Envelope;
            if (path && !column.rule->constant && next < uses.size()) column.absent = uses[next++].absent;
        }
    }
}

}  // namespace sqs2pg::cases
