// One pass over the body, see decode.h. The mapped paths form a tree; the walk goes down the JSON and the tree
// together, and below a value that no path leads into it only proves the grammar.
#include "pipeline/decode.h"

#include <simdjson.h>

#include "pipeline/json_grammar.h"

namespace sqs2pg::pipeline {

namespace {

namespace ondemand = simdjson::ondemand;

constexpr std::uint32_t kNoNode = UINT32_MAX;

struct PathNode {
    std::vector<std::pair<std::string, std::uint32_t>> members;
    std::vector<std::pair<std::size_t, std::uint32_t>> elements;
    std::vector<std::uint32_t> slots;          // values wanted at this very place
    std::vector<std::uint32_t> subtree_slots;  // …and anywhere below: reset when a key comes again
    std::size_t next_member = 0;               // keys mostly come in the same order: look here first
};

}  // namespace

struct Decoder::Impl {
    std::vector<PathNode> nodes;
    std::vector<JsonValue> values;
    ondemand::parser parser;
    ondemand::document document;
    const char* body_end = nullptr;

    std::uint32_t child(std::uint32_t parent, const PathStep& step) {
        if (step.index) {
            for (auto& [index, node] : nodes[parent].elements) {
                if (index == *step.index) return node;
            }
        } else {
            for (auto& [name, node] : nodes[parent].members) {
                if (name == step.member) return node;
            }
        }
        auto node = static_cast<std::uint32_t>(nodes.size());
        nodes.emplace_back();
        if (step.index) {
            nodes[parent].elements.emplace_back(*step.index, node);
        } else {
            nodes[parent].members.emplace_back(step.member, node);
        }
        return node;
    }

    std::uint32_t member(std::uint32_t parent, std::string_view key) {
        if (parent == kNoNode) return kNoNode;
        auto& node = nodes[parent];
        auto count = node.members.size();
        auto at = node.next_member;
        for (std::size_t tried = 0; tried < count; ++tried) {
            if (at >= count) at = 0;
            if (node.members[at].first == key) {
                node.next_member = at + 1;
                return node.members[at].second;
            }
            ++at;
        }
        return kNoNode;
    }

    std::uint32_t element(std::uint32_t parent, std::size_t index) const {
        if (parent == kNoNode) return kNoNode;
        for (const auto& [wanted, node] : nodes[parent].elements) {
            if (wanted == index) return node;
        }
        return kNoNode;
    }

    void set(std::uint32_t node, JsonKind kind, std::string_view text) {
        for (auto slot : nodes[node].slots) values[slot] = JsonValue{kind, text};
    }

    void reset_below(std::uint32_t node) {
        for (auto slot : nodes[node].subtree_slots) values[slot] = JsonValue{};
    }

    // From the first byte of a container that was just walked to its last.
    std::string_view raw_since(const char* start) {
        const char* next = nullptr;
        if (document.current_location().get(next) != simdjson::SUCCESS) next = body_end;
        return trim_json_blanks(std::string_view(start, static_cast<std::size_t>(next - start)));
    }

