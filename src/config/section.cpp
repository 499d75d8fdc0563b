// Holding a map against the table of fields, see section.h.
#include "config/section.h"

#include <algorithm>
#include <stdexcept>
#include <vector>

#include <fmt/core.h>

#include "base/nearest.h"
#include "config/values.h"

namespace sqs2pg::config {
namespace {

std::optional<std::int64_t> number_of(FieldType type, std::string_view text) {
    switch (type) {
        case FieldType::Integer:
            return parse_integer(text);
        case FieldType::Seconds:
            return parse_seconds(text);
        case FieldType::Bytes:
            return parse_bytes(text);
        default:
            return std::nullopt;
    }
}

// nullopt: nothing is near enough. Words of one or two letters are near to everything.
std::optional<std::string> nearest_of(std::string_view word, const std::vector<std::string_view>& candidates) {
    if (word.size() < 3) return std::nullopt;
    std::vector<std::string> names(candidates.begin(), candidates.end());
    auto name = nearest_name(word, names);
    return name.empty() ? std::nullopt : std::optional(std::move(name));
}

bool contains(const std::vector<std::string_view>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_map(FieldType type) {
    return type == FieldType::Section || type == FieldType::Sections || type == FieldType::Columns ||
           type == FieldType::Values;
}

bool is_name(const Node& node) { return node.kind == Node::Kind::Scalar && !node.text.empty(); }

bool has_shape(FieldType type, const Node& value) {
    using Kind = Node::Kind;
    if (type == FieldType::List) return value.kind == Kind::List;
    if (type == FieldType::Names) {
        bool list = value.kind == Kind::List && !value.items.empty();
        return list ? std::ranges::all_of(value.items, is_name) : is_name(value);
    }
    return value.kind == (is_map(type) ? Kind::Map : Kind::Scalar);
}

}  // namespace

Section::Section(const Node& node, std::string_view path, std::string what, Place place, Report& report,
                 const Section* base)
    : path_(path), what_(std::move(what)), place_(std::move(place)), report_(report), base_(base) {
    broken_ = node.broken || node.kind != Node::Kind::Map;
    if (node.broken) return;
    if (node.kind != Node::Kind::Map) {
        report_.mistake(place_, fmt::format("{} is a map of {}", what_, either(names_in(path_))));
        return;
    }
    for (const auto& member : node.members) read_member(member);
    for (const auto& field : fields()) {
        if (field.section != path_ || field.need != Need::Required || written(field.name)) continue;
        report_.mistake(place_, fmt::format("{} has no `{}`", what_, field.name));
    }
}

void Section::read_member(const Member& member) {
    const Field* field = find_field(path_, member.key.text);
    if (field == nullptr) return unknown(member.key);
    written_.emplace(member.key.text, &member);
    if (field->need == Need::Later) {
        report_.mistake(member.key.place, fmt::format("`{}` is not supported yet by this version", field->name));
    } else if (!member.value.broken && good(*field, member.value)) {
        good_.emplace(member.key.text, &member);
    }
}

void Section::unknown(const Node& key) {
    auto names = names_in(path_);
    std::string hint = fmt::format("it takes {}", either(names));
    if (auto name = nearest_of(key.text, names)) hint = fmt::format("did you mean `{}`?", *name);
    report_.mistake(key.place, fmt::format("unknown key {} in {}; {}", backquoted(key.text), what_, hint));
}

bool Section::good_choices(const Field& field, const Node& value) {
    if (value.kind != Node::Kind::List) return good_choice(field, value);
    if (value.items.empty()) {
        report_.mistake(value.place, fmt::format("`{}` is {}", field.name, expectation(field)));
        return false;
    }
    return std::ranges::all_of(value.items, [&](const Node& item) { return good_choice(field, item); });
}

bool Section::good(const Field& field, const Node& value) {
    using Kind = Node::Kind;
    if (field.type == FieldType::Value && (value.kind == Kind::Null || value.kind == Kind::Scalar)) return true;
    if (field.type == FieldType::Choice) return good_choice(field, value);
    if (field.type == FieldType::Choices) return good_choices(field, value);
    if (value.kind == Kind::Null) {
        report_.mistake(value.place, fmt::format("`{}` has no value; it is {}, or leave the line out", field.name,
                                                 expectation(field)));
        return false;
    }
    if (field.type == FieldType::Section && value.kind == Kind::Scalar &&
        contains(split_choices(field.choices), value.text)) {
        return true;
    }
    if (!has_shape(field.type, value)) {
        report_.mistake(value.place, fmt::format("`{}` is {}", field.name, expectation(field)));
        return false;
    }
    bool scalar = !is_map(field.type) && field.type != FieldType::List && field.type != FieldType::Names;
    return !scalar || good_scalar(field, value);
}

bool Section::good_scalar(const Field& field, const Node& value) {
    auto mistake = [&](std::string_view sentence) {
        report_.mistake(value.place, fmt::format("`{}` {}", field.name, sentence));
        return false;
    };
    switch (field.type) {
        case FieldType::Text:
        case FieldType::Secret:
            if (!value.text.empty()) return true;
            return mistake(value.substituted ? "is empty: so is its environment variable" : "is empty");
        case FieldType::Flag:
            return value.text == "true" || value.text == "false" || mistake("is " + expectation(field));
        default:
            break;
    }
    auto number = number_of(field.type, value.text);
    if (number && *number >= field.least && *number <= field.most) return true;
    return mistake("is " + expectation(field));
}

bool Section::good_choice(const Field& field, const Node& value) {
    auto choices = split_choices(field.choices);
    bool scalar = value.kind == Node::Kind::Scalar;
    if (value.kind == Node::Kind::Null && contains(choices, "null")) return true;
    if (scalar && contains(choices, value.text)) return true;
    if (scalar && contains(split_choices(field.later), value.text)) {
        report_.mistake(value.place, fmt::format("`{}: {}` is not supported yet by this version; it takes {}",
                                                 field.name, value.text, expectation(field)));
        return false;
    }
    auto sentence = fmt::format("`{}` is {}", field.name, expectation(field));
    if (scalar && !value.substituted) {
        if (auto name = nearest_of(value.text, choices)) {
            sentence = fmt::format("`{}` cannot be {}; did you mean `{}`?", field.name, backquoted(value.text), *name);
        }
    }
    report_.mistake(value.place, sentence);
    return false;
}

const Field& Section::field_of(std::string_view name) const {
    const Field* field = find_field(path_, name);
    if (field == nullptr) throw std::logic_error("no such field: " + std::string(path_) + "." + std::string(name));
    return *field;
}

const Node* Section::find(std::string_view name) const {
    field_of(name);
    auto found = good_.find(name);
    if (found != good_.end()) return &found->second->value;
    const bool inherits = base_ != nullptr && !written(name) && find_field(base_->path_, name) != nullptr;
    return inherits ? base_->find(name) : nullptr;
}

std::string Section::text(std::string_view name) const {
    const Node* node = find(name);
    if (node == nullptr) return std::string(field_of(name).fallback);
    return node->kind == Node::Kind::Null ? "null" : node->text;
}

std::int64_t Section::number(std::string_view name) const {
    return number_of(field_of(name).type, text(name)).value_or(0);
}

bool Section::flag(std::string_view name) const { return text(name) == "true"; }

bool Section::is_null(std::string_view name) const {
    const Node* node = find(name);
    return node != nullptr && node->kind == Node::Kind::Null;
}

Place Section::place_of(std::string_view name) const {
    auto found = written_.find(name);
    if (found != written_.end()) return found->second->value.place;
    for (const auto* base = base_; base != nullptr; base = base->base_) {
        if (base->written(name)) return base->place_of(name);
    }
    return place_;
}

}  // namespace sqs2pg::config
