// Decode + map + mask + encode of a login message, as the worker does it: ns and allocations a message on one core.
// bench/prototype is what it is held against.
#include <benchmark/benchmark.h>

#include "count_allocations.h"
#include "login_rows.h"

namespace {

using namespace sqs2pg;

constexpr std::size_t kDistinct = 1000;

void transform(benchmark::State& state, bool masked) {
    auto stage = bench::login_stage(masked);
    std::vector<pipeline::Received> messages(kDistinct);
    auto bodies = bench::login_bodies(kDistinct);
    for (std::size_t i = 0; i < kDistinct; ++i) {
        messages[i].body = std::move(bodies[i]);
        messages[i].sent_ms = 1'700'000'000'123;
    }
    std::size_t i = 0;
    const auto before = bench::allocations();
    for (auto _ : state) {
        auto row = stage.transform(messages[i++ % kDistinct]);
        benchmark::DoNotOptimize(row);
    }
    const auto allocated = static_cast<double>(bench::allocations() - before);
    state.counters["allocations"] = allocated / static_cast<double>(state.iterations());
    state.SetItemsProcessed(state.iterations());
}

void transform_with_two_hmacs(benchmark::State& state) { transform(state, true); }
void transform_without_masks(benchmark::State& state) { transform(state, false); }

void ledger_key(benchmark::State& state) {
    for (auto _ : state) {
        auto key =
            pipeline::ledger_key("000000000000/login-queue", "5fea7756-0ea4-451a-a703-a558b933e274", 1'700'000'000'123);
        benchmark::DoNotOptimize(key);
    }
}

BENCHMARK(transform_with_two_hmacs);
BENCHMARK(transform_without_masks);
BENCHMARK(ledger_key);

}  // namespace

BENCHMARK_MAIN();
