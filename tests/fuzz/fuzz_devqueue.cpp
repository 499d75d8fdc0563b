// Arbitrary bytes as requests to the embedded queue: never a crash, always a reply in JSON or a known error, and the
// queue's messages always add up. The first byte chooses the operation.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "devqueue/faults.h"
#include "devqueue/service.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sqs2pg::devqueue;
    static constexpr std::string_view kOperations[] = {
        "ReceiveMessage",
        "DeleteMessageBatch",
        "SendMessageBatch",
        "SendMessage",
        "DeleteMessage",
        "ChangeMessageVisibilityBatch",
        "GetQueueAttributes",
        "GetQueueUrl",
        "ChangeMessageVisibility",
        "CreateQueue",
        "SetQueueAttributes",
        "ListQueues",
        "PurgeQueue",
        "ListDeadLetterSourceQueues",
        "DeleteQueue",
        "StartMessageMoveTask",
        "ListMessageMoveTasks",
        "CancelMessageMoveTask",
        "_faults",
    };
    if (size == 0) return 0;
    auto operation = kOperations[data[0] % std::size(kOperations)];
    std::string body(reinterpret_cast<const char*>(data) + 1, size - 1);
    if (operation == "_faults") {
        Faults faults;
        (void)faults.add(body);
        (void)faults.next("SendMessage");
        return 0;
    }
    Service service(AccountOptions{});
    Millis now = 1'700'000'000'000;
    auto* queue = *service.account().create("q", {}, now);
    // "f.fifo" has messages of one group, "d.fifo" is its dead-letter queue.
    SendRequest hello;
    hello.body = "hello";
    (void)queue->send(hello, now);
    (void)service.account().create("d.fifo", {{"FifoQueue", "true"}}, now);
    auto* fifo = *service.account().create(
        "f.fifo",
        {{"FifoQueue", "true"},
         {"RedrivePolicy",
          R"({"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:d.fifo","maxReceiveCount":1})"}},
        now);
    hello.group_id = "g";
    for (const char* id : {"1", "2", "3"}) {
        hello.deduplication_id = id;
        (void)fifo->send(hello, now);
        (void)service.account().receive(*fifo, ReceiveRequest{1, 0, ""}, now);
    }
    auto done = service.call(Call{operation, "http://127.0.0.1:9324", now, {}}, body);
    if (!done && shape_of(done.error().code).status == 500) std::abort();
    if (done) {
        simdjson::dom::parser parser;
        if (parser.parse(done->body).error() != simdjson::SUCCESS) std::abort();
    }
    for (const auto& name : service.account().names()) {
        auto f = (*service.account().find(name))->figures(now);
        auto accounted =
            f.visible + f.delayed + f.in_flight + f.deleted + f.dead_lettered + f.expired + f.purged + f.moved;
        if (f.arrived != accounted) std::abort();
    }
    return 0;
}
