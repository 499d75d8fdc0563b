// Starting, advancing and ending move tasks.
#include "devqueue/move_tasks.h"

#include <algorithm>

#include <fmt/format.h>
#include <simdjson.h>

#include "base/base64.h"
#include "sqs/protocol.h"

namespace sqs2pg::devqueue {
namespace {

constexpr std::uint64_t kMostAtOnce = 10'000;
constexpr std::size_t kLongestHandle = 4096;

tl::unexpected<ApiError> no_resource(std::string_view parameter) {
    return refuse("ResourceNotFoundException",
                  fmt::format("The resource that you specified for the {} parameter doesn't exist.", parameter));
}

struct ParsedHandle {
    std::string id, source_arn;
};

std::optional<ParsedHandle> parse_task_handle(std::string_view handle) {
    std::string text;
    if (handle.size() > kLongestHandle || !decode_base64(handle, text)) return std::nullopt;
    simdjson::dom::parser parser;
    simdjson::dom::object object;
    std::string_view id;
    std::string_view arn;
    if (parser.parse(text).get(object) != simdjson::SUCCESS || object["taskId"].get(id) != simdjson::SUCCESS ||
        object["sourceArn"].get(arn) != simdjson::SUCCESS) {
        return std::nullopt;
    }
    return ParsedHandle{std::string(id), std::string(arn)};
}

}  // namespace

std::string handle_of(const MoveTask& task) {
    std::string text = "{\"taskId\":";
    sqs::append_json_string(text, task.id);
    text += ",\"sourceArn\":";
    sqs::append_json_string(text, task.source_arn);
    text += '}';
    return encode_base64(text);
}

MoveTask* MoveTasks::find_running(std::string_view source_arn) {
    auto found = std::ranges::find_if(tasks_, [&](const MoveTask& task) {
        return task.source_arn == source_arn && task.status == MoveTask::Status::Running;
    });
    return found == tasks_.end() ? nullptr : &*found;
}

void MoveTasks::forget_old(std::string_view source_arn) {
    auto of_source = [&](const MoveTask& task) { return task.source_arn == source_arn; };
    if (std::ranges::count_if(tasks_, of_source) <= static_cast<std::ptrdiff_t>(kMaxListedTasks)) return;
    tasks_.erase(std::ranges::find_if(tasks_, of_source));
}

Answer<const MoveTask*> MoveTasks::start(std::string_view source_arn, std::string_view destination_arn,
                                         std::optional<int> per_second, Millis now) {
    if (per_second && (*per_second < 1 || *per_second > 500)) {
        return refuse_value(std::to_string(*per_second), "MaxNumberOfMessagesPerSecond",
                            "Must be between 1 and 500, if provided.");
    }
    auto* source = account_.find_by_arn(source_arn);
    if (source == nullptr) return no_resource("SourceArn");
    if (account_.sources_of(*source).empty()) {
        return refuse("InvalidParameterValue", "Source queue must be configured as a Dead Letter Queue.");
    }
    if (!destination_arn.empty()) {
        auto* destination = account_.find_by_arn(destination_arn);
        if (destination == nullptr) return no_resource("DestinationArn");
        if (destination == source) {
            return refuse("InvalidParameterValue", "Source queue and destination queue must not be the same.");
        }
        if (destination->settings().fifo != source->settings().fifo) {
            return refuse("InvalidParameterValue", "Source queue and destination queue must be of the same type.");
        }
    }
    if (find_running(source_arn) != nullptr) {
        return refuse("InvalidParameterValue",
                      "There is already a task running. Only one active task is allowed for a source queue arn at a "
                      "given time.");
    }
    MoveTask task;
    task.id = to_text(random_message_id(account_.random()));
    task.source_arn = source_arn;
    task.destination_arn = destination_arn;
    task.per_second = per_second;
    task.to_move = source->figures(now).visible;
    task.started_ms = now;
    tasks_.push_back(std::move(task));
    forget_old(source_arn);
    running_ = true;
    return &tasks_.back();
}

Answer<std::vector<const MoveTask*>> MoveTasks::list(std::string_view source_arn, int most) {
    if (most < 1 || most > static_cast<int>(kMaxListedTasks)) {
        return refuse_value(std::to_string(most), "MaxResults", "Must be between 1 and 10, if provided.");
    }
    if (account_.find_by_arn(source_arn) == nullptr) return no_resource("SourceArn");
    std::vector<const MoveTask*> found;
    for (auto task = tasks_.rbegin(); task != tasks_.rend() && found.size() < static_cast<std::size_t>(most); ++task) {
        if (task->source_arn == source_arn) found.push_back(&*task);
    }
    return found;
}

Answer<std::uint64_t> MoveTasks::cancel(std::string_view handle) {
    auto parsed = parse_task_handle(handle);
    if (!parsed) return refuse("InvalidParameterValue", "Value for parameter TaskHandle is invalid.");
    if (account_.find_by_arn(parsed->source_arn) == nullptr) return no_resource("SourceArn");
    auto* task = find_running(parsed->source_arn);
    if (task == nullptr || task->id != parsed->id) return refuse("ResourceNotFoundException", "Task does not exist.");
    task->status = MoveTask::Status::Cancelled;
    return task->moved;
}

bool MoveTasks::run(Millis now) {
    if (!running_) return false;
    running_ = false;
    for (auto& task : tasks_) {
        if (task.status == MoveTask::Status::Running) run(task, now);
        running_ = running_ || task.status == MoveTask::Status::Running;
    }
    return running_;
}

void MoveTasks::run(MoveTask& task, Millis now) {
    auto fail = [&](std::string_view reason) {
        task.status = MoveTask::Status::Failed;
        task.failure_reason = reason;
    };
    auto* source = account_.find_by_arn(task.source_arn);
    if (source == nullptr) return fail("AWS.SimpleQueueService.NonExistentQueue");
    auto due = task.moved + kMostAtOnce;
    if (task.per_second) {
        auto elapsed = static_cast<std::uint64_t>(std::max<Millis>(0, now - task.started_ms));
        due = std::min(due, 1 + elapsed * static_cast<std::uint64_t>(*task.per_second) / 1000);
    }
    for (;;) {
        const auto* message = source->next_deliverable(now);
        if (message == nullptr) {
            task.status = MoveTask::Status::Completed;
            return;
        }
        if (task.moved >= due) return;
        const auto& extras = message->content.extras;
        std::string_view arn = task.destination_arn;
        if (arn.empty() && extras) arn = extras->source_queue_arn;
        if (arn.empty()) return fail("CouldNotDetermineMessageSource");
        auto* destination = account_.find_by_arn(arn);
        if (destination == nullptr) return fail("AWS.SimpleQueueService.NonExistentQueue");
        destination->move_in(source->move_out(), now);
        ++task.moved;
    }
}

}  // namespace sqs2pg::devqueue
