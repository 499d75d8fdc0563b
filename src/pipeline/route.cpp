// Conditions of routes, see route.h.
#include "pipeline/route.h"

#include <algorithm>

namespace sqs2pg::pipeline {

namespace {

bool holds(const Condition& condition, const JsonValue& value) {
    switch (value.kind) {
        case JsonKind::Null:
            return condition.null;
        case JsonKind::Bool:
        case JsonKind::Number:
        case JsonKind::String:
            return std::ranges::find(condition.values, value.text) != condition.values.end();
        default:
            return false;  // absent, no text, or no scalar
    }
}

const Condition* on_same_place(const Route& route, const Condition& condition) {
    auto found =
        std::ranges::find_if(route.when, [&](const Condition& other) { return other.from.same_as(condition.from); });
    return found == route.when.end() ? nullptr : &*found;
}

bool contains(const Condition& condition, const std::string& value) {
    return std::ranges::find(condition.values, value) != condition.values.end();
}

}  // namespace

bool RouteMatcher::fits(const MapInput& input) {
    for (std::size_t i = 0; i < when_.size(); ++i) {
        if (!holds(when_[i], plain_value(when_[i].from, slots_[i], input, scratch_))) return false;
    }
    return true;
}

bool covers(const Route& earlier, const Route& later) {
    return std::ranges::all_of(earlier.when, [&](const Condition& wide) {
        const auto* narrow = on_same_place(later, wide);
        if (narrow == nullptr || (narrow->null && !wide.null)) return false;
        return std::ranges::all_of(narrow->values, [&](const auto& value) { return contains(wide, value); });
    });
}

bool can_overlap(const Route& one, const Route& other) {
    return std::ranges::all_of(one.when, [&](const Condition& condition) {
        const auto* same = on_same_place(other, condition);
        if (same == nullptr || (same->null && condition.null)) return true;
        return std::ranges::any_of(condition.values, [&](const auto& value) { return contains(*same, value); });
    });
}

}  // namespace sqs2pg::pipeline
