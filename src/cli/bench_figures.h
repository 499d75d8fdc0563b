// What `bench` measures, as plain values: filled part by part, so that a run that is interrupted tells what it has.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sqs2pg::cli {

// Of the calls of one kind, one after the other.
struct Spread {
    double p50_ms = 0;
    double p99_ms = 0;
    std::size_t calls = 0;
};

Spread spread_of(std::vector<double> milliseconds);

// Why messages became no row: a dead letter's reason and place, never a value.
struct RefusedMessages {
    std::string reason;
    std::string place;
    std::size_t messages = 0;
};

struct TransformFigures {
    std::string source;  // "invented", "file" or "queue"
    std::size_t messages = 0;
    std::size_t bytes = 0;
    std::size_t rows = 0;
    std::vector<RefusedMessages> refused;
    double cpu_seconds = 0;

    std::size_t refused_messages() const;
    double per_second() const { return cpu_seconds > 0 ? static_cast<double>(messages) / cpu_seconds : 0; }
};

// Where a writing backend is while its transaction runs, as pg_stat_activity tells: on a core (or waiting for one), at
// the disk, held up by another backend, or waiting for a standby. What is left of a transaction's time is the way to
// the worker and back, and the worker's own.
enum class Whereabouts : std::uint8_t { Server, Disk, Locks, Standby, Away };
inline constexpr std::size_t kWhereabouts = 5;

// `state`, `type` and `event`: the columns state, wait_event_type and wait_event; empty for NULL.
Whereabouts whereabouts_of(std::string_view state, std::string_view type, std::string_view event) noexcept;

// One look at all connections of the writer, several times.
struct Sampled {
    std::uint64_t looks = 0;
    std::array<std::uint64_t, kWhereabouts> backends{};
};

// The product's writer on so many connections.
struct SinkFigures {
    int connections = 0;
    double seconds = 0;
    std::uint64_t messages = 0;
    std::uint64_t transactions = 0;
    double transaction_seconds = 0;  // of all of them, begun to answered
    double worker_seconds = 0;       // CPU of this process in them
    Sampled sampled;
    std::optional<double> machine_busy;  // of this machine's cores, 0 to 1, whoever used them

    double per_second() const { return seconds > 0 ? static_cast<double>(messages) / seconds : 0; }
    double per_transaction(double total) const {
        return transactions > 0 ? total * 1000 / static_cast<double>(transactions) : 0;
    }
    double transaction_ms() const { return per_transaction(transaction_seconds); }
    double worker_ms() const { return per_transaction(worker_seconds); }
};

struct DatabaseFigures {
    int wanted_connections = 0;
    std::optional<Spread> round_trip;
    // A transaction of one tiny row in one round trip: without a flush, with this server's, with its standbys' too.
    std::optional<Spread> commit_unflushed, commit_local, commit;
    std::vector<SinkFigures> sinks;  // one connection, then as many as the pipeline has
    std::uint64_t indexes = 0;       // of the targets
    std::vector<std::string> not_measured;
};

struct QueueFigures {
    std::optional<Spread> call;  // GetQueueAttributes
    // With a scratch queue.
    std::optional<Spread> receive, remove;
    std::uint64_t messages = 0;  // received and deleted…
    double seconds = 0;          // …in this time
    double worker_seconds = 0;   // CPU of this process in it
    std::uint64_t requests = 0;

    double per_second() const { return seconds > 0 ? static_cast<double>(messages) / seconds : 0; }
};

struct BenchFigures {
    TransformFigures transform;
    DatabaseFigures database;
    QueueFigures queue;
};

}  // namespace sqs2pg::cli
