// What counts for the pipelines that do not say otherwise. Two levels: the defaults of a pipeline's own file, and those
// that all files share (`postgres`, `aws`, `keys` at the top of one of them, `defaults` of a file without pipelines).
#pragma once

#include <memory>

#include "config/connections.h"
#include "config/section.h"

namespace sqs2pg::config {

struct Defaults {
    std::unique_ptr<Section> section;  // the options of `defaults`, on top of the other level's; null: not written
    Connections connections;
};

// Both outlive the reading of the pipelines.
struct Scope {
    const Defaults& own;
    const Defaults& shared;

    const Section* options() const { return own.section ? own.section.get() : shared.section.get(); }
};

// Reads the section `name` that stands in `section`, if one does. A broken one counts as written: one mistake is
// enough.
void read_connection(std::string_view name, const Section& section, const std::string& what, const ReadingFrom& from,
                     Connections& into);

// What the user wrote, places left out: a mark that changes when it does.
std::size_t fingerprint_of(const Node& node);
std::size_t fingerprint_of(const PostgresSettings& postgres, const AwsSettings& aws, const KeySettings& keys);
std::size_t mixed(std::size_t fingerprint, std::size_t other);

}  // namespace sqs2pg::config
