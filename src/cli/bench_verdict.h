// Which part of a pipeline binds, and what to change, from what was measured. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/bench_figures.h"

namespace sqs2pg::cli {

enum class Part : std::uint8_t { Worker, Queue, Network, Disk, Standby, Locks, Postgresql, Setting };

std::string_view name_of(Part part) noexcept;  // "worker", … as in the JSON

// The pipeline and the machine that were measured.
struct BenchSetup {
    int workers = 1;
    int cores = 1;
    int max_polls = 64;
    int max_rows_per_second = 0;  // 0: not bounded
};

// Of one transaction, in milliseconds; together its time.
struct TimeShares {
    double server = 0;   // on a core of the server, or waiting for one
    double disk = 0;     // WAL and tables
    double locks = 0;    // held up by other backends
    double standby = 0;  // a synchronous one's answer
    double network = 0;
    double worker = 0;                  // this process
    bool sampled = false;               // false: told from round trip and commit alone, the server being the rest
    std::optional<double> round_trips;  // that the network's time makes; nullopt: it is too little to tell

    double sum() const { return server + disk + locks + standby + network + worker; }
};

TimeShares shares_of(const DatabaseFigures& database, const SinkFigures& sink);

// Messages a second that a part could do by itself.
struct Capacity {
    std::string part;  // "worker", "database", "queue", "setting"
    double per_second = 0;
    bool estimated = false;
};

struct Verdict {
    Part binds = Part::Postgresql;
    double per_second = 0;  // of the part that binds: what the pipeline can reach at best
    std::string sentence;
    std::vector<std::string> changes;  // what helps most first
    std::vector<Capacity> parts;
};

// nullopt: the writer was not measured.
std::optional<Verdict> verdict_of(const BenchFigures& figures, const BenchSetup& setup);

}  // namespace sqs2pg::cli
