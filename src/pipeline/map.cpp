// Map: from a received message to a masked row, see map.h. The rule of the contract, "From JSON to a column", is here.
#include "pipeline/map.h"

#include <fmt/format.h>

#include "pg/copy.h"
#include "pipeline/array_text.h"
#include "pipeline/convert.h"
#include "pipeline/decode.h"
#include "pipeline/mask.h"
#include "pipeline/mask_rules.h"

namespace sqs2pg::pipeline {

namespace {

struct PlannedColumn {
    ColumnRule rule;
    pg::Column column;
    bool required = true;  // an absent value is a bad message
    std::string scratch;
    std::uint64_t absent = 0;
    std::uint64_t present = 0;
};

BadMessage bad(std::string_view reason, std::string place) {
    return BadMessage{std::string(reason), std::move(place), ""};
}

bool is_json_type(pg::TypeClass type) noexcept { return type == pg::TypeClass::Json || type == pg::TypeClass::Jsonb; }

}  // namespace

struct MapStage::Impl {
    std::vector<PlannedColumn> columns;
    Decoder decoder;
    MaskStage mask_stage;
    MappedRow row;
    pg::TableName table;

    Impl(std::vector<PlannedColumn> planned, const std::vector<std::vector<PathStep>>& paths, MaskStage stage)
        : columns(std::move(planned)), decoder(paths), mask_stage(std::move(stage)) {
        row.fields.resize(columns.size());
    }

