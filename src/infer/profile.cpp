// Walks messages and counts, see profile.h.
#include "infer/profile.h"

#include <algorithm>
#include <charconv>
#include <functional>

#include <simdjson.h>

#include "pipeline/decode.h"
#include "pipeline/json_grammar.h"

namespace sqs2pg::infer {

namespace {

namespace ondemand = simdjson::ondemand;

void note_distinct(Values& values, std::string_view text) {
    if (values.many) return;
    const std::uint64_t hash = std::hash<std::string_view>{}(text);
    const auto at = std::ranges::lower_bound(values.distinct, hash);
    if (at != values.distinct.end() && *at == hash) return;
    if (values.distinct.size() == kMostDistinct) {
        values.many = true;
    } else {
        values.distinct.insert(at, hash);
    }
}

bool is_personal_name(std::string_view name) {
    const auto forms = forms_of(name);
    return has(forms, Form::Email) || has(forms, Form::Ipv4) || has(forms, Form::Ipv6) || has(forms, Form::Phone) ||
           has(forms, Form::Iban) || has(forms, Form::Mac) || has(forms, Form::HoldsEmail);
}

void note_number(Values& values, std::string_view token) {
    ++values.numbers;
    const bool exponent = token.find_first_of("eE") != std::string_view::npos;
    values.exponents = values.exponents || exponent;
    if (exponent || token.find('.') != std::string_view::npos) {
        values.whole = false;
        return;
    }
    std::int64_t number = 0;
    const auto [end, problem] = std::from_chars(token.data(), token.data() + token.size(), number);
    if (problem != std::errc{} || end != token.data() + token.size()) {
        values.beyond_bigint = true;
        return;
    }
    values.least = std::min(values.least, number);
    values.greatest = std::max(values.greatest, number);
}

void note_string(Values& values, std::string_view text) {
    ++values.strings;
    if (text.empty()) ++values.empty;
    if (text.find('\0') != std::string_view::npos) ++values.no_text;
    const auto characters =
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
    values.longest = std::max(values.longest, static_cast<std::size_t>(characters));
    const auto forms = forms_of(text);
    for (std::size_t form = 0; form < kForms; ++form) values.forms[form] += forms.test(form) ? 1 : 0;
}

}  // namespace

struct Profile::Impl {
    Place root;
    std::size_t places = 0;
    std::uint32_t messages = 0;
    bool full = false;
    pipeline::Decoder proof{{}};
    ondemand::parser parser;

    Place* member(Place& object, std::string_view name) {
        if (const auto known = object.by_name.find(name); known != object.by_name.end()) return known->second;
        if (is_data_like_name(name)) {
            object.data_names = true;
            object.personal_names = object.personal_names || is_personal_name(name);
            return single(object.others, object);
        }
        if (object.members.size() == kMostMembers || places == kMostPlaces) {
            object.crowded = true;
            return single(object.others, object);
        }
        ++places;
        auto& made = object.members.emplace_back(std::make_unique<Place>());
        made->name = name;
        made->parent = &object;
        made->depth = object.depth + 1;
        object.by_name.emplace(made->name, made.get());
        return made.get();
    }

    // The one place of all elements, or of all members of a map. nullptr: the bound is reached.
    Place* single(std::unique_ptr<Place>& place, Place& parent) {
        if (place) return place.get();
        if (places >= kMostPlaces) {
            full = true;
            return nullptr;
        }
        ++places;
        place = std::make_unique<Place>();
        place->parent = &parent;
        place->depth = parent.depth + 1;
        return place.get();
    }

    Place* elements(Place& array) {
        auto* below = single(array.elements, array);
        if (below != nullptr) below->of_elements = true;
        return below;
    }

    // The grammar is proven before: what simdjson refuses nevertheless is a text that is none.
    void walk(ondemand::value value, Place& place);
    void walk_object(ondemand::object object, Place& place);
    void walk_array(ondemand::array array, Place& place);
};

void Profile::Impl::walk(ondemand::value value, Place& place) {
    if (place.last_message != messages) {
        place.last_message = messages;
        ++place.messages;
    }
    ondemand::json_type type{};
    if (value.type().get(type) != simdjson::SUCCESS) return;
    auto& values = place.values;
    if (type == ondemand::json_type::object) {
        ++values.objects;
        ondemand::object object;
        if (place.depth == kDeepest) {
            place.cut = true;
        } else if (value.get_object().get(object) == simdjson::SUCCESS) {
            walk_object(object, place);
        }
        return;
    }
    if (type == ondemand::json_type::array) {
        ++values.arrays;
        ondemand::array array;
        if (place.depth == kDeepest) {
            place.cut = true;
        } else if (value.get_array().get(array) == simdjson::SUCCESS) {
            walk_array(array, place);
        }
        return;
    }
    const auto token = pipeline::trim_json_blanks(value.raw_json_token());
    if (type == ondemand::json_type::null) {
        ++values.nulls;
        return;
    }
    note_distinct(values, token);
    if (type == ondemand::json_type::number) return note_number(values, token);
    if (type == ondemand::json_type::boolean) {
        ++values.booleans;
        return;
    }
    std::string_view text;
    if (value.get_string().get(text) == simdjson::SUCCESS) return note_string(values, text);
    ++values.strings;
    ++values.no_text;
}

void Profile::Impl::walk_object(ondemand::object object, Place& place) {
    for (auto next : object) {
        ondemand::field field;
        if (std::move(next).get(field) != simdjson::SUCCESS) return;
        std::string_view key;
        Place* below = nullptr;
        if (field.unescaped_key().get(key) == simdjson::SUCCESS) {
            below = member(place, key);
        } else {
            place.data_names = true;  // a name that is no text
        }
        if (below != nullptr) walk(field.value(), *below);
    }
}

void Profile::Impl::walk_array(ondemand::array array, Place& place) {
    std::size_t index = 0;
    for (auto next : array) {
        ondemand::value item;
        if (std::move(next).get(item) != simdjson::SUCCESS) return;
        if (index++ >= kMostElements) continue;
        if (auto* below = elements(place)) walk(item, *below);
    }
    place.longest_array = std::max(place.longest_array, index);
}

Profile::Profile() : impl_(std::make_unique<Impl>()) {}
Profile::~Profile() = default;
Profile::Profile(Profile&&) noexcept = default;
Profile& Profile::operator=(Profile&&) noexcept = default;

Profile::Body Profile::add(pipeline::PaddedText body) {
    const auto proven = impl_->proof.decode(body);
    if (!proven) return proven.error().reason == "invalid_text" ? Body::InvalidText : Body::NotJson;
    const auto text = pipeline::trim_json_blanks(body.text);
    if (text.front() == '[') return Body::Array;
    if (text.front() != '{') return Body::Scalar;
    ondemand::document document;
    ondemand::value root;
    const simdjson::padded_string_view padded(body.text, body.readable);
    if (impl_->parser.iterate(padded).get(document) != simdjson::SUCCESS ||
        document.get_value().get(root) != simdjson::SUCCESS) {
        return Body::NotJson;
    }
    ++impl_->messages;
    impl_->walk(root, impl_->root);
    return Body::Object;
}

const Place& Profile::root() const noexcept { return impl_->root; }
std::uint32_t Profile::messages() const noexcept { return impl_->messages; }
bool Profile::full() const noexcept { return impl_->full; }

}  // namespace sqs2pg::infer
