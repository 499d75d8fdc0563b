// From a configuration to running workers: what `run` and `demo` share. It opens the keys, starts telemetry and the ops
// port, brings every pipeline up (startup.h), gives each its worker threads (worker_thread.h), shows progress and ends
// in order on SIGTERM, Ctrl-C or an empty queue.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "config/load.h"
#include "config/settings.h"
#include "telemetry/events.h"

namespace sqs2pg::cli {

struct RunOptions {
    bool drain = false;      // end when the queues are empty
    bool migrate = false;    // make or upgrade schema sqs2pg first
    bool fail_fast = false;  // an absent queue or database, and a pause, end the run instead of being waited for
    int workers = 0;         // threads a pipeline; 0: as many as the machine's cores allow, at most 4
    std::optional<std::string> ops;  // "HOST:PORT" or "off"; absent: the configuration's
    telemetry::LogOptions log;
    std::string version;        // "0.1.0": for the log and /status
    std::string configuration;  // the path that -c named: for the log and the commands that messages suggest

    // Drawn on stderr: a bar when stderr is a terminal and drain is set, else a log line every few seconds.
    bool progress = true;
    // The block of figures at the end, on stderr. The demo prints its own.
    bool summary = true;

    // What SIGHUP, and a write that finds the table altered, read again. Empty: the configuration stays as it is.
    std::function<config::Loaded()> reload;

    bool handle_signals = true;  // SIGTERM and SIGINT: the first begins the orderly end, a second one ends at once
    std::chrono::milliseconds grace{25000};
    // Called from the thread of run_pipelines right before a second signal, or a grace that nobody met, ends the
    // process with exit code 1: the last chance to remove what was started outside. May be empty.
    std::function<void()> before_abrupt_end;
};

struct PipelineOutcome {
    std::string name;
    telemetry::PipelineFigures figures;
    std::map<std::string, std::uint64_t> dead_letters;  // by reason
    std::optional<Error> error;                         // what ended it, unless it was drained or stopped
};

struct RunOutcome {
    int exit_code = 0;   // 0 done, 1 failed while running, 2 configuration
    int signal = 0;      // the signal that ended the run, or 0
    double seconds = 0;  // from the first worker's start to the last one's end
    std::vector<PipelineOutcome> pipelines;
};

// Threads a pipeline: `asked`, or, when that is 0, what the machine's cores allow.
int workers_of(int asked, std::size_t pipelines);

// Runs until every pipeline has ended. Blocks; threads, sockets and signal handlers are gone when it returns. Says
// every failure on stderr as one sentence (as a log line while the log is on). Never throws. `settings` is borrowed.
RunOutcome run_pipelines(const config::Settings& settings, const RunOptions& options);

}  // namespace sqs2pg::cli
