// The schema that `bench` writes into: a ledger and copies of the targets, made for one run and dropped at its end.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "base/result.h"
#include "cli/bench_figures.h"
#include "pg/connection.h"
#include "pg/table_shape.h"
#include "pipeline/ports.h"

namespace sqs2pg::cli {

inline constexpr std::string_view kScratchPrefix = "sqs2pg_bench_";

// "sqs2pg_bench_" and 16 random hexadecimal digits: needs no quotes.
std::string scratch_name();

// The targets, as they are called in the schema: "t0", "t1" …, one a table of the user's, in their order.
std::vector<pipeline::Target> scratch_targets(std::vector<pipeline::Target> targets, const std::string& schema);

// The statements that make the schema. Nothing of the user's is altered by it, nor by writing into the copies.
std::string scratch_sql(const std::string& schema, std::span<const pg::TableShape> tables);

// Empties ledger and copies.
std::string scratch_truncate(const std::string& schema, std::size_t tables);

// What a copy does not have, or has more cheaply, and how many indexes the targets have; into `figures`.
// `connection` and `figures` outlive the call.
awaitable<Status> look_at_targets(pg::Connection& connection, std::span<const pg::TableShape> tables,
                                  DatabaseFigures& figures, bool& unique);

// Ends what still runs under the schema's name and drops it, on a connection of its own. The error names the statement
// that is left to somebody.
awaitable<Status> drop_scratch(pg::ConnectOptions options, std::string schema);

}  // namespace sqs2pg::cli
