// `pipelines:` to PipelineSettings, from one file or several.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/defaults.h"
#include "config/report.h"
#include "config/section.h"
#include "config/yaml_reader.h"
#include "pipeline/options.h"

namespace sqs2pg::config {

class PipelineReader {
   public:
    explicit PipelineReader(Report& report) : report_(report) {}

    // Called once a file, with its `pipelines` map. A name or a queue that stands in an earlier one is a mistake.
    void read(const Node& pipelines, const Scope& scope, const ReadingFrom& from);

    std::vector<PipelineSettings> take() { return std::move(pipelines_); }
    // Those for which neither they nor their defaults name keys.
    const std::vector<std::pair<std::string, Place>>& without_keys() const noexcept { return without_keys_; }
    bool any_keys() const noexcept { return any_keys_; }  // some pipeline has keys
    const std::optional<Place>& first_keyed() const noexcept { return first_keyed_; }

   private:
    void read_pipeline(const Member& member, const Scope& scope, const ReadingFrom& from);
    void read_options(const Section& section, PipelineSettings& settings);
    void read_connections(const Section& section, const Scope& scope, const ReadingFrom& from,
                          PipelineSettings& settings);
    void read_kinds(const Section& section, pipeline::PipelineOptions& options);
    bool check_queue(const Place& place, const std::string& queue);
    void check_twice(const Place& place, const PipelineSettings& settings);

    Report& report_;
    std::vector<PipelineSettings> pipelines_;
    std::vector<std::pair<std::string, Place>> without_keys_;
    bool any_keys_ = false;
    std::optional<Place> first_keyed_;
    std::map<std::string, Place> names_;
    std::map<std::vector<std::string>, std::string> queues_;  // with its whereabouts, and the pipeline that reads it
    std::string name_;                                        // of the pipeline that is being read
};

}  // namespace sqs2pg::config
