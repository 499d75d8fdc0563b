// Map: from a received message to masked rows, see map.h.
#include "pipeline/map.h"

#include <fmt/format.h>

#include <algorithm>

#include "pipeline/column_plan.h"
#include "pipeline/conflict_rules.h"
#include "pipeline/decode.h"
#include "pipeline/mask.h"
#include "pipeline/mask_rules.h"
#include "pipeline/route.h"

namespace sqs2pg::pipeline {

namespace {

BadMessage bad(std::string_view reason, std::string place) {
    return BadMessage{std::string(reason), std::move(place), ""};
}

// The distinct paths that a decoder is to find, each with its slot.
class Slots {
   public:
    std::uint32_t of(const std::vector<PathStep>& path) {
        auto found = std::ranges::find(paths_, path);
        if (found == paths_.end()) found = paths_.insert(paths_.end(), path);
        return static_cast<std::uint32_t>(found - paths_.begin());
    }
    const std::vector<std::vector<PathStep>>& paths() const noexcept { return paths_; }

   private:
    std::vector<std::vector<PathStep>> paths_;
};

// What all routes look at, each place with its slot: one pass over a message finds the places of every kind.
struct Places {
    Slots body;
    std::vector<Source> envelope;  // fields and attributes

    // Any number for what has no slot.
    std::uint32_t of(const Source& source) {
        if (source.metadata == Metadata::None) return body.of(source.path);
        if (source.metadata != Metadata::Envelope && source.metadata != Metadata::Attribute) return 0;
        auto found = std::ranges::find_if(envelope, [&](const Source& one) { return one.same_as(source); });
        if (found == envelope.end()) found = envelope.insert(envelope.end(), source);
        return static_cast<std::uint32_t>(found - envelope.begin());
    }
};

// `each`: where the array stands, and what finds the places in its elements.
struct EachPlan {
    Source from;
    std::uint32_t slot = 0;
    bool required = true;
    Decoder elements;
};

struct RoutePlan {
    RouteMatcher matcher;
    Target target;
    std::vector<ColumnPlan> columns;
    std::optional<EachPlan> each;
    MaskStage mask_stage;
    MappedRow row;

    std::optional<BadMessage> add_row(const MapInput& input) {
        for (std::size_t i = 0; i < columns.size(); ++i) {
            if (auto refused = columns[i].map(input, row.fields[i])) return refused;
        }
        return mask_stage.add(row);
    }

