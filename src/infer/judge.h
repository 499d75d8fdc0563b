// The sample under proposed rules: the pipeline's own code says which messages would become rows. Pure; the key that it
// masks with is a fresh one and forgotten.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "infer/proposal.h"

namespace sqs2pg::infer {

// One rule against one column.
struct Verdict {
    std::uint32_t present = 0;
    std::uint32_t nulls = 0;
    std::uint32_t absent = 0;
    std::uint32_t fits = 0;  // of those present and not null
    std::string refused;     // the most frequent reason
};
Verdict judge_rule(Sample& sample, const std::vector<std::uint32_t>& messages, const pipeline::ColumnRule& rule,
                   const pg::Column& column);

// The conversion with which most values fit into the column; None unless another one is better. `place`: where from.
pipeline::Convert best_conversion(Sample& sample, const std::vector<std::uint32_t>& messages,
                                  const pipeline::ColumnRule& rule, const pg::Column& column, const Place& place);

// Holds the whole proposal against tables and sample; adds notes, and sets `dead` of each route.
void judge_proposal(Sample& sample, const Analysis& analysis, Proposal& proposal);

}  // namespace sqs2pg::infer
