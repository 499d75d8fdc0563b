// What signing one SQS request costs: with the cached signing key, and with a key derived anew; and what it costs to
// get at the credentials that a process shares.
#include <benchmark/benchmark.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "aws/credentials_cache.h"
#include "aws/credentials_fixed.h"
#include "aws/sigv4.h"
#include "base/clock.h"
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

// As STS hands it out: about 800 characters.
aws::Credentials temporary_keys() {
    auto credentials = keys();
    credentials.session_token = Secret(std::string(800, 'T'));
    return credentials;
}

void run(benchmark::State& state, const std::string& body, std::int64_t step_ms,
         const aws::Credentials& credentials = keys()) {
    aws::Signer signer("eu-west-1", "sqs");
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

void sign_receive_with_session_token(benchmark::State& state) {
    sqs::ReceiveCall call{"https://sqs.eu-west-1.amazonaws.com/123456789012/logins", 10, 10, 60};
    run(state, sqs::encode_receive(call), 1, temporary_keys());
}

awaitable<void> ask_again_and_again(benchmark::State* state, aws::CredentialsCache* cache) {
    for (auto _ : *state) {
        auto found = co_await cache->credentials();
        benchmark::DoNotOptimize(found);
    }
}

void shared_credentials_at_hand(benchmark::State& state) {
    SystemClock clock;
    boost::asio::io_context loop{1};
    aws::CredentialsCache cache(loop.get_executor(), std::make_unique<aws::FixedCredentials>(temporary_keys()), clock);
    boost::asio::co_spawn(loop, ask_again_and_again(&state, &cache), boost::asio::detached);
    loop.run();
}

void sign_delete_of_ten(benchmark::State& state) {
    std::vector<sqs::DeleteEntry> entries;
    const std::string handle(350, 'A');
    for (int i = 0; i < 10; ++i) entries.push_back({std::to_string(i), handle});
    run(state, sqs::encode_delete_batch("https://sqs.eu-west-1.amazonaws.com/123456789012/logins", entries), 1);
}

void sign_with_a_new_key_each_time(benchmark::State& state) { run(state, "{}", 86'400'000); }

BENCHMARK(sign_receive);
BENCHMARK(sign_receive_with_session_token);
BENCHMARK(shared_credentials_at_hand);
BENCHMARK(sign_delete_of_ten);
BENCHMARK(sign_with_a_new_key_each_time);

}  // namespace
