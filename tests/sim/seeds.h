// Seeds, the oracle's verdict and bad days for the tests of the simulation. SQS2PG_SIM_SEEDS=N runs N seeds of each
// test; SQS2PG_SIM_SEED=S one seed alone, as a failure prints it.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <numeric>
#include <string>
#include <vector>

#include "sim/sim_world.h"

namespace sqs2pg::sim {

inline std::vector<std::uint64_t> seeds(std::uint64_t usual) {
    if (const char* one = std::getenv("SQS2PG_SIM_SEED")) return {std::strtoull(one, nullptr, 10)};
    const char* many = std::getenv("SQS2PG_SIM_SEEDS");
    std::vector<std::uint64_t> all(many != nullptr ? std::strtoull(many, nullptr, 10) : usual);
    std::iota(all.begin(), all.end(), 1);
    return all;
}

inline std::string again(const World& world) { return "SQS2PG_SIM_SEED=" + std::to_string(world.seed); }

inline void expect_sound(const World& world) {
    auto found = world.faults_found();
    EXPECT_TRUE(found.empty()) << again(world) << ": " << found.size() << " faults, the first: " << found.front();
    EXPECT_EQ(world.queue.left(), 0u) << again(world);
}

inline void bad_days(World& world) {
    auto p = [&world](double most) {
        return world.random() % 2 == 0 ? 0 : most * static_cast<double>(world.random() % 100) / 100.0;
    };
    auto& queue = world.queue.faults;
    queue = {.receive_error = p(0.2),
             .reply_lost = p(0.1),
             .throttled = p(0.2),
             .damaged = p(0.05),
             .delivered_twice = p(0.1),
             .delete_call_error = p(0.2),
             .delete_entry_error = p(0.1),
             .back_after_delete = p(0.2),
             .extension_error = p(0.3),
             .deny_deletes = false};
    auto& database = world.database.faults;
    database.retry = p(0.2);
    database.in_doubt_committed = p(0.2);
    database.in_doubt_lost = p(0.2);
    database.halve = p(0.1);
    database.locked = p(0.05);
    database.no_suspect = p(1);
}

}  // namespace sqs2pg::sim
