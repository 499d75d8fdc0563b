// The ledger's side of `check`: whether its partitions stand for every message that may come, and how fast it grows.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "cli/findings.h"
#include "pg/connection.h"

namespace sqs2pg::cli {

struct LedgerState {
    std::int64_t retention_seconds = 0;
    std::int64_t behind_seconds = 0;  // from the first partition's begin to now
    std::int64_t ahead_seconds = 0;   // from now to the last partition's end
    std::int64_t gaps = 0;
    std::int64_t bytes = 0;
    std::int64_t day_bytes = 0;  // what the last day brought, estimated from its partitions
};

// One round trip; the role may use schema sqs2pg. The connection outlives it.
awaitable<Result<LedgerState>> look_at_ledger(pg::Connection& connection);

// Pure.
void judge_ledger(const LedgerState& state, Findings& findings);

}  // namespace sqs2pg::cli
