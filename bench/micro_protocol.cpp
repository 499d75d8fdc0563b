// What SQS's JSON costs a message: decoding a reply of ten logins (MD5 checked; ns a reply, and allocations a message),
// and encoding their delete.
#include <benchmark/benchmark.h>

#include "count_allocations.h"
#include "sqs/protocol.h"

namespace {

using namespace sqs2pg::sqs;

std::string login(int i) {
    return R"({"user_id":"424cdd21-063a-43a7-b91b-7ca1a833afae","app_version":"2.3.0","device_type":"android",)"
           R"("ip":"199.172.111.135","locale":"RU","device_id":"593-47-)" +
           std::to_string(1000 + i) + "\"}";
}

std::string reply_of_ten() {
    std::string reply = R"({"Messages":[)";
    for (int i = 0; i < 10; ++i) {
        if (i > 0) reply += ',';
        reply += R"({"MessageId":"219f8380-5770-4cc2-8c3e-5c715e145f5e","ReceiptHandle":")" + std::string(350, 'A') +
                 R"(","MD5OfBody":")" + md5_hex(login(i)) + R"(","Body":)";
        append_json_string(reply, login(i));
        reply +=
            R"(,"Attributes":{"SenderId":"AIDASSYFHUBOBT7F4XT75","ApproximateFirstReceiveTimestamp":"1677112433437",)"
            R"("ApproximateReceiveCount":"1","SentTimestamp":"1677112427387"}})";
    }
    return reply + "]}";
}

void decode_receive_of_ten(benchmark::State& state) {
    const auto reply = reply_of_ten();
    std::string body;
    body.reserve(reply.size() + 64);
    const auto before = sqs2pg::bench::allocations();
    for (auto _ : state) {
        body = reply;
        auto decoded = decode_receive(body);
        benchmark::DoNotOptimize(decoded);
    }
    const auto allocated = static_cast<double>(sqs2pg::bench::allocations() - before);
    state.counters["allocations"] = allocated / 10 / static_cast<double>(state.iterations());
    state.SetItemsProcessed(state.iterations() * 10);
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(reply.size()));
}

void encode_delete_of_ten(benchmark::State& state) {
    std::vector<DeleteEntry> entries;
    const std::string handle(350, 'A');
    for (int i = 0; i < 10; ++i) entries.push_back({std::to_string(i), handle});
    for (auto _ : state) {
        auto body = encode_delete_batch("https://sqs.eu-west-1.amazonaws.com/123456789012/logins", entries);
        benchmark::DoNotOptimize(body);
    }
    state.SetItemsProcessed(state.iterations() * 10);
}

void md5_of_a_login(benchmark::State& state) {
    auto body = login(1);
    for (auto _ : state) {
        auto digest = md5_hex(body);
        benchmark::DoNotOptimize(digest);
    }
}

BENCHMARK(decode_receive_of_ten);
BENCHMARK(encode_delete_of_ten);
BENCHMARK(md5_of_a_login);

}  // namespace
