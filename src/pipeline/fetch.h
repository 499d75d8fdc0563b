// Fetch: beside the walk, between receive and decode, for messages that are pointers to objects in S3. Some objects are
// fetched at once, in the order of their messages, as the bytes in flight allow; what has come goes on to `gathered` as
// if it had been received so. Meanwhile the message is in flight like any other: counted, and kept by the keeper.
#pragma once

#include <functional>
#include <span>

#include "pipeline/settle.h"
#include "pipeline/table_plan.h"
#include "pipeline/walk_state.h"

namespace sqs2pg::pipeline {

class Fetcher {
   public:
    using Spawn = std::function<void(awaitable<void>)>;
    Fetcher(WalkState& state, TablePlan& plan, Settler& settler, Spawn spawn)
        : state_(state), plan_(plan), settler_(settler), spawn_(std::move(spawn)) {}

    // Takes a message over whose body is `object`.
    void add(Held& held, ObjectRef object);
    // On a FIFO queue: takes a message over, its row made, if something before it in its group waits here.
    bool add_behind(Held& held);

    // Until the state is finished: begins fetches as room comes, and gives back what is left when the worker gives up.
    awaitable<void> run();

   private:
    awaitable<void> fetch(std::uint64_t ticket, ObjectRef object, std::size_t bytes);
    // False: the fetch ends here.
    awaitable<bool> after_failure(std::uint64_t ticket, Error error, int attempt);
    void begin_fetches();
    bool has_room(std::size_t bytes) const;
    void arrived(std::uint64_t ticket, std::string body);
    void refuse(std::uint64_t ticket, const Error& error);
    void move_ready();
    void give_back(std::span<Held* const> held);
    void let_go(std::uint64_t ticket);

    WalkState& state_;
    TablePlan& plan_;
    Settler& settler_;
    Spawn spawn_;
    int running_ = 0;
    std::size_t usual_bytes_ = 256u << 10;  // of an object, rising at once and falling slowly
};

}  // namespace sqs2pg::pipeline
