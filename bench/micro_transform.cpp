// Decode + map + mask + encode of a login message, as the worker does it: ns a message on one core.
#include <benchmark/benchmark.h>

#include "pipeline/map.h"

namespace {

using namespace sqs2pg;

constexpr std::string_view kKeyFile = "active: k1\nkeys:\n  k1: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n";

struct Column {
    const char* name;
    const char* from;
    pg::TypeClass type;
    std::int32_t length;
    const char* domain;
};

constexpr Column kColumns[] = {
    {"user_id", "user_id", pg::TypeClass::Varchar, 128, nullptr},
    {"device_type", "device_type", pg::TypeClass::Varchar, 32, nullptr},
    {"masked_ip", "ip", pg::TypeClass::Varchar, 256, "ip"},
    {"masked_device_id", "device_id", pg::TypeClass::Varchar, 256, "device"},
    {"locale", "locale", pg::TypeClass::Varchar, 32, nullptr},
    {"app_version", "app_version", pg::TypeClass::Int4, 0, nullptr},
    {"create_date", "$sent_at", pg::TypeClass::Date, 0, nullptr},
};

pipeline::MapStage login_stage(bool masked) {
    pipeline::PipelineOptions options;
    options.routes.emplace_back();
    pg::TableShape table;
    for (const auto& planned : kColumns) {
        pipeline::ColumnRule rule;
        rule.column = planned.name;
        rule.from = pipeline::parse_source(planned.from).value();
        if (rule.column == "app_version") rule.convert = pipeline::Convert::MajorVersion;
        if (planned.domain != nullptr && masked) {
            auto form = std::string_view(planned.domain) == "ip" ? privacy::Canonical::Ip : privacy::Canonical::Text;
            rule.mask = privacy::MaskOptions{privacy::Method::Hmac, planned.domain, form};
        }
        options.routes[0].columns.push_back(rule);
        pg::Column column;
        column.name = planned.name;
        column.type = planned.type;
        column.max_length = planned.length;
        table.columns.push_back(column);
    }
    auto keyring = privacy::Keyring::parse(kKeyFile, "keys").value();
    return pipeline::MapStage::make(options, {&table, 1}, keyring).value();
}

void transform(benchmark::State& state, bool masked) {
    auto stage = login_stage(masked);
    pipeline::Received message;
    message.body = R"({"user_id":"424cdd21-063a-43a7-b91b-7ca1a833afae","app_version":"2.3.0","device_type":"android",)"
                   R"("ip":"199.172.111.135","locale":"RU","device_id":"593-47-5928"})";
    message.sent_ms = 1'700'000'000'123;
    for (auto _ : state) {
        auto row = stage.transform(message);
        benchmark::DoNotOptimize(row);
    }
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
