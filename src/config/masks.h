// `mask` of a column with what belongs to it: `domain`, `as`, `keep`.
#pragma once

#include <optional>

#include "config/report.h"
#include "config/section.h"
#include "privacy/mask.h"

namespace sqs2pg::config {

// Nothing without a mask, or with one that is not good. Every combination that makes no sense goes to the report.
// `first_keyed` is set to the place of the first mask that needs keys, unless it holds one already.
std::optional<privacy::MaskOptions> read_mask(const Section& section, Report& report,
                                              std::optional<Place>& first_keyed);

}  // namespace sqs2pg::config
