// What the benchmarks share: made-up logins, the rows of `user_logins` that the product makes of them, and the keys of
// the ledger that go with them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/map.h"

namespace sqs2pg::bench {

// The stage that `run` makes of the columns of examples/logins.yaml, with a fixed key; `masked`: with its two HMACs.
pipeline::MapStage login_stage(bool masked = true);

// The same at every call.
std::vector<std::string> login_bodies(std::size_t count);

// Transformed. Throws std::runtime_error when one cannot be: a bug.
std::vector<pipeline::MaskedRow> login_rows(std::size_t count);

// `count` keys of one queue, in their order, sent at 100 a millisecond until now.
std::vector<pipeline::LedgerKey> ledger_keys(std::size_t count, std::int64_t now_ms);

// User and system time of this process so far.
double cpu_seconds();

}  // namespace sqs2pg::bench
