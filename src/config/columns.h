// `columns:` of a pipeline to the rules that the map stage compiles: the short form `column: path`, and the long one.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "config/report.h"
#include "config/yaml_reader.h"
#include "pipeline/options.h"

namespace sqs2pg::config {

// `unwrap`: what there is for `$envelope.FIELD`. Every mistake of every column goes to the report; what is returned
// holds the good ones in the order of the file. `first_keyed` is set to the place of the first mask that needs keys,
// unless it holds one already.
std::vector<pipeline::ColumnRule> read_columns(const Node& columns, std::span<const pipeline::Unwrap> unwrap,
                                               Report& report, std::optional<Place>& first_keyed);

// As a configuration writes it; empty for None.
std::string_view name_of(pipeline::Convert convert) noexcept;

}  // namespace sqs2pg::config
