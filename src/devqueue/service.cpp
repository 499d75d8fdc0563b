// The table of operations, and the second half of a long poll.
#include "devqueue/service.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "devqueue/move_tasks.h"

namespace sqs2pg::devqueue {
namespace {

struct Named {
    std::string_view name;
    Operation run;
};

// The busy ones first: the table is searched in order.
constexpr std::array kOperations = {
    Named{"ReceiveMessage", operations::receive_message},
    Named{"DeleteMessageBatch", operations::delete_message_batch},
    Named{"SendMessageBatch", operations::send_message_batch},
    Named{"SendMessage", operations::send_message},
    Named{"DeleteMessage", operations::delete_message},
    Named{"ChangeMessageVisibilityBatch", operations::change_message_visibility_batch},
    Named{"ChangeMessageVisibility", operations::change_message_visibility},
    Named{"GetQueueAttributes", operations::get_queue_attributes},
    Named{"GetQueueUrl", operations::get_queue_url},
    Named{"CreateQueue", operations::create_queue},
    Named{"SetQueueAttributes", operations::set_queue_attributes},
    Named{"ListQueues", operations::list_queues},
    Named{"ListDeadLetterSourceQueues", operations::list_dead_letter_source_queues},
    Named{"StartMessageMoveTask", operations::start_message_move_task},
    Named{"ListMessageMoveTasks", operations::list_message_move_tasks},
    Named{"CancelMessageMoveTask", operations::cancel_message_move_task},
    Named{"PurgeQueue", operations::purge_queue},
    Named{"DeleteQueue", operations::delete_queue},
};

constexpr std::array<std::string_view, 5> kNotServed = {
    "AddPermission", "RemovePermission", "TagQueue", "UntagQueue", "ListQueueTags",
};

}  // namespace

Answer<Done> Service::call(const Call& call, std::string& body) {
    const auto* found = std::ranges::find(kOperations, call.operation, &Named::name);
    if (found == kOperations.end()) {
        if (std::ranges::find(kNotServed, call.operation) != kNotServed.end()) {
            return refuse("UnsupportedOperation",
                          fmt::format("{} is not served by this embedded queue.", call.operation));
        }
        return refuse("UnknownOperationException", "The operation is not one of Amazon SQS.");
    }
    auto request = parse_request(parser_, body);
    if (!request) return refuse(request.error());
    account_.move_tasks().run(call.now);
    auto done = found->run(account_, *request, call);
    account_.move_tasks().run(call.now);
    return done;
}

bool Service::run_move_tasks(Millis now) { return account_.move_tasks().run(now); }

Answer<std::optional<std::string>> Service::receive_again(const WaitingReceive& waiting, Millis now) {
    auto queue = account_.find(waiting.queue);
    if (!queue) return refuse(queue.error());
    auto deliveries = account_.receive(**queue, waiting.request, now);
    if (!deliveries) return refuse(deliveries.error());
    if (deliveries->empty()) return std::optional<std::string>{};
    return std::optional(receive_reply(*deliveries, waiting.shown, waiting.flip_bit));
}

}  // namespace sqs2pg::devqueue
