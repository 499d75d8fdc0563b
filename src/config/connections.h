// The sections that say where a pipeline's world is: `postgres`, `aws` and `keys`, wherever they stand: at the top, in
// `defaults` or in a pipeline.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "config/report.h"
#include "config/yaml_reader.h"

namespace sqs2pg::config {

inline constexpr std::array<std::string_view, 3> kConnections = {"postgres", "aws", "keys"};

// The file that is being read.
struct ReadingFrom {
    Report& report;
    const Environment& environment;
    bool world_readable = false;  // everybody may read it, so that a password in it is warned about
};

// Those that were written, good or not: a section replaces that of the defaults as a whole, so that no password meets
// another's host.
struct Connections {
    std::optional<PostgresSettings> postgres;
    std::optional<AwsSettings> aws;
    std::optional<KeySettings> keys;

    // `name` is one of kConnections; `what` names the section in messages.
    void read(std::string_view name, const Node& node, const std::string& what, const ReadingFrom& from);
};

}  // namespace sqs2pg::config
