// The exposition: the contract's metrics, built from consistent copies of the pipelines' figures. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "telemetry/pipeline_figures.h"

namespace sqs2pg::telemetry {

struct NamedSnapshot {
    std::string pipeline;
    FigureSnapshot snapshot;
};

// Prometheus text format 0.0.4. `credentials_expiry_seconds`: from now; absent: static keys.
std::string exposition(const std::vector<NamedSnapshot>& pipelines, std::optional<double> credentials_expiry_seconds);

}  // namespace sqs2pg::telemetry
