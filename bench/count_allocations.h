// How often the program has asked operator new for memory: what the micro-benchmarks of the hot path tell a message,
// beside its nanoseconds. A program that calls it gets the counting operators.
#pragma once

#include <cstdint>

namespace sqs2pg::bench {

std::uint64_t allocations() noexcept;

}  // namespace sqs2pg::bench
