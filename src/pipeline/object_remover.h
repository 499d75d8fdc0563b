// `delete_object: true`: deletes the objects of messages that became rows, once the queue has deleted the messages.
// Beside the walk: nothing waits for it but the worker's end. What cannot be deleted stays and is said; a lifecycle
// rule of the bucket is what sweeps such objects, and those that a crash leaves.
#pragma once

#include <deque>
#include <functional>

#include "pipeline/walk_state.h"

namespace sqs2pg::pipeline {

class ObjectRemover {
   public:
    using Spawn = std::function<void(awaitable<void>)>;
    ObjectRemover(WalkState& state, Spawn spawn) : state_(state), spawn_(std::move(spawn)) {}

    // The message is gone from the queue. Only what this very delivery inserted counts: a duplicate may stand for a
    // dead letter, whose replay needs the object.
    void after_delete(const Held& held);

    bool idle() const noexcept { return running_ == 0; }

   private:
    awaitable<void> remove_loop();
    awaitable<void> remove(ObjectRef object);

    WalkState& state_;
    Spawn spawn_;
    std::deque<ObjectRef> waiting_;
    int running_ = 0;
};

}  // namespace sqs2pg::pipeline
