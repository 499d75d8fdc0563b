// What columns, routes and elements cost: items are columns, so "ns an item" is ns a column; bytes are those of the
// messages. Routes and optional columns are to cost what their bytes cost, and no more.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "pipeline/map.h"

namespace {

using namespace sqs2pg;

constexpr std::string_view kKeyFile = "active: k1\nkeys:\n  k1: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n";

struct Shape {
    int columns = 7;
    int routes = 1;
    bool shuffled = false;  // the message's keys in another order than the columns
    int every = 1;          // one of so many columns stands in the message; the others are optional
    int elements = 0;       // `each`
};

std::string name_of(int column) { return fmt::format("column_{:02}", column); }

pipeline::MapStage stage_of(const Shape& shape) {
    pipeline::PipelineOptions options;
    std::vector<pg::TableShape> tables;
    for (int number = 0; number < shape.routes; ++number) {
        auto& route = options.routes.emplace_back();
        auto& table = tables.emplace_back();
        if (shape.routes > 1) {
            route.when.push_back({pipeline::parse_source("type").value(), {fmt::format("kind_{}", number)}, false});
        }
        if (shape.elements > 0) route.each = pipeline::parse_source("items").value();
        for (int i = 0; i < shape.columns; ++i) {
            pipeline::ColumnRule rule;
            rule.column = name_of(i);
            rule.from = pipeline::parse_source((shape.elements > 0 ? "$item." : "") + rule.column).value();
            rule.optional = true;
            route.columns.push_back(rule);
            pg::Column column;
            column.name = rule.column;
            column.type = pg::TypeClass::Text;
            table.columns.push_back(column);
        }
    }
    auto keyring = privacy::Keyring::parse(kKeyFile, "keys").value();
    return pipeline::MapStage::make(options, tables, keyring).value();
}

std::string object_of(const Shape& shape) {
    std::vector<int> columns;
    for (int i = 0; i < shape.columns; i += shape.every) columns.push_back(i);
    std::minstd_rand random(7);
    if (shape.shuffled) std::ranges::shuffle(columns, random);
    std::string text;
    for (int i : columns) text += fmt::format(R"({}"{}":"value number {}")", text.empty() ? "" : ",", name_of(i), i);
    return text;
}

void run(benchmark::State& state, const Shape& shape) {
    auto stage = stage_of(shape);
    pipeline::Received message;
    auto type = fmt::format(R"("type":"kind_{}",)", shape.routes - 1);  // the last route: every condition is looked at
    if (shape.elements > 0) {
        std::string items;
        for (int i = 0; i < shape.elements; ++i) items += (i > 0 ? ",{" : "{") + object_of(shape) + "}";
        message.body = "{" + type + "\"items\":[" + items + "]}";
    } else {
        message.body = "{" + type + object_of(shape) + "}";
    }
    message.sent_ms = 1'700'000'000'123;
    for (auto _ : state) {
        auto row = stage.transform(message);
        if (!row || !*row) state.SkipWithError("the message did not become a row");
        benchmark::DoNotOptimize(row);
    }
    auto columns = static_cast<std::int64_t>(shape.columns) * std::max(1, shape.elements);
    state.SetItemsProcessed(state.iterations() * columns);
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(message.body.size()));
    state.counters["ns_a_column"] = benchmark::Counter(static_cast<double>(state.iterations() * columns) / 1e9,
                                                       benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

BENCHMARK_CAPTURE(run, seven_columns, Shape{});
BENCHMARK_CAPTURE(run, forty_columns, Shape{.columns = 40});
BENCHMARK_CAPTURE(run, forty_columns_in_another_order, Shape{.columns = 40, .shuffled = true});
BENCHMARK_CAPTURE(run, forty_optional_columns_one_in_four_there, Shape{.columns = 40, .every = 4});
BENCHMARK_CAPTURE(run, seven_columns_the_last_of_8_routes, Shape{.routes = 8});
BENCHMARK_CAPTURE(run, seven_columns_the_last_of_40_routes, Shape{.routes = 40});
BENCHMARK_CAPTURE(run, forty_columns_the_last_of_8_routes, Shape{.columns = 40, .routes = 8});
BENCHMARK_CAPTURE(run, seven_columns_of_ten_elements, Shape{.elements = 10});

}  // namespace

BENCHMARK_MAIN();
