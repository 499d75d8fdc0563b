// See mapping_only.h.
#include "config/mapping_only.h"

#include <algorithm>
#include <iterator>

#include "config/connections.h"
#include "config/fields.h"

namespace sqs2pg::config {
namespace {

bool is_connection(const Member& member) {
    return std::ranges::find(kConnections, member.key.text) != std::end(kConnections);
}

}  // namespace

void drop_connections(Node& root) {
    std::erase_if(root.members, [](const Member& member) {
        const auto& name = member.key.text;
        return name != "pipelines" && name != "defaults" && find_field(kTop, name) != nullptr;
    });
    for (auto& section : root.members) {
        if (section.key.text == "defaults") std::erase_if(section.value.members, is_connection);
        if (section.key.text != "pipelines") continue;
        for (auto& pipeline : section.value.members) std::erase_if(pipeline.value.members, is_connection);
    }
}

}  // namespace sqs2pg::config
