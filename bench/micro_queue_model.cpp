// What the embedded queue costs on one core without HTTP: ns a message through the model, and ns a request through the
// operations on JSON.
#include <benchmark/benchmark.h>

#include "devqueue/service.h"

namespace {

using namespace sqs2pg::devqueue;

constexpr std::string_view kLogin =
    R"({"user_id":"424cdd21-063a-43a7-b91b-7ca1a833afae","app_version":"2.3.0","device_type":"android",)"
    R"("ip":"199.172.111.135","locale":"RU","device_id":"593-47-5928"})";

SendRequest login() {
    SendRequest request;
    request.body = kLogin;
    return request;
}

// Send, receive in tens and delete, with `range` messages waiting all the while: the cost must not grow with them.
void through_the_model(benchmark::State& state) {
    Account account(AccountOptions{});
    Millis now = 1'700'000'000'000;
    auto& queue = **account.create("q", {}, now);
    for (std::int64_t i = 0; i < state.range(0); ++i) (void)queue.send(login(), now);
    std::int64_t messages = 0;
    std::string handle;
    for (auto _ : state) {
        ++now;
        for (int i = 0; i < 10; ++i) (void)queue.send(login(), now);
        auto received = account.receive(queue, {10, 60}, now);
        for (const auto& delivery : *received) {
            handle.clear();
            append_text(handle, delivery.handle);
            benchmark::DoNotOptimize(queue.remove(handle, now));
        }
        messages += 10;
    }
    state.SetItemsProcessed(messages);
}

// The same with a FIFO queue of 100 groups, `range` messages of other groups waiting; every message has an id of its
// own.
void through_the_fifo_model(benchmark::State& state) {
    Account account(AccountOptions{});
    Millis now = 1'700'000'000'000;
    auto& queue = **account.create("q.fifo", {{"FifoQueue", "true"}}, now);
    std::uint64_t sent = 0;
    auto send = [&](std::uint64_t group) {
        auto request = login();
        request.group_id = std::to_string(group);
        request.deduplication_id = std::to_string(++sent);
        (void)queue.send(std::move(request), now);
    };
    for (std::int64_t i = 0; i < state.range(0); ++i) send(1000 + static_cast<std::uint64_t>(i % 1000));
    std::int64_t messages = 0;
    std::string handle;
    for (auto _ : state) {
        now += 5;
        for (std::uint64_t i = 0; i < 10; ++i) send(sent % 100);
        auto received = account.receive(queue, {10, 60, ""}, now);
        for (const auto& delivery : *received) {
            handle.clear();
            append_text(handle, delivery.handle);
            benchmark::DoNotOptimize(queue.remove(handle, now));
        }
        messages += 10;
    }
    state.SetItemsProcessed(messages);
}

// The same three as requests: SendMessageBatch, ReceiveMessage, DeleteMessageBatch of ten.
void through_the_operations(benchmark::State& state) {
    Service service(AccountOptions{});
    Millis now = 1'700'000'000'000;
    (void)service.account().create("q", {}, now);
    std::string send = R"({"QueueUrl":"http://127.0.0.1:9324/000000000000/q","Entries":[)";
    for (int i = 0; i < 10; ++i) {
        if (i > 0) send += ',';
        send += R"({"Id":")" + std::to_string(i) + R"(","MessageBody":)";
        sqs2pg::sqs::append_json_string(send, kLogin);
        send += '}';
    }
    send += "]}";
    const std::string receive =
        R"({"QueueUrl":"http://127.0.0.1:9324/000000000000/q","MaxNumberOfMessages":10,"WaitTimeSeconds":10,)"
        R"("VisibilityTimeout":60,"MessageSystemAttributeNames":["All"]})";
    std::int64_t requests = 0;
    for (auto _ : state) {
        ++now;
        auto body = send;
        (void)service.call(Call{"SendMessageBatch", "http://127.0.0.1:9324", now, {}}, body);
        body = receive;
        auto received = service.call(Call{"ReceiveMessage", "http://127.0.0.1:9324", now, {}}, body);
        std::string remove = R"({"QueueUrl":"http://127.0.0.1:9324/000000000000/q","Entries":[)";
        const auto& text = received->body;
        constexpr std::string_view kHandle = "\"ReceiptHandle\":\"";
        int id = 0;
        for (auto at = text.find(kHandle); at != text.npos; at = text.find(kHandle, at + 1)) {
            if (id > 0) remove += ',';
            remove += R"({"Id":")" + std::to_string(id++) + R"(","ReceiptHandle":")";
            remove.append(text, at + kHandle.size(), kHandleLength);
            remove += "\"}";
        }
        remove += "]}";
        benchmark::DoNotOptimize(service.call(Call{"DeleteMessageBatch", "http://127.0.0.1:9324", now, {}}, remove));
        requests += 3;
    }
    state.SetItemsProcessed(requests);
}

BENCHMARK(through_the_model)->Arg(0)->Arg(100'000);
BENCHMARK(through_the_fifo_model)->Arg(0)->Arg(100'000);
BENCHMARK(through_the_operations);

}  // namespace

BENCHMARK_MAIN();
