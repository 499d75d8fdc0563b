// One map of a case file held against the names that it takes: unknown ones are mistakes with the nearest right name,
// as in a configuration.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/report.h"
#include "config/yaml_reader.h"

namespace sqs2pg::cases {

class MapReader {
   public:
    // `node` is borrowed. `what` names the map in messages ("the case `…`").
    MapReader(const config::Node& node, std::string what, std::vector<std::string_view> names, config::Report& report);

    // nullptr: not written.
    const config::Node* find(std::string_view name) const;
    bool has(std::string_view name) const { return find(name) != nullptr; }
    // A scalar's text; empty when it is not written, and a mistake when it is something else.
    std::string text(std::string_view name) const;

    const std::string& what() const noexcept { return what_; }

   private:
    const config::Node& node_;
    std::string what_;
    config::Report& report_;
};

}  // namespace sqs2pg::cases
