// One column's value, see column_plan.h.
#include "pipeline/column_plan.h"

#include "pg/copy.h"
#include "pipeline/array_text.h"
#include "pipeline/convert.h"

namespace sqs2pg::pipeline {

namespace {

BadMessage bad(std::string_view reason, std::string place) {
    return BadMessage{std::string(reason), std::move(place), ""};
}

bool is_json_type(pg::TypeClass type) noexcept { return type == pg::TypeClass::Json || type == pg::TypeClass::Jsonb; }

}  // namespace

JsonValue ColumnPlan::value_of(const MapInput& input) {
    if (rule_.from.metadata == Metadata::None) return input.values[slot_];
    const auto& message = input.message;
    switch (rule_.from.metadata) {
        case Metadata::Item:
            return input.element[slot_];
        case Metadata::SentAt:
        case Metadata::ReceivedAt: {
            auto ms = rule_.from.metadata == Metadata::SentAt ? message.sent_ms : message.received_ms;
            scratch_.clear();
            auto type = rule_.mask ? pg::TypeClass::Text : column_.type;
            return ms != 0 && append_time(scratch_, ms, type) ? JsonValue{JsonKind::String, scratch_} : JsonValue{};
        }
        case Metadata::Body:
            // A body that came this far is JSON: it fits a json column as it is, and a text column as text.
            return {is_json_type(column_.type) ? JsonKind::Object : JsonKind::String, input.body};
        case Metadata::Index:
            scratch_ = std::to_string(input.index);
            return {JsonKind::Number, scratch_};
        default:
            return plain_value(rule_.from, slot_, input, scratch_);
    }
}

std::optional<BadMessage> ColumnPlan::judge(std::string_view text, bool known_json) const {
    auto refusal = pg::check(column_, text, known_json);
    if (!refusal) return std::nullopt;
    return bad(pg::name_of(*refusal), column_.name);
}

std::optional<BadMessage> ColumnPlan::map_null(MappedField& field) {
    field = {true, {}};
    if (column_.not_null) return bad("not_null", column_.name);
    return std::nullopt;
}

// What the configuration says was held against the column's type at the start (check_rules).
std::optional<BadMessage> ColumnPlan::map_constant(MappedField& field) {
    if (!rule_.default_value) return map_null(field);
    field = {false, *rule_.default_value};
    return std::nullopt;
}

std::optional<BadMessage> ColumnPlan::map_absent(MappedField& field) {
    if (rule_.default_value) return map_constant(field);
    if (required_) return bad("missing_field", rule_.from.text);
    return map_null(field);
}

std::optional<BadMessage> ColumnPlan::map(const MapInput& input, MappedField& field) {
    if (rule_.constant) return map_constant(field);
    auto value = value_of(input);
    if (value.kind == JsonKind::Absent) {
        ++absent_;
        return map_absent(field);
    }
    ++present_;
    if (value.kind == JsonKind::BadText) return bad("invalid_text", column_.name);
    if (value.kind == JsonKind::Null) return map_null(field);
    return map_value(value, field);
}

std::optional<BadMessage> ColumnPlan::map_value(const JsonValue& value, MappedField& field) {
    bool array_column = column_.type == pg::TypeClass::Array;
    if (value.kind == JsonKind::Array && array_column && rule_.convert == Convert::None) {
        if (rule_.mask) return bad("wrong_type", column_.name);
        auto array = array_text(value.text, column_);
        if (!array) return bad(pg::name_of(array.error()), column_.name);
        scratch_ = std::move(*array);
        field = {false, scratch_};
        return judge(scratch_);
    }
    auto text = convert_value(rule_.convert, value, column_.type, scratch_);
    if (!text) return bad("wrong_type", column_.name);
    field = {false, *text};

    bool container = value.kind == JsonKind::Object || value.kind == JsonKind::Array;
    if (rule_.mask) {
        // What is hashed must be one scalar: an object's text depends on blanks and order, so equal ones would not
        // match.
        if (container) return bad("wrong_type", column_.name);
        return std::nullopt;
    }
    bool json_column = is_json_type(column_.type);
    if (container && !json_column && rule_.convert != Convert::Json) return bad("wrong_type", column_.name);
    bool unconverted = rule_.convert == Convert::None && value.kind != JsonKind::String;
    return judge(*text, unconverted || rule_.convert == Convert::Json);
}

std::optional<PathUse> ColumnPlan::path_use() const {
    const auto from = rule_.from.metadata;
    bool path = from == Metadata::None || from == Metadata::Item || from == Metadata::Envelope;
    if (rule_.constant || !path) return std::nullopt;
    return PathUse{rule_.from.text, absent_, present_};
}

}  // namespace sqs2pg::pipeline
