// The queue part of `bench`: how long a call takes, and, on a queue made for it, how many messages a second are
// received and deleted. The pipeline's own queue is only asked for an attribute: nothing is received, sent or changed.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/bench_figures.h"
#include "cli/bench_interrupt.h"
#include "config/settings.h"

namespace sqs2pg::cli {

struct QueueBench {
    const config::PipelineSettings& pipeline;
    std::string scratch;           // the name of the queue to make; empty: none
    std::size_t body_bytes = 200;  // of the messages sent to it, which hold nothing of the user's
    int receives = 64;             // at a time
    double seconds = 20;           // of the whole run: about a quarter is this part's
    std::function<void(std::string_view)> step;
};

// "sqs2pg-bench-" and 16 random hexadecimal digits.
std::string scratch_queue_name();

// `bench`, `interrupt` and `figures` outlive the call. The figures hold what was measured, whatever comes back. The
// scratch queue is deleted in every case in which SQS can be reached; else the error names it.
awaitable<Status> bench_queue(const QueueBench& bench, Interrupt& interrupt, QueueFigures& figures);

}  // namespace sqs2pg::cli
