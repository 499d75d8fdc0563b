// Accounting of held messages, see inflight.h.
#include "pipeline/inflight.h"

#include <utility>

namespace sqs2pg::pipeline {

std::span<Held> Inflight::add(std::vector<Received> messages, Clock::Duration visibility) {
    if (messages.empty()) return {};
    auto& reply = *replies_.emplace_back(std::make_shared<HeldReply>());
    reply.index = replies_.size() - 1;
    reply.left = messages.size();
    reply.held.reserve(messages.size());
    for (auto& message : messages) {
        auto& held = reply.held.emplace_back(std::move(message));
        held.lease_until = held.message.received_at + visibility;
        held.reply_ = &reply;
        reply.bytes += held.message.bytes();
    }
    count_ += reply.left;
    bytes_ += reply.bytes;
    return reply.held;
}

void Inflight::charge(Held& held, std::size_t bytes) {
    const auto counted = held.message.bytes() + held.beside_;
    if (bytes <= counted) return;
    bytes_ += bytes - counted;
    held.beside_ += bytes - counted;
}

void Inflight::charge_object(Held& held, std::size_t bytes) {
    bytes_ += bytes - held.beside_;
    held.beside_ = bytes;
}

void Inflight::remove(Held& held) {
    // What was made of it goes at once, the message with the last of its reply.
    bytes_ -= held.beside_;
    held.row.reset();
    held.object.reset();
    held.dead_letter.reset();
    held.gone = true;
    --count_;
    auto& reply = *held.reply_;
    if (--reply.left > 0) return;
    bytes_ -= reply.bytes;
    const auto index = reply.index;
    if (index + 1 != replies_.size()) {
        std::swap(replies_[index], replies_.back());
        replies_[index]->index = index;
    }
    replies_.pop_back();
}

}  // namespace sqs2pg::pipeline
