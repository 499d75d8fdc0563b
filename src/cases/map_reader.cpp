// See map_reader.h.
#include "cases/map_reader.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/nearest.h"

namespace sqs2pg::cases {

MapReader::MapReader(const config::Node& node, std::string what, std::vector<std::string_view> names,
                     config::Report& report)
    : node_(node), what_(std::move(what)), report_(report) {
    if (node.kind != config::Node::Kind::Map) {
        report_.mistake(node.place, fmt::format("{} is a map of {}", what_, config::either(names)));
        return;
    }
    for (const auto& member : node.members) {
        if (std::ranges::find(names, member.key.text) != names.end()) continue;
        const std::vector<std::string> candidates(names.begin(), names.end());
        const auto nearest = member.key.text.size() < 3 ? std::string() : nearest_name(member.key.text, candidates);
        report_.mistake(member.key.place,
                        fmt::format("unknown key {} in {}; {}", config::backquoted(member.key.text), what_,
                                    nearest.empty() ? "it takes " + config::either(names)
                                                    : fmt::format("did you mean `{}`?", nearest)));
    }
}

const config::Node* MapReader::find(std::string_view name) const {
    const auto found = std::ranges::find_if(node_.members, [&](const auto& m) { return m.key.text == name; });
    return found == node_.members.end() ? nullptr : &found->value;
}

std::string MapReader::text(std::string_view name) const {
    const auto* node = find(name);
    if (node == nullptr) return {};
    if (node->kind != config::Node::Kind::Scalar || node->text.empty()) {
        report_.mistake(node->place, fmt::format("`{}` is a text", name));
    }
    return node->text;
}

}  // namespace sqs2pg::cases
