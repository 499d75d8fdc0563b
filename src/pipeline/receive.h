// Receive: the first step of the walk. 1 to N concurrent long polls: N grows while replies come back full, do not wait
// for each other and the writer would have more, shrinks when its transactions become large (appetite.h), and falls to
// 1 on an empty reply; bounded by the messages and bytes in flight; parked while idle on every worker but the sentinel.
// Each reply goes through decode, map and mask at once, and what comes out waits in `gathered`.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "pipeline/fetch.h"
#include "pipeline/settle.h"
#include "pipeline/table_plan.h"
#include "pipeline/walk_state.h"

namespace sqs2pg::pipeline {

class Receiver {
   public:
    // Borrowed; `spawn` starts a coroutine of the worker.
    using Spawn = std::function<void(awaitable<void>)>;
    Receiver(WalkState& state, TablePlan& plan, Fetcher& fetcher, Settler& settler, Spawn spawn)
        : state_(state), plan_(plan), fetcher_(fetcher), settler_(settler), spawn_(std::move(spawn)) {}

    // Starts the first poll; further ones start by themselves. All end once the state is stopping.
    void start();

   private:
    // A receive of a FIFO queue: asked again under the same id, a lost reply comes again, and the messages in it need
    // not wait (and hold up their groups) until their visibility timeout is over.
    struct Attempt {
        std::string id;
        Clock::Steady since{};  // of the first request: the queue may count visibility from there
    };

    awaitable<void> poll_loop();
    awaitable<void> wait_for_turn();
    awaitable<void> after_failure(Error error);
    awaitable<void> after_empty_reply();
    awaitable<bool> is_drained();
    void follow(Appetite appetite);
    void ensure_polls();
    bool has_room() const;
    std::size_t expected_reply_bytes() const;
    Attempt next_attempt();
    // The rows that came of them, a bad message counting as one, and one whose body is still to be fetched.
    std::size_t take_in(std::vector<Received> messages);
    // False: no route wants it.
    bool walk_on(Held& held);
    void warn_of_unordered_reply(std::span<const Received> messages);
    bool is_blocked_for_good();
    void warn_of_unmatched_paths();

    WalkState& state_;
    TablePlan& plan_;
    Fetcher& fetcher_;
    Settler& settler_;  // takes what no route wants: there is nothing to write first
    Spawn spawn_;
    AnswerTimes answers_;
    int wanted_ = 1;
    bool starting_ = false;           // there have not been enough polls yet
    int requests_ = 0;                // polls that are waiting for a reply
    int failures_ = 0;                // in a row
    int empty_replies_ = 0;           // in a row
    std::size_t usual_bytes_ = 1024;  // of a message, rising at once and falling slowly
    std::vector<bool> warned_paths_;
    std::vector<Attempt> lost_attempts_;  // whose reply did not come; at most one a poll
    bool warned_of_order_ = false;
    Clock::Steady started_{};
    static constexpr std::uint64_t kPathCheckAfter = 100;
    std::uint64_t seen_ = 0;  // messages
    std::uint64_t next_path_check_ = kPathCheckAfter;
};

}  // namespace sqs2pg::pipeline
