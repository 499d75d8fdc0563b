// What stands behind Telemetry: the logger and the pipelines' records. Inside the module only.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "telemetry/events.h"
#include "telemetry/logger.h"
#include "telemetry/metrics.h"
#include "telemetry/pipeline_figures.h"

namespace sqs2pg::telemetry {

struct Telemetry::Impl {
    explicit Impl(LogOptions options) : logger(options) {}

    // The record of that name, made if it is new: it outlives the PipelineEvents, so that the last figures are scraped.
    std::shared_ptr<PipelineRecord> record(const std::string& name);

    Logger logger;
    std::mutex mutex;
    std::vector<std::shared_ptr<PipelineRecord>> records;                                // under mutex
    std::map<std::string, std::chrono::steady_clock::time_point> credentials_expire_at;  // by identity; under mutex
};

}  // namespace sqs2pg::telemetry
