// What unwrapping costs beside the mapping of a login message: ns a message on one core.
#include <benchmark/benchmark.h>
#include <openssl/evp.h>
#include <zlib.h>

#include "pipeline/map.h"

namespace {

using namespace sqs2pg;
using pipeline::Unwrap;

constexpr std::string_view kKeyFile = "active: k1\nkeys:\n  k1: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n";
const std::string kLogin =
    R"({"user_id":"424cdd21-063a-43a7-b91b-7ca1a833afae","app_version":"2.3.0","device_type":"android",)"
    R"("ip":"199.172.111.135","locale":"RU","device_id":"593-47-5928"})";

pipeline::MapStage stage_of(std::vector<Unwrap> steps, std::initializer_list<const char*> more) {
    pipeline::PipelineOptions options;
    options.unwrap = std::move(steps);
    options.routes.emplace_back();
    pg::TableShape table;
    std::vector<const char*> sources{"user_id", "device_type", "ip", "device_id", "locale", "app_version"};
    sources.insert(sources.end(), more);
    for (const auto* source : sources) {
        pipeline::ColumnRule rule;
        rule.column = "c" + std::to_string(table.columns.size());
        rule.from = pipeline::parse_source(source, options.unwrap).value();
        pg::Column column;
        column.name = rule.column;
        column.type = pg::TypeClass::Text;
        options.routes[0].columns.push_back(rule);
        table.columns.push_back(column);
    }
    auto keyring = privacy::Keyring::parse(kKeyFile, "keys").value();
    return pipeline::MapStage::make(options, {&table, 1}, keyring).value();
}

std::string notification() {
    std::string escaped;
    for (char c : kLogin) {
        if (c == '"') escaped += '\\';
        escaped += c;
    }
    return R"({"Type":"Notification","MessageId":"22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324","TopicArn":"arn:aws:sns:)"
           R"(eu-central-1:123456789012:logins","Message":")" +
           escaped + R"(","Timestamp":"2026-11-25T08:30:00.125Z","SignatureVersion":"1","Signature":")" +
           std::string(344, 'A') +
           R"(","SigningCertURL":"https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-01d088a6f77103d0fe3)"
           R"(07c0069e40ed6.pem","UnsubscribeURL":"https://sns.eu-central-1.amazonaws.com/?Action=Unsubscribe&Subscri)"
           R"(ptionArn=arn:aws:sns:eu-central-1:123456789012:logins:1","MessageAttributes":{"kind":{"Type":"String",)"
           R"("Value":"login"}}})";
}

std::string event() {
    return R"({"version":"0","id":"e","detail-type":"login","source":"app","account":"123456789012",)"
           R"("time":"2026-11-25T08:30:00Z","region":"eu-central-1","resources":[],"detail":)" +
           kLogin + "}";
}

std::string packed() {
    z_stream stream{};
    deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    std::string zipped(1024, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(kLogin.data()));
    stream.avail_in = static_cast<uInt>(kLogin.size());
    stream.next_out = reinterpret_cast<Bytef*>(zipped.data());
    stream.avail_out = static_cast<uInt>(zipped.size());
    deflate(&stream, Z_FINISH);
    const auto bytes = static_cast<int>(stream.total_out);
    deflateEnd(&stream);
    std::string text(1024, '\0');
    const auto length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                        reinterpret_cast<const unsigned char*>(zipped.data()), bytes);
    text.resize(static_cast<std::size_t>(length));
    return text;
}

void run(benchmark::State& state, pipeline::MapStage stage, std::string body) {
    pipeline::Received message;
    message.body = std::move(body);
    message.sent_ms = 1'700'000'000'123;
    for (auto _ : state) {
        auto row = stage.transform(message);
        if (!row) state.SkipWithError("a bad message");
        benchmark::DoNotOptimize(row);
    }
    state.SetItemsProcessed(state.iterations());
}

void not_wrapped(benchmark::State& state) { run(state, stage_of({}, {}), kLogin); }
void sns(benchmark::State& state) { run(state, stage_of({Unwrap::Sns}, {}), notification()); }
void sns_and_three_fields(benchmark::State& state) {
    run(state, stage_of({Unwrap::Sns}, {"$envelope.TopicArn", "$envelope.Timestamp", "$attributes.kind"}),
        notification());
}
void eventbridge(benchmark::State& state) { run(state, stage_of({Unwrap::EventBridge}, {}), event()); }
void gzip_in_base64(benchmark::State& state) { run(state, stage_of({Unwrap::Gzip}, {}), packed()); }
void encoding_without_the_attribute(benchmark::State& state) { run(state, stage_of({Unwrap::Encoding}, {}), kLogin); }
void s3_pointer_on_a_small_message(benchmark::State& state) { run(state, stage_of({Unwrap::S3Pointer}, {}), kLogin); }

BENCHMARK(not_wrapped);
BENCHMARK(sns);
BENCHMARK(sns_and_three_fields);
BENCHMARK(eventbridge);
BENCHMARK(gzip_in_base64);
BENCHMARK(encoding_without_the_attribute);
BENCHMARK(s3_pointer_on_a_small_message);

}  // namespace
