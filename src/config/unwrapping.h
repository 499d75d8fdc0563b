// `unwrap:` of a pipeline and what belongs to it: `max_unwrapped_bytes` and the section `s3`.
#pragma once

#include "config/report.h"
#include "config/section.h"
#include "config/settings.h"
#include "pipeline/options.h"

namespace sqs2pg::config {

// Every mistake goes to the report. `section` is a pipeline's.
void read_unwrapping(const Section& section, pipeline::PipelineOptions& options, S3Settings& s3, Report& report);

}  // namespace sqs2pg::config
