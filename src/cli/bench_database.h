// The database part of `bench`: round trip, commit and the product's own writer on scratch copies of the targets
// (bench_scratch.h), and where its time goes. Nothing of the user's is written.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/bench_figures.h"
#include "cli/bench_interrupt.h"
#include "pg/connection.h"
#include "pg/table_shape.h"
#include "pipeline/message.h"
#include "pipeline/ports.h"

namespace sqs2pg::cli {

struct DatabaseBench {
    std::function<pg::ConnectOptions()> connect;  // anew for each: a source of passwords is of one thread
    std::string schema;                           // scratch_name()
    std::vector<pipeline::Target> targets;        // the user's; only their shape is read
    std::vector<pg::TableShape> tables;           // one a target
    const std::vector<pipeline::MaskedRow>& rows;
    bool invented = false;  // the rows are: constraints that they cannot know are taken off the copies
    int connections = 1;
    std::size_t batch = 1000;  // messages a transaction
    double seconds = 20;       // of the whole run: about two thirds are this part's
    std::function<void(std::string_view)> step;
};

// `bench`, `interrupt` and `figures` outlive the call. The figures hold what was measured, whatever comes back. The
// schema is dropped in every case in which the server can be reached; else the error names it.
awaitable<Status> bench_database(const DatabaseBench& bench, Interrupt& interrupt, DatabaseFigures& figures);

}  // namespace sqs2pg::cli
