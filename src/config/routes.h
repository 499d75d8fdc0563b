// A pipeline's kinds of message: `routes`, or the pipeline itself where it has one kind only, to pipeline::Route.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "config/report.h"
#include "config/section.h"
#include "config/yaml_reader.h"
#include "pipeline/options.h"

namespace sqs2pg::config {

// `table`, `columns` and what stands beside them, of a route or of a pipeline without routes. Every mistake goes to the
// report. `first_keyed`: see columns.h.
pipeline::Route read_route(const Section& section, std::span<const pipeline::Unwrap> unwrap, Report& report,
                           std::optional<Place>& first_keyed);

// The entries of `routes`, in their order; a route that another one hides is a mistake, one that shares messages with
// another a warning.
std::vector<pipeline::Route> read_routes(const Node& list, std::span<const pipeline::Unwrap> unwrap, Report& report,
                                         std::optional<Place>& first_keyed);

}  // namespace sqs2pg::config
