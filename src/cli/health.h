// One question to the ops port of a running process: what `sqs2pg health` tells the container engine.
#pragma once

#include <chrono>
#include <string>

#include "ops/server.h"

namespace sqs2pg::cli {

struct Health {
    bool good = false;
    std::string sentence;  // one line: what the process answered, or why there is no answer and what to look at
};

// Asks `path` (/healthz or /readyz) at `address`, never through a proxy. A process that listens on every address is
// asked over loopback. `deadline` bounds the whole call. Blocks.
Health ask_health(const ops::ListenAddress& address, const std::string& path, std::chrono::milliseconds deadline);

}  // namespace sqs2pg::cli
