// Routes, see routes.h.
#include "config/routes.h"

#include <set>
#include <string>

#include <fmt/core.h>

#include "config/columns.h"
#include "config/values.h"
#include "pipeline/route.h"

namespace sqs2pg::config {
namespace {

using pipeline::Metadata;

bool may_be_condition(Metadata metadata) {
    return metadata == Metadata::None || metadata == Metadata::Attribute || metadata == Metadata::GroupId ||
           metadata == Metadata::Envelope;
}

void add_value(const Node& value, pipeline::Condition& condition, const Node& path, Report& report) {
    if (value.broken) return;
    if (value.kind == Node::Kind::Null) {
        condition.null = true;
    } else if (value.kind == Node::Kind::Scalar) {
        condition.values.push_back(value.text);
    } else {
        report.mistake(value.place, fmt::format("`when`: {} takes a text, a number, a flag or null, or a list of them",
                                                backquoted(path.text)));
    }
}

std::vector<pipeline::Condition> read_when(const Node& when, std::span<const pipeline::Unwrap> unwrap, Report& report) {
    std::vector<pipeline::Condition> conditions;
    if (when.members.empty()) {
        report.mistake(when.place, "`when` is empty; write a path and its value, such as `{type: order}`");
    }
    for (const auto& [path, value] : when.members) {
        auto source = pipeline::parse_source(path.text, unwrap);
        if (!source) {
            report.mistake(path.place, fmt::format("`when`: {}", source.error().detail));
            continue;
        }
        if (!may_be_condition(source->metadata)) {
            report.mistake(path.place, fmt::format("`when` cannot look at {}; it takes paths, `$attributes.NAME`, "
                                                   "`$envelope.FIELD` and `$group_id`",
                                                   backquoted(path.text)));
            continue;
        }
        pipeline::Condition condition;
        condition.from = std::move(*source);
        if (value.kind == Node::Kind::List) {
            if (value.items.empty()) report.mistake(value.place, "`when`: an empty list, which nothing fits");
            for (const auto& item : value.items) add_value(item, condition, path, report);
        } else {
            add_value(value, condition, path, report);
        }
        conditions.push_back(std::move(condition));
    }
    return conditions;
}

void read_each(const Section& section, pipeline::Route& route, Report& report) {
    const Node* each = section.find("each");
    if (each == nullptr) return;
    auto source = pipeline::parse_source(each->text);
    if (!source) {
        report.mistake(each->place, fmt::format("`each`: {}", source.error().detail));
    } else if (source->metadata != Metadata::None) {
        report.mistake(each->place, "`each` is the path of an array in the message, such as `items`");
    } else {
        route.each = std::move(*source);
    }
}

void read_conflict(const Section& section, pipeline::Route& route, Report& report) {
    const Node* node = section.find("on_conflict");
    if (node == nullptr) return;
    Section own(*node, kOnConflict, "`on_conflict`", node->place, report);
    pipeline::OnConflict conflict;
    conflict.place = node->place.text();
    if (const Node* key = own.find("key")) {
        if (key->kind == Node::Kind::Scalar) conflict.key.push_back(key->text);
        for (const auto& item : key->items) conflict.key.push_back(item.text);
    }
    std::set<std::string> distinct(conflict.key.begin(), conflict.key.end());
    if (distinct.size() != conflict.key.size()) report.mistake(own.place_of("key"), "`key` names a column twice");
    bool update = own.text("do") == "update";
    conflict.what = update ? pipeline::OnConflict::Do::Update : pipeline::OnConflict::Do::Ignore;
    if (own.written("newer_by") && !update) {
        report.mistake(own.place_of("newer_by"),
                       "`newer_by` belongs to `do: update`; with `do: ignore` nothing is "
                       "ever overwritten");
    } else if (own.has("newer_by")) {
        conflict.newer_by = own.text("newer_by");
    }
    if (distinct.contains(conflict.newer_by)) {
        report.mistake(own.place_of("newer_by"), "`newer_by` is a column of the key, which is the same in both rows");
    }
    route.on_conflict = std::move(conflict);
}

// $item and $index mean something only where there is an element, and an element nobody looks at is a mistake.
void judge_elements(const Section& section, const pipeline::Route& route, Report& report) {
    bool looks = false;
    for (const auto& rule : route.columns) {
        looks = looks || rule.from.of_element();
        if (!rule.from.of_element() || section.written("each")) continue;
        report.mistake(section.place_of("columns"),
                       fmt::format("the column {} takes {}, which there is only beside `each: PATH`",
                                   backquoted(rule.column), backquoted(rule.from.text)));
    }
    if (route.each && !looks && !route.columns.empty()) {
        report.warning(section.place_of("each"),
                       "no column looks at the element (`$item.…`, `$index`): every row of a message will be the same");
    }
}

// What stands earlier wins: a route behind one that takes all of its messages is never reached.
void judge_order(const std::vector<pipeline::Route>& routes, const std::vector<Place>& places, Report& report) {
    for (std::size_t later = 0; later < routes.size(); ++later) {
        for (std::size_t earlier = 0; earlier < later; ++earlier) {
            if (pipeline::covers(routes[earlier], routes[later])) {
                report.mistake(places[later],
                               fmt::format("no message ever reaches this route: the one in {} takes all that fit it; "
                                           "put the narrower one first, or leave one out",
                                           places[earlier].text()));
                break;
            }
            bool catch_all = routes[later].when.empty();
            if (!catch_all && pipeline::can_overlap(routes[earlier], routes[later])) {
                report.warning(places[later],
                               fmt::format("a message can fit this route and the one in {}, which stands first and "
                                           "takes it",
                                           places[earlier].text()));
            }
        }
    }
}

}  // namespace

pipeline::Route read_route(const Section& section, std::span<const pipeline::Unwrap> unwrap, Report& report,
                           std::optional<Place>& first_keyed) {
    pipeline::Route route;
    route.place = section.place().text();
    if (section.has("table")) {
        if (auto table = parse_table(section.text("table"))) {
            route.table = std::move(*table);
        } else {
            report.mistake(
                section.place_of("table"),
                "`table` is `table` or `schema.table`, at most 63 bytes each; a name with a dot, a blank or a "
                "quote in it stands in double quotes");
        }
    }
    if (const Node* columns = section.find("columns"))
        route.columns = read_columns(*columns, unwrap, report, first_keyed);
    read_each(section, route, report);
    judge_elements(section, route, report);
    read_conflict(section, route, report);
    return route;
}

std::vector<pipeline::Route> read_routes(const Node& list, std::span<const pipeline::Unwrap> unwrap, Report& report,
                                         std::optional<Place>& first_keyed) {
    std::vector<pipeline::Route> routes;
    std::vector<Place> places;
    if (list.items.empty()) {
        report.mistake(list.place, "`routes` is empty; write `when`, `table` and `columns` for each kind of message");
    }
    if (list.items.size() > kMostRoutes) {
        report.mistake(list.place, fmt::format("more than {} routes in one pipeline", kMostRoutes));
        return routes;
    }
    bool good = report.good();
    for (const auto& item : list.items) {
        Section section(item, kRoute, "the route", item.place, report);
        auto route = read_route(section, unwrap, report, first_keyed);
        if (const Node* when = section.find("when")) route.when = read_when(*when, unwrap, report);
        routes.push_back(std::move(route));
        places.push_back(item.place);
    }
    // One mistake must not draw another: with a broken `when` nothing can be said of the order.
    if (!good || report.good()) judge_order(routes, places, report);
    return routes;
}

}  // namespace sqs2pg::config
