// A masked row of columns that need no mask, for tests of what comes after the mask.
#pragma once

#include <cstdlib>
#include <string_view>
#include <vector>

#include "pipeline/mask.h"

namespace sqs2pg::adapters {

inline pipeline::MaskedRow plain_row(std::vector<std::string_view> values) {
    std::vector<pipeline::MaskColumn> columns(values.size());
    pipeline::MappedRow mapped;
    for (auto value : values) mapped.fields.push_back({false, value});
    pipeline::MaskStage stage(std::move(columns), 0);
    stage.begin();
    if (stage.add(mapped)) std::abort();
    return stage.take();
}

}  // namespace sqs2pg::adapters
