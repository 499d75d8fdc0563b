// What signing one SQS request costs: with the cached signing key, and with a key derived anew.
#include <benchmark/benchmark.h>

#include "aws/sigv4.h"
#include "sqs/protocol.h"

namespace {

using namespace sqs2pg;

aws::Credentials keys() {
    aws::Credentials credentials;
    credentials.access_key_id = "AKIDEXAMPLE";
    credentials.secret_access_key = Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    return credentials;
}

std::vector<aws::Header> headers() {
    return {{"Host", "sqs.eu-west-1.amazonaws.com"},
            {"Content-Type", "application/x-amz-json-1.0"},
            {"X-Amz-Target", "AmazonSQS.ReceiveMessage"},
            {"x-amzn-query-mode", "true"}};
}

void run(benchmark::State& state, const std::string& body, std::int64_t step_ms) {
    aws::Signer signer("eu-west-1", "sqs");
    auto credentials = keys();
    std::int64_t now = 1'440'938'160'000;
    for (auto _ : state) {
        auto to_sign = headers();
        signer.sign(credentials, "POST", "/", to_sign, body, now);
        benchmark::DoNotOptimize(to_sign);
        now += step_ms;
    }
}

void sign_receive(benchmark::State& state) {
    sqs::ReceiveCall call{"https://sqs.eu-west-1.amazonaws.com/123456789012/logins", 10, 10, 60};
    run(state, sqs::encode_receive(call), 1);
}

void sign_delete_of_ten(benchmark::State& state) {
    std::vector<sqs::DeleteEntry> entries;
    for (int i = 0; i < 10; ++i) entries.push_back({std::to_string(i), std::string(350, 'A')});
    run(state, sqs::encode_delete_batch("https://sqs.eu-west-1.amazonaws.com/123456789012/logins", entries), 1);
}

void sign_with_a_new_key_each_time(benchmark::State& state) { run(state, "{}", 86'400'000); }

BENCHMARK(sign_receive);
BENCHMARK(sign_delete_of_ten);
BENCHMARK(sign_with_a_new_key_each_time);

}  // namespace
