// What `bench` says: text and JSON from the figures, as far as they go. No value of a message. Pure.
#pragma once

#include <optional>
#include <string>

#include "cli/bench_figures.h"
#include "cli/bench_verdict.h"

namespace sqs2pg::cli {

struct BenchView {
    std::string pipeline;
    const BenchFigures& figures;
    const BenchSetup& setup;
    const std::optional<Verdict>& verdict;  // nullopt: the run did not come that far
    std::size_t batch = 1000;               // messages a transaction, at most
    double seconds = 0;                     // that the run took
    bool queue = true;                      // its part was wanted
    bool stopped = false;                   // by a signal
    std::string error{};                    // why the run ended early; empty: it did not
    std::size_t width = 0;                  // of the terminal; 0: of none
};

std::string bench_text(const BenchView& view);
std::string bench_json(const BenchView& view);

}  // namespace sqs2pg::cli
