// What a value costs on its way into a COPY row: the type's check and the escaping.
#include <benchmark/benchmark.h>

#include <string>

#include "pg/copy.h"

namespace {

using namespace sqs2pg::pg;

void append_plain(benchmark::State& state) {
    std::string text(static_cast<std::size_t>(state.range(0)), 'x');
    std::string line;
    for (auto _ : state) {
        line.clear();
        append_field(line, text);
        benchmark::DoNotOptimize(line.data());
    }
    state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(append_plain)->Arg(5)->Arg(16)->Arg(40)->Arg(300)->Arg(10000);

void append_with_escapes(benchmark::State& state) {
    std::string text;
    for (int i = 0; i < 20; ++i) text += "some text\tand\\more\n";
    std::string line;
    for (auto _ : state) {
        line.clear();
        append_field(line, text);
        benchmark::DoNotOptimize(line.data());
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(append_with_escapes);

void check_value(benchmark::State& state, TypeClass type, const char* text) {
    Column column;
    column.type = type;
    column.max_length = 128;
    std::string value(text);
    for (auto _ : state) benchmark::DoNotOptimize(check(column, value));
}
BENCHMARK_CAPTURE(check_value, integer, TypeClass::Int4, "1234567");
BENCHMARK_CAPTURE(check_value, varchar, TypeClass::Varchar, "424cdd21-063a-43a7-b91b-7ca1a833afae");
BENCHMARK_CAPTURE(check_value, uuid, TypeClass::Uuid, "424cdd21-063a-43a7-b91b-7ca1a833afae");
BENCHMARK_CAPTURE(check_value, timestamptz, TypeClass::TimestampTz, "2024-01-31T10:20:30.123Z");
BENCHMARK_CAPTURE(check_value, date, TypeClass::Date, "2024-01-31");
BENCHMARK_CAPTURE(check_value, numeric, TypeClass::Numeric, "12345.6789");
BENCHMARK_CAPTURE(check_value, float8, TypeClass::Float8, "12345.6789");
BENCHMARK_CAPTURE(check_value, jsonb, TypeClass::Jsonb, R"({"a": [1, 2.5, "text \u00e9"], "b": {"c": null}})");
BENCHMARK_CAPTURE(check_value, inet, TypeClass::Inet, "192.168.10.20");

}  // namespace
