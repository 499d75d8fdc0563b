// Column rules, see columns.h.
#include "config/columns.h"

#include <array>
#include <utility>

#include <fmt/core.h>

#include "config/masks.h"
#include "config/section.h"
#include "config/values.h"

namespace sqs2pg::config {
namespace {

using pipeline::Convert;

// The names are those of the table of fields; a test holds the two against each other.
constexpr std::array<std::pair<std::string_view, Convert>, 8> kConverts{{{"major_version", Convert::MajorVersion},
                                                                         {"lower", Convert::Lower},
                                                                         {"upper", Convert::Upper},
                                                                         {"trim", Convert::Trim},
                                                                         {"epoch_seconds", Convert::EpochSeconds},
                                                                         {"epoch_millis", Convert::EpochMillis},
                                                                         {"base64", Convert::Base64},
                                                                         {"json", Convert::Json}}};

Convert convert_from(std::string_view name) {
    for (const auto& [known, convert] : kConverts) {
        if (known == name) return convert;
    }
    return Convert::None;
}

bool read_source(const Node& node, std::span<const pipeline::Unwrap> unwrap, pipeline::ColumnRule& rule,
                 Report& report) {
    auto source = pipeline::parse_source(node.text, unwrap);
    if (!source) {
        report.mistake(node.place, fmt::format("column {}: {}", backquoted(rule.column), source.error().detail));
        return false;
    }
    rule.from = std::move(*source);
    return true;
}

// `value: web`: nothing else can be said of it.
void read_constant(const Section& section, pipeline::ColumnRule& rule, Report& report) {
    for (auto name : {"from", "mask", "domain", "as", "keep", "convert", "optional", "default"}) {
        if (!section.written(name)) continue;
        report.mistake(section.place_of(name),
                       fmt::format("`{}` beside `value`, which is the same in every row; leave one of them", name));
    }
    rule.constant = true;
    rule.from.text = "value";
    if (!section.is_null("value") && section.has("value")) rule.default_value = section.text("value");
}

void read_long_form(const Node& node, std::span<const pipeline::Unwrap> unwrap, pipeline::ColumnRule& rule,
                    const Place& place, Report& report, std::optional<Place>& first_keyed) {
    Section section(node, kColumn, fmt::format("the column {}", backquoted(rule.column)), place, report);
    if (section.written("value")) return read_constant(section, rule, report);
    if (!section.written("from") && !node.broken) {
        report.mistake(place, fmt::format("the column {} has no `from`; write the path of its value, or a `value`",
                                          backquoted(rule.column)));
    }
    if (const Node* from = section.find("from")) read_source(*from, unwrap, rule, report);
    if (section.has("convert")) rule.convert = convert_from(section.text("convert"));
    rule.optional = section.flag("optional");
    if (section.is_null("default")) {
        rule.optional = true;
    } else if (section.has("default")) {
        rule.default_value = section.text("default");
    }
    rule.mask = read_mask(section, report, first_keyed);
}

bool good_column_name(const Node& key, Report& report) {
    if (!key.text.empty() && key.text.size() <= kMostIdentifierBytes) return true;
    report.mistake(key.place, "a column's name has 1 to 63 bytes");
    return false;
}

}  // namespace

std::vector<pipeline::ColumnRule> read_columns(const Node& columns, std::span<const pipeline::Unwrap> unwrap,
                                               Report& report, std::optional<Place>& first_keyed) {
    std::vector<pipeline::ColumnRule> rules;
    if (columns.members.empty()) {
        report.mistake(columns.place, "`columns` is empty; write a line `column: path` for each column to fill");
    }
    for (const auto& [key, value] : columns.members) {
        if (!good_column_name(key, report) || value.broken) continue;
        pipeline::ColumnRule rule;
        rule.column = key.text;
        rule.place = key.place.text();
        if (value.kind == Node::Kind::Scalar) {
            read_source(value, unwrap, rule, report);
        } else if (value.kind == Node::Kind::Map) {
            read_long_form(value, unwrap, rule, key.place, report, first_keyed);
        } else {
            report.mistake(value.place,
                           fmt::format("the column {} has no path; write where its value comes from, such as "
                                       "`user_id`, `user.address.city` or `$sent_at`",
                                       backquoted(rule.column)));
        }
        rules.push_back(std::move(rule));
    }
    return rules;
}

std::string_view name_of(Convert convert) noexcept {
    for (const auto& [name, known] : kConverts) {
        if (known == convert) return name;
    }
    return {};
}

}  // namespace sqs2pg::config
