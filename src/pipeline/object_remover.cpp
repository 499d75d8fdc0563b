// See object_remover.h.
#include "pipeline/object_remover.h"

#include <utility>

namespace sqs2pg::pipeline {

namespace {

using namespace std::chrono_literals;

constexpr int kRemovesAtOnce = 8;
constexpr int kMaxAttempts = 5;
constexpr std::size_t kMostWaiting = 10'000;
constexpr Backoff kBackoff{200ms, 10s};

}  // namespace

void ObjectRemover::after_delete(const Held& held) {
    if (!held.object || !state_.options.pipeline.objects.delete_object) return;
    if (held.outcome != Outcome::Inserted || !held.committed || !held.row) return;
    if (waiting_.size() >= kMostWaiting) return state_.events.object_left("too_many_waiting");
    waiting_.push_back(held.object->ref);
    if (running_ == kRemovesAtOnce) return;
    ++running_;
    spawn_(remove_loop());
}

awaitable<void> ObjectRemover::remove_loop() {
    while (!waiting_.empty()) {
        auto object = std::move(waiting_.front());
        waiting_.pop_front();
        co_await remove(std::move(object));
    }
    --running_;
    state_.changed.notify_all();
}

awaitable<void> ObjectRemover::remove(ObjectRef object) {
    for (int attempt = 1;; ++attempt) {
        auto removed = co_await state_.objects->remove(object);
        if (removed) co_return;
        const auto kind = removed.error().kind;
        const bool transient = kind == ErrorKind::Retry || kind == ErrorKind::Throttled;
        if (!transient || attempt == kMaxAttempts || state_.give_up) {
            co_return state_.events.object_left(removed.error().code);
        }
        co_await state_.back_off(state_.jittered(kBackoff, attempt));
    }
}

}  // namespace sqs2pg::pipeline