    bool walk(ondemand::value value, std::uint32_t node, int depth);
    bool walk_object(ondemand::value& value, std::uint32_t node, int depth);
    bool walk_array(ondemand::value& value, std::uint32_t node, int depth);
    bool walk_string(ondemand::value& value, std::string_view token, std::uint32_t node);
    bool walk_root_scalar();
    bool walk_root();
};

Decoder::Decoder(const std::vector<std::vector<PathStep>>& paths) : impl_(std::make_unique<Impl>()) {
    impl_->nodes.emplace_back();
    impl_->values.resize(paths.size());
    for (std::uint32_t slot = 0; slot < paths.size(); ++slot) {
        std::uint32_t node = 0;
        for (const auto& step : paths[slot]) {
            node = impl_->child(node, step);
            impl_->nodes[node].subtree_slots.push_back(slot);
        }
        impl_->nodes[node].slots.push_back(slot);
    }
}

Decoder::~Decoder() = default;
Decoder::Decoder(Decoder&&) noexcept = default;
Decoder& Decoder::operator=(Decoder&&) noexcept = default;

bool Decoder::Impl::walk(ondemand::value value, std::uint32_t node, int depth) {
    if (depth > kMaxDepth) return false;
    ondemand::json_type type{};
    if (value.type().get(type) != simdjson::SUCCESS) return false;
    if (type == ondemand::json_type::object) return walk_object(value, node, depth);
    if (type == ondemand::json_type::array) return walk_array(value, node, depth);

    std::string_view token = trim_json_blanks(value.raw_json_token());
    if (type == ondemand::json_type::string) return walk_string(value, token, node);
    JsonKind kind = JsonKind::Null;
    if (type == ondemand::json_type::number) {
        if (!is_json_number(token)) return false;
        kind = JsonKind::Number;
    } else if (type == ondemand::json_type::boolean) {
        if (token != "true" && token != "false") return false;
        kind = JsonKind::Bool;
    } else if (token != "null") {
        return false;
    }
    if (node != kNoNode) set(node, kind, token);
    return true;
}

bool Decoder::Impl::walk_string(ondemand::value& value, std::string_view token, std::uint32_t node) {
    if (node == kNoNode || nodes[node].slots.empty()) return has_json_escapes_only(token);
    std::string_view text;
    if (value.get_string().get(text) == simdjson::SUCCESS) {
        set(node, JsonKind::String, text);
        return true;
    }
    if (!has_json_escapes_only(token)) return false;
    set(node, JsonKind::BadText, {});
    return true;
}

bool Decoder::Impl::walk_object(ondemand::value& value, std::uint32_t node, int depth) {
    const char* start = value.raw_json_token().data();
    ondemand::object object;
    if (value.get_object().get(object) != simdjson::SUCCESS) return false;
    for (auto next : object) {
        ondemand::field field;
        if (std::move(next).get(field) != simdjson::SUCCESS) return false;
        std::uint32_t below = kNoNode;
        std::string_view key;
        auto raw_key = field.key().raw();
        if (field.unescaped_key().get(key) == simdjson::SUCCESS) {
            below = member(node, key);
        } else {
            // A key that is JSON but no text (a lone surrogate) matches no path; anything else is not JSON.
            auto end = raw_key;
            while (end < body_end && *end != '"') end += *end == '\\' ? 2 : 1;
            if (!has_json_escapes_only(std::string_view(raw_key, static_cast<std::size_t>(end - raw_key))))
                return false;
        }
        if (below != kNoNode) reset_below(below);
        if (!walk(field.value(), below, depth + 1)) return false;
    }
    if (node != kNoNode && !nodes[node].slots.empty()) set(node, JsonKind::Object, raw_since(start));
    return true;
}

bool Decoder::Impl::walk_array(ondemand::value& value, std::uint32_t node, int depth) {
    const char* start = value.raw_json_token().data();
    ondemand::array array;
    if (value.get_array().get(array) != simdjson::SUCCESS) return false;
    std::size_t index = 0;
    for (auto next : array) {
        ondemand::value item;
        if (std::move(next).get(item) != simdjson::SUCCESS) return false;
        if (!walk(item, element(node, index), depth + 1)) return false;
        ++index;
    }
    if (node != kNoNode && !nodes[node].slots.empty()) set(node, JsonKind::Array, raw_since(start));
    return true;
}

bool Decoder::Impl::walk_root_scalar() {
    std::string_view token;
    if (document.raw_json_token().get(token) != simdjson::SUCCESS) return false;
    token = trim_json_blanks(token);
    if (token.data() + token.size() != body_end) return false;  // something follows
    if (token == "true" || token == "false" || token == "null") return true;
    if (!token.empty() && token.front() == '"') {
        return token.size() >= 2 && token.back() == '"' && has_json_escapes_only(token);
    }
    return is_json_number(token);
}

bool Decoder::Impl::walk_root() {
    ondemand::json_type type{};
    if (document.type().get(type) != simdjson::SUCCESS) return false;
    if (type != ondemand::json_type::object && type != ondemand::json_type::array) return walk_root_scalar();
    ondemand::value root;
    if (document.get_value().get(root) != simdjson::SUCCESS) return false;
    const char* more = nullptr;  // at the end there is no current location
    return walk(root, 0, 1) && document.current_location().get(more) != simdjson::SUCCESS;
}

PaddedText::PaddedText(std::string& string) {
    static_assert(SharedText::kRoom >= simdjson::SIMDJSON_PADDING);
    const auto wanted = string.size() + SharedText::kRoom;
    if (string.capacity() < wanted) string.reserve(wanted);
    text = string;
    readable = string.capacity();
}

tl::expected<std::span<const JsonValue>, BadMessage> Decoder::decode(PaddedText body) {
    for (auto& value : impl_->values) value = JsonValue{};
    auto trimmed = trim_json_blanks(body.text);
    impl_->body_end = trimmed.data() + trimmed.size();
    auto error = impl_->parser.iterate(simdjson::padded_string_view(body.text, body.readable)).get(impl_->document);
    if (error == simdjson::UTF8_ERROR) return tl::unexpected(BadMessage{"invalid_text", "", ""});
    if (error != simdjson::SUCCESS || !impl_->walk_root()) return tl::unexpected(BadMessage{"not_json", "", ""});
    return std::span<const JsonValue>(impl_->values);
}

std::optional<BadMessage> Decoder::decode_elements(std::string_view array, std::size_t readable,
                                                   const TakeElement& take) {
    // The grammar was proven when the whole body was walked: what fails here is no element of this array's any more.
    BadMessage broken{"not_json", "", ""};
    impl_->body_end = array.data() + array.size();
    simdjson::padded_string_view padded(array.data(), array.size(), readable);
    ondemand::array elements;
    if (impl_->parser.iterate(padded).get(impl_->document) != simdjson::SUCCESS) return broken;
    if (impl_->document.get_array().get(elements) != simdjson::SUCCESS) return broken;
    std::size_t index = 0;
    for (auto next : elements) {
        ondemand::value element;
        if (std::move(next).get(element) != simdjson::SUCCESS) return broken;
        for (auto& value : impl_->values) value = JsonValue{};
        if (!impl_->walk(element, 0, 1)) return broken;
        if (auto stopped = take(index, impl_->values)) return stopped;
        ++index;
    }
    return std::nullopt;
}

}  // namespace sqs2pg::pipeline
