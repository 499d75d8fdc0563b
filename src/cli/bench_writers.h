// The product's writer on several connections, each on a thread of its own as workers are, writing the same entries
// over and over; and where their backends are meanwhile.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "adapters/write_statements.h"
#include "base/result.h"
#include "cli/bench_figures.h"
#include "pg/connection.h"
#include "pipeline/ports.h"

namespace sqs2pg::cli {

// Entries that the writers share out among each other, a transaction at a time. Borrowed; outlives every writer.
struct WritePass {
    std::span<const pipeline::WriteEntry> entries;
    std::size_t batch = 1000;
    std::chrono::steady_clock::time_point until;
    std::atomic<std::size_t> next = 0;
};

// What one writer did in a pass.
struct WriteTally {
    std::uint64_t messages = 0;
    std::uint64_t transactions = 0;
    double transaction_seconds = 0;
    double worker_seconds = 0;
    std::optional<pipeline::WriteFailure> failure;
};

struct WriterOptions {
    std::function<pg::ConnectOptions()> connect;  // anew for each: a source of passwords is of one thread
    std::vector<pipeline::Target> targets;
    adapters::WriteLimits limits;
};

class Writers {
   public:
    explicit Writers(WriterOptions options);
    // Ends what runs, and waits for it: moments.
    ~Writers();

    // Connects up to `count` writers. Error: not even one. The server may have room for fewer: see size().
    awaitable<Status> connect(int count);
    int size() const noexcept;

    // One pass over the entries with the first `count` writers; `meanwhile` runs on the caller's executor while they
    // work, again and again. Returns when all are done, one tally a writer.
    awaitable<std::vector<WriteTally>> run(std::shared_ptr<WritePass> pass, int count,
                                           std::function<awaitable<void>()> meanwhile);

   private:
    class Thread;

    WriterOptions options_;
    std::vector<std::unique_ptr<Thread>> threads_;
};

}  // namespace sqs2pg::cli
