// The database part of `bench`: the product's own sink on scratch copies of the targets and a scratch ledger, in a
// schema made for one run and dropped at its end. Nothing of the user's is written.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "pg/connection.h"
#include "pipeline/message.h"
#include "pipeline/ports.h"

namespace sqs2pg::cli {

struct Spread {
    double p50_ms = 0;
    double p99_ms = 0;
};

Spread spread_of(std::vector<double> milliseconds);

struct DatabaseBench {
    pg::ConnectOptions connect;
    std::vector<pipeline::Target> targets;  // the user's; only their shape is read
    const std::vector<pipeline::MaskedRow>& rows;
    double seconds = 5;
    std::size_t batch = 1000;
    const std::atomic<bool>& stop;  // set by a signal
};

struct DatabaseFigures {
    Spread round_trip;
    Spread commit;  // of one tiny row, the round trip in it
    std::uint64_t messages = 0;
    std::uint64_t transactions = 0;
    double seconds = 0;
    std::uint64_t triggers = 0;  // of the targets: not copied

    double messages_per_second() const { return seconds > 0 ? static_cast<double>(messages) / seconds : 0; }
    double transaction_ms() const { return transactions > 0 ? seconds * 1000 / static_cast<double>(transactions) : 0; }
};

// `bench` outlives the call. Code "stopped": a signal came. The schema is dropped in every case in which the server
// can still be reached; else the error names it.
awaitable<Result<DatabaseFigures>> bench_database(const DatabaseBench& bench);

}  // namespace sqs2pg::cli