    std::optional<BadMessage> add_elements(const MapInput& outer, std::size_t readable);
};

std::optional<BadMessage> RoutePlan::add_elements(const MapInput& outer, std::size_t readable) {
    const auto& array = outer.values[each->slot];
    if (array.kind == JsonKind::Absent && each->required) return bad("missing_field", each->from.text);
    if (array.kind == JsonKind::Absent || array.kind == JsonKind::Null) return std::nullopt;
    if (array.kind != JsonKind::Array) return bad("wrong_type", each->from.text);
    auto add = [&](std::size_t index, std::span<const JsonValue> element) -> std::optional<BadMessage> {
        if (index == kMaxFanOut) return bad("fan_out", each->from.text);
        auto refused = add_row({outer.message, outer.values, outer.body, outer.envelope, element, index});
        if (!refused && mask_stage.bytes() > kMaxFanOutBytes) return bad("fan_out", each->from.text);
        if (refused) refused->place = fmt::format("{} in {}[{}]", refused->place, each->from.text, index);
        return refused;
    };
    return each->elements.decode_elements(array.text, readable, add);
}

Result<std::vector<MaskColumn>> make_masks(const Route& route, const pg::TableShape& table,
                                           const privacy::Keyring& keyring) {
    std::vector<MaskColumn> columns;
    for (const auto& rule : route.columns) {
        const auto& column = *table.find(rule.column);
        MaskColumn mask_column{column, std::nullopt, false};
        if (rule.mask) {
            auto masker = privacy::Masker::make(*rule.mask, keyring);
            if (!masker) return fail(masker.error());
            mask_column.judge =
                !masker->max_length() || !holds_text(column.type) || rule.mask->method == privacy::Method::KeepLast;
            mask_column.masker.emplace(std::move(*masker));
        }
        columns.push_back(std::move(mask_column));
    }
    return columns;
}

Result<RoutePlan> plan_route(const PipelineOptions& options, std::size_t number, const pg::TableShape& table,
                             const privacy::Keyring& keyring, Places& places) {
    const auto& route = options.routes[number];
    for (const auto& finding : check_rules(route, table, &keyring)) {
        if (finding.error) {
            return fail(ErrorKind::Configuration, Stage::Map, "mapping", finding.place + ": " + finding.sentence);
        }
    }
    std::vector<std::uint32_t> when;
    for (const auto& condition : route.when) when.push_back(places.of(condition.from));
    Slots element;
    Target target;
    target.table = table.name;
    if (route.on_conflict) target.conflict = plan_conflict(route, table);
    std::vector<ColumnPlan> columns;
    for (const auto& rule : route.columns) {
        bool required = !rule.optional && !rule.default_value && !options.missing_is_null;
        const bool in_element = rule.from.metadata == Metadata::Item;
        std::uint32_t slot = 0;
        if (!rule.constant) slot = in_element ? element.of(rule.from.path) : places.of(rule.from);
        const auto& column = *table.find(rule.column);
        target.columns.push_back(column.name);
        columns.emplace_back(rule, column, required, slot);
    }
    auto masks = make_masks(route, table, keyring);
    if (!masks) return fail(masks.error());
    std::optional<EachPlan> each;
    if (route.each) {
        each.emplace(*route.each, places.of(*route.each), !options.missing_is_null, Decoder(element.paths()));
    }
    MappedRow row;
    row.fields.resize(columns.size());
    return RoutePlan{RouteMatcher(route.when, std::move(when)),
                     std::move(target),
                     std::move(columns),
                     std::move(each),
                     MaskStage(std::move(*masks), static_cast<std::uint16_t>(number)),
                     std::move(row)};
}

// For dead letters of messages that fit no route: the places that were looked at.
std::string places_of_conditions(const std::vector<Route>& routes) {
    std::vector<std::string> places;
    for (const auto& route : routes) {
        for (const auto& condition : route.when) {
            if (std::ranges::find(places, condition.from.text) == places.end()) places.push_back(condition.from.text);
        }
    }
    return fmt::format("{}", fmt::join(places, ", "));
}

}  // namespace

struct MapStage::Impl {
    std::vector<RoutePlan> routes;
    Decoder decoder;
    std::optional<Envelope> envelope;
    bool points = false;  // one of its steps is s3-pointer
    Otherwise otherwise = Otherwise::DeadLetter;
    std::string no_route_place;
};

MapStage::MapStage(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
MapStage::MapStage(MapStage&&) noexcept = default;
MapStage& MapStage::operator=(MapStage&&) noexcept = default;
MapStage::~MapStage() = default;

Result<MapStage> MapStage::make(const PipelineOptions& options, std::span<const pg::TableShape> tables,
                                const privacy::Keyring& keyring) {
    Places places;
    std::vector<RoutePlan> routes;
    for (std::size_t number = 0; number < options.routes.size(); ++number) {
        auto route = plan_route(options, number, tables[number], keyring, places);
        if (!route) return fail(route.error());
        routes.push_back(std::move(*route));
    }
    std::optional<Envelope> envelope;
    if (!options.unwrap.empty()) envelope.emplace(options, places.envelope);
    return MapStage(std::make_unique<Impl>(Impl{std::move(routes), Decoder(places.body.paths()), std::move(envelope),
                                                has_step(options.unwrap, Unwrap::S3Pointer), options.otherwise,
                                                places_of_conditions(options.routes)}));
}

tl::expected<std::optional<ObjectRef>, BadMessage> MapStage::object_of(const Received& message) {
    if (!impl_->points) return std::nullopt;
    return impl_->envelope->object_of(message);
}

tl::expected<std::optional<MaskedRow>, BadMessage> MapStage::transform(const Received& message, std::string* object) {
    Envelope::Opened opened{message.body, {}};
    if (impl_->envelope) {
        auto unwrapped = impl_->envelope->open(message, object);
        if (!unwrapped) return tl::unexpected(std::move(unwrapped.error()));
        opened = *unwrapped;
    }
    const auto& body = opened.body;
    auto values = impl_->decoder.decode(body);
    if (!values) return tl::unexpected(values.error());
    const MapInput input{message, *values, body.text, opened.fields};
    auto route = std::ranges::find_if(impl_->routes, [&](auto& candidate) { return candidate.matcher.fits(input); });
    if (route == impl_->routes.end()) {
        if (impl_->otherwise == Otherwise::Ignore) return std::nullopt;
        return tl::unexpected(bad("no_route", impl_->no_route_place));
    }
    route->mask_stage.begin();
    std::optional<BadMessage> refused;
    if (route->each) {
        const auto& array = (*values)[route->each->slot].text;
        auto readable = static_cast<std::size_t>(body.text.data() + body.readable - array.data());
        refused = route->add_elements(input, readable);
    } else {
        refused = route->add_row(input);
    }
    if (refused) return tl::unexpected(std::move(*refused));
    return route->mask_stage.take();
}

std::vector<Target> MapStage::targets() const {
    std::vector<Target> targets;
    for (const auto& route : impl_->routes) targets.push_back(route.target);
    return targets;
}

std::vector<PathUse> MapStage::path_use() const {
    std::vector<PathUse> uses;
    for (const auto& route : impl_->routes) {
        for (const auto& column : route.columns) {
            if (auto use = column.path_use()) uses.push_back(std::move(*use));
        }
    }
    return uses;
}

}  // namespace sqs2pg::pipeline
