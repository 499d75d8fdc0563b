// `pipelines:` to pipeline::PipelineOptions, from one file or several.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/report.h"
#include "config/yaml_reader.h"
#include "pipeline/options.h"

namespace sqs2pg::config {

class PipelineReader {
   public:
    explicit PipelineReader(Report& report) : report_(report) {}

    // Called once a file, with its `pipelines` map. A name or a queue that stands in an earlier one is a mistake.
    void read(const Node& pipelines);

    std::vector<pipeline::PipelineOptions> take() { return std::move(pipelines_); }
    const std::optional<Place>& first_keyed() const noexcept { return first_keyed_; }

   private:
    void read_pipeline(const Member& member);
    void check_queue(const Place& place, const std::string& queue);

    Report& report_;
    std::vector<pipeline::PipelineOptions> pipelines_;
    std::optional<Place> first_keyed_;
    std::map<std::string, Place> names_;
    std::map<std::string, std::string> queues_;  // and the pipeline that reads it
    std::string name_;                           // of the pipeline that is being read
};

}  // namespace sqs2pg::config