    JsonValue metadata_value(PlannedColumn& planned, const Received& message) const;
    std::optional<BadMessage> map_column(std::size_t index, JsonValue value);
    std::optional<BadMessage> map_absent(std::size_t index);
    std::optional<BadMessage> judge(PlannedColumn& planned, std::string_view text, bool known_json = false);
};

JsonValue MapStage::Impl::metadata_value(PlannedColumn& planned, const Received& message) const {
    auto& scratch = planned.scratch;
    switch (planned.rule.from.metadata) {
        case Metadata::MessageId:
            return {JsonKind::String, message.message_id};
        case Metadata::GroupId:
            return message.group_id.empty() ? JsonValue{} : JsonValue{JsonKind::String, message.group_id};
        case Metadata::SequenceNumber:  // 20 digits, more than a bigint holds; absent on a standard queue
            return message.sequence_number.empty() ? JsonValue{} : JsonValue{JsonKind::String, message.sequence_number};
        case Metadata::ReceiveCount:
            scratch = std::to_string(message.receive_count);
            return {JsonKind::Number, scratch};
        case Metadata::SentAt:
        case Metadata::ReceivedAt: {
            auto ms = planned.rule.from.metadata == Metadata::SentAt ? message.sent_ms : message.received_ms;
            scratch.clear();
            auto type = planned.rule.mask ? pg::TypeClass::Text : planned.column.type;
            return ms != 0 && append_time(scratch, ms, type) ? JsonValue{JsonKind::String, scratch} : JsonValue{};
        }
        case Metadata::Attribute:
            for (const auto& attribute : message.attributes) {
                if (attribute.name == planned.rule.from.attribute) return {JsonKind::String, attribute.value};
            }
            return {};
        case Metadata::Body:
            // A body that came this far is JSON: it fits a json column as it is, and a text column as text.
            return {is_json_type(planned.column.type) ? JsonKind::Object : JsonKind::String, message.body};
        case Metadata::None:
            break;
    }
    return {};
}

std::optional<BadMessage> MapStage::Impl::map_absent(std::size_t index) {
    auto& planned = columns[index];
    ++planned.absent;
    if (planned.rule.default_value) {
        row.fields[index] = {false, *planned.rule.default_value};
        return planned.rule.mask ? std::nullopt : judge(planned, *planned.rule.default_value);
    }
    if (planned.required) return bad("missing_field", planned.rule.from.text);
    row.fields[index] = {true, {}};
    if (planned.column.not_null) return bad("not_null", planned.column.name);
    return std::nullopt;
}

std::optional<BadMessage> MapStage::Impl::judge(PlannedColumn& planned, std::string_view text, bool known_json) {
    auto refusal = pg::check(planned.column, text, known_json);
    if (!refusal) return std::nullopt;
    return bad(pg::name_of(*refusal), planned.column.name);
}

std::optional<BadMessage> MapStage::Impl::map_column(std::size_t index, JsonValue value) {
    auto& planned = columns[index];
    if (value.kind == JsonKind::Absent) return map_absent(index);
    ++planned.present;
    if (value.kind == JsonKind::BadText) return bad("invalid_text", planned.column.name);
    if (value.kind == JsonKind::Null) {
        row.fields[index] = {true, {}};
        if (planned.column.not_null) return bad("not_null", planned.column.name);
        return std::nullopt;
    }
    bool array_column = planned.column.type == pg::TypeClass::Array;
    if (value.kind == JsonKind::Array && array_column && planned.rule.convert == Convert::None) {
        if (planned.rule.mask) return bad("wrong_type", planned.column.name);
        auto array = array_text(value.text, planned.column);
        if (!array) return bad(pg::name_of(array.error()), planned.column.name);
        planned.scratch = std::move(*array);
        row.fields[index] = {false, planned.scratch};
        return judge(planned, planned.scratch);
    }
    auto text = convert_value(planned.rule.convert, value, planned.column.type, planned.scratch);
    if (!text) return bad("wrong_type", planned.column.name);
    row.fields[index] = {false, *text};

    bool container = value.kind == JsonKind::Object || value.kind == JsonKind::Array;
    if (planned.rule.mask) {
        // What is hashed must be one scalar: an object's text depends on blanks and order, so equal ones would not
        // match.
        if (container) return bad("wrong_type", planned.column.name);
        return std::nullopt;
    }
    bool json_column = is_json_type(planned.column.type);
    if (container && !json_column && planned.rule.convert != Convert::Json)
        return bad("wrong_type", planned.column.name);
    bool unconverted = planned.rule.convert == Convert::None && value.kind != JsonKind::String;
    return judge(planned, *text, unconverted || planned.rule.convert == Convert::Json);
}

MapStage::MapStage(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
MapStage::MapStage(MapStage&&) noexcept = default;
MapStage& MapStage::operator=(MapStage&&) noexcept = default;
MapStage::~MapStage() = default;

Result<MapStage> MapStage::make(const PipelineOptions& options, const pg::TableShape& table,
                                const privacy::Keyring& keyring) {
    for (const auto& finding : check_rules(options, table, &keyring)) {
        if (finding.error) {
            return fail(ErrorKind::Configuration, Stage::Map, "mapping", finding.place + ": " + finding.sentence);
        }
    }
    std::vector<PlannedColumn> planned;
    std::vector<std::vector<PathStep>> paths;
    std::vector<MaskColumn> mask_columns;
    for (const auto& rule : options.columns) {
        const auto& column = *table.find(rule.column);
        MaskColumn mask_column{column, std::nullopt, false};
        if (rule.mask) {
            auto masker = privacy::Masker::make(*rule.mask, keyring);
            if (!masker) return fail(masker.error());
            mask_column.judge =
                !masker->max_length() || !holds_text(column.type) || rule.mask->method == privacy::Method::KeepLast;
            mask_column.masker.emplace(std::move(*masker));
        }
        bool required = !rule.optional && !rule.default_value && !options.missing_is_null;
        paths.push_back(rule.from.path);
        planned.push_back(PlannedColumn{rule, column, required, {}, 0, 0});
        mask_columns.push_back(std::move(mask_column));
    }
    auto impl = std::make_unique<Impl>(std::move(planned), paths, MaskStage(std::move(mask_columns)));
    impl->table = table.name;
    return MapStage(std::move(impl));
}

tl::expected<MaskedRow, BadMessage> MapStage::transform(Received& message) {
    auto values = impl_->decoder.decode(message.body);
    if (!values) return tl::unexpected(values.error());
    for (std::size_t i = 0; i < impl_->columns.size(); ++i) {
        auto& planned = impl_->columns[i];
        bool from_body = planned.rule.from.metadata == Metadata::None;
        auto value = from_body ? (*values)[i] : impl_->metadata_value(planned, message);
        if (auto refused = impl_->map_column(i, value)) return tl::unexpected(std::move(*refused));
    }
    return impl_->mask_stage.mask(impl_->row);
}

Target MapStage::target() const {
    Target target;
    target.table = impl_->table;
    for (const auto& planned : impl_->columns) target.columns.push_back(planned.column.name);
    return target;
}

std::vector<PathUse> MapStage::path_use() const {
    std::vector<PathUse> uses;
    for (const auto& planned : impl_->columns) {
        if (planned.rule.from.metadata == Metadata::None) {
            uses.push_back({planned.rule.from.text, planned.absent, planned.present});
        }
    }
    return uses;
}

}  // namespace sqs2pg::pipeline
