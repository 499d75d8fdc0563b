// Places as paths, and objects that are maps, see profile.h.
#include <algorithm>

#include <fmt/format.h>

#include "infer/profile.h"

namespace sqs2pg::infer {

namespace {

void append_member(std::string& out, std::string_view name, bool first) {
    if (!first) out.push_back('.');
    const bool bare =
        !name.empty() && name.find_first_of(".[]\" \t\\") == std::string_view::npos && !(first && name.front() == '$');
    if (bare) {
        out += name;
        return;
    }
    out.push_back('"');
    for (const char c : name) {
        if (c == '"' || c == '\\') out.push_back('\\');
        out.push_back(c);
    }
    out.push_back('"');
}

// Booleans, numbers, strings, objects or arrays only, null aside: what the values of a map have in common.
int kind_of(const Values& values) {
    const std::uint32_t counts[] = {values.booleans, values.numbers, values.strings, values.objects, values.arrays};
    int kind = -1;
    for (int i = 0; i < 5; ++i) {
        if (counts[i] == 0) continue;
        if (kind >= 0) return -2;
        kind = i;
    }
    return kind;
}

bool alike(const Place& place) {
    int kind = -1;
    for (const auto& member : place.members) {
        const int own = kind_of(member->values);
        if (own == -2) return false;
        if (own >= 0 && kind >= 0 && own != kind) return false;
        if (own >= 0) kind = own;
    }
    return true;
}

}  // namespace

std::vector<pipeline::PathStep> path_of(const Place& place) {
    std::vector<pipeline::PathStep> path;
    for (const auto* at = &place; at->parent != nullptr; at = at->parent) path.push_back({at->name, {}});
    std::ranges::reverse(path);
    return path;
}

std::string text_of_path(const std::vector<pipeline::PathStep>& path) {
    std::string text;
    for (const auto& step : path) {
        if (step.index) {
            text += fmt::format("[{}]", *step.index);
        } else {
            append_member(text, step.member, text.empty());
        }
    }
    return text;
}

std::string text_of(const Place& place) {
    if (place.parent == nullptr) return {};
    auto text = text_of(*place.parent);
    if (place.of_elements) return text + "[]";
    if (place.parent->others.get() == &place) return text.empty() ? "*" : text + ".*";
    append_member(text, place.name, text.empty());
    return text;
}

bool is_map(const Place& place) {
    if (place.data_names || place.crowded) return true;
    const auto names = place.members.size();
    const auto objects = place.values.objects;
    const bool root = place.parent == nullptr;
    if (names < (root ? 16u : 3u) || objects < 2 || !alike(place)) return false;
    std::size_t rare = 0;
    bool usual = false;
    for (const auto& member : place.members) {
        const auto seen = member->values.all();
        usual = usual || seen * 2 > objects;
        rare += seen * 5 <= objects ? 1 : 0;
    }
    return !usual || (names >= 8 && rare * 10 >= names * 6);
}

}  // namespace sqs2pg::infer
