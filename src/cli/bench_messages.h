// The messages of a `bench`: of a file, looked at in the queue, or invented; and how fast a worker makes rows of them.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cli/bench_figures.h"
#include "config/settings.h"
#include "pg/table_shape.h"
#include "pipeline/map.h"
#include "pipeline/message.h"

namespace sqs2pg::cli {

struct BenchMessages {
    std::string file;      // JSON lines; "-": standard input; empty: no file
    std::size_t peek = 0;  // messages of the queue to look at; 0: none
    bool yes = false;      // look even where the redrive policy is near
    double seconds = 20;   // of the whole run
};

// Rows of the messages, each transformed once and timed. At most 100,000 messages and 64 MiB. Error: no message became
// a row; its detail has the reason and the place of the first that did not.
Result<std::vector<pipeline::MaskedRow>> bench_rows(const BenchMessages& from, const config::PipelineSettings& pipeline,
                                                    const std::vector<pg::TableShape>& tables, pipeline::MapStage& map,
                                                    TransformFigures& figures);

}  // namespace sqs2pg::cli
