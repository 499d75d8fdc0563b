// The operations on message move tasks.
#include <fmt/format.h>

#include "devqueue/move_tasks.h"
#include "devqueue/service.h"

namespace sqs2pg::devqueue::operations {
namespace {

constexpr std::string_view status_text(MoveTask::Status status) {
    switch (status) {
        case MoveTask::Status::Running:
            return "RUNNING";
        case MoveTask::Status::Completed:
            return "COMPLETED";
        case MoveTask::Status::Cancelled:
            return "CANCELLED";
        case MoveTask::Status::Failed:
            return "FAILED";
    }
    return "FAILED";
}

void append_text(std::string& out, std::string_view name, std::string_view value) {
    out += fmt::format("\"{}\":", name);
    sqs::append_json_string(out, value);
    out += ',';
}

void append_task(std::string& out, const MoveTask& task) {
    out += '{';
    if (task.status == MoveTask::Status::Running) append_text(out, "TaskHandle", handle_of(task));
    append_text(out, "Status", status_text(task.status));
    append_text(out, "SourceArn", task.source_arn);
    if (!task.destination_arn.empty()) append_text(out, "DestinationArn", task.destination_arn);
    if (task.per_second) out += fmt::format("\"MaxNumberOfMessagesPerSecond\":{},", *task.per_second);
    if (!task.failure_reason.empty()) append_text(out, "FailureReason", task.failure_reason);
    out += fmt::format(
        "\"ApproximateNumberOfMessagesMoved\":{},\"ApproximateNumberOfMessagesToMove\":{},\"StartedTimestamp\":{}}}",
        task.moved, task.to_move, task.started_ms);
}

}  // namespace

Answer<Done> start_message_move_task(Account& account, const JsonObject& request, const Call& call) {
    auto source = required_text(request, "SourceArn");
    if (!source) return refuse(source.error());
    auto destination = optional_text(request, "DestinationArn");
    if (!destination) return refuse(destination.error());
    auto rate = optional_int(request, "MaxNumberOfMessagesPerSecond");
    if (!rate) return refuse(rate.error());
    auto task = account.move_tasks().start(*source, destination->value_or(""), *rate, call.now);
    if (!task) return refuse(task.error());
    Done done{.body = "{\"TaskHandle\":", .waiting = {}};
    sqs::append_json_string(done.body, handle_of(**task));
    done.body += '}';
    return done;
}

Answer<Done> list_message_move_tasks(Account& account, const JsonObject& request, const Call&) {
    auto source = required_text(request, "SourceArn");
    if (!source) return refuse(source.error());
    auto most = optional_int(request, "MaxResults");
    if (!most) return refuse(most.error());
    auto tasks = account.move_tasks().list(*source, most->value_or(1));
    if (!tasks) return refuse(tasks.error());
    Done done{.body = "{\"Results\":[", .waiting = {}};
    for (const auto* task : *tasks) {
        if (done.body.back() != '[') done.body += ',';
        append_task(done.body, *task);
    }
    done.body += "]}";
    return done;
}

Answer<Done> cancel_message_move_task(Account& account, const JsonObject& request, const Call&) {
    auto handle = required_text(request, "TaskHandle");
    if (!handle) return refuse(handle.error());
    auto moved = account.move_tasks().cancel(*handle);
    if (!moved) return refuse(moved.error());
    return Done{.body = fmt::format("{{\"ApproximateNumberOfMessagesMoved\":{}}}", *moved), .waiting = {}};
}

}  // namespace sqs2pg::devqueue::operations
