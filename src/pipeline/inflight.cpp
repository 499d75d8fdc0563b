// Accounting of held messages, see inflight.h.
#include "pipeline/inflight.h"

#include <utility>

namespace sqs2pg::pipeline {

Held& Inflight::add(Received message, Clock::Steady lease_until) {
    auto held = std::make_shared<Held>();
    held->message = std::move(message);
    held->lease_until = lease_until;
    held->charged_ = held->message.bytes();
    bytes_ += held->charged_;
    held->index_ = held_.size();
    held_.push_back(std::move(held));
    return *held_.back();
}

void Inflight::charge(Held& held, std::size_t bytes) {
    if (bytes <= held.charged_) return;
    bytes_ += bytes - held.charged_;
    held.charged_ = bytes;
}

void Inflight::charge_object(Held& held, std::size_t bytes) {
    bytes_ -= held.charged_;
    held.charged_ = held.message.bytes() + bytes;
    bytes_ += held.charged_;
}

void Inflight::remove(Held& held) {
    bytes_ -= held.charged_;
    held.gone = true;
    auto index = held.index_;
    if (index + 1 != held_.size()) {
        std::swap(held_[index], held_.back());
        held_[index]->index_ = index;
    }
    held_.pop_back();
}

}  // namespace sqs2pg::pipeline
