// Accounting of held messages, see inflight.h.
#include "pipeline/inflight.h"

#include <utility>

namespace sqs2pg::pipeline {

Held& Inflight::add(Received message, Clock::Steady lease_until) {
    auto held = std::make_shared<Held>();
    bytes_ += message.bytes();
    held->message = std::move(message);
    held->lease_until = lease_until;
    held->index_ = held_.size();
    held_.push_back(std::move(held));
    return *held_.back();
}

void Inflight::remove(Held& held) {
    bytes_ -= held.message.bytes();
    held.gone = true;
    auto index = held.index_;
    if (index + 1 != held_.size()) {
        std::swap(held_[index], held_.back());
        held_[index]->index_ = index;
    }
    held_.pop_back();
}

}  // namespace sqs2pg::pipeline
