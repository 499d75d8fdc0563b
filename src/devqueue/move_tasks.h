// Message move tasks: a dead-letter queue's messages go back to where they came from, or to another queue, all at once
// or so many a second. They run when the clock is looked at: run() does what is due. Pure.
// Source: Amazon SQS API Reference, StartMessageMoveTask, ListMessageMoveTasks, CancelMessageMoveTask.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "devqueue/account.h"

namespace sqs2pg::devqueue {

inline constexpr std::size_t kMaxListedTasks = 10;  // that are kept of each source queue

struct MoveTask {
    enum class Status { Running, Completed, Cancelled, Failed };
    std::string id;
    std::string source_arn;
    std::string destination_arn;    // empty: the queues that the messages came from
    std::optional<int> per_second;  // 1 to 500; absent: as fast as it goes
    Status status = Status::Running;
    std::uint64_t moved = 0;
    std::uint64_t to_move = 0;  // at the start
    Millis started_ms = 0;
    std::string failure_reason;
};

// "eyJ0YXNrSWQiOi…": base64 of {"taskId":…,"sourceArn":…}, as AWS's are.
std::string handle_of(const MoveTask& task);

class MoveTasks {
   public:
    // `account` is borrowed: it outlives this.
    explicit MoveTasks(Account& account) : account_(account) {}

    // ResourceNotFoundException for a queue that is not there; InvalidParameterValue for a source that is nobody's
    // dead-letter queue or has a running task, a destination of the other type or the source itself, or a bad rate.
    Answer<const MoveTask*> start(std::string_view source_arn, std::string_view destination_arn,
                                  std::optional<int> per_second, Millis now);
    // The newest first, at most `most` (1 to 10). ResourceNotFoundException, InvalidParameterValue.
    Answer<std::vector<const MoveTask*>> list(std::string_view source_arn, int most);
    // How many were moved before. ResourceNotFoundException when it is not running.
    Answer<std::uint64_t> cancel(std::string_view handle);

    // Moves what is due by now, at most 10,000 messages a task and call. True: some task still runs.
    bool run(Millis now);

   private:
    void run(MoveTask& task, Millis now);
    MoveTask* find_running(std::string_view source_arn);
    void forget_old(std::string_view source_arn);

    Account& account_;
    std::deque<MoveTask> tasks_;  // the oldest first
    bool running_ = false;
};

}  // namespace sqs2pg::devqueue
