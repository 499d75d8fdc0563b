// What to change where a part binds: settings, instances, regions. Pure.
#pragma once

#include <string>
#include <vector>

#include "cli/bench_verdict.h"

namespace sqs2pg::cli {

// Borrowed for the call. At least one writer was measured.
struct AdviceInput {
    Part binds;
    const BenchFigures& figures;
    const BenchSetup& setup;
    const TimeShares& shares;  // of the last writer
};

std::vector<std::string> advice_for(const AdviceInput& input);

}  // namespace sqs2pg::cli
