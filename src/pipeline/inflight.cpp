// Accounting of held messages, see inflight.h.
#include "pipeline/inflight.h"

#include <utility>

namespace sqs2pg::pipeline {

// What one reply brought, in one piece of memory.
struct HeldReply {
    std::vector<Held> held;  // never moved
    std::size_t left = 0;
    std::size_t bytes = 0;  // of the messages, whether they are still held or not
};

std::span<Held> Inflight::add(std::vector<Received> messages, Clock::Duration visibility) {
    auto reply = std::make_shared<HeldReply>();
    reply->left = messages.size();
    reply->held.reserve(messages.size());
    for (auto& message : messages) {
        auto& held = reply->held.emplace_back(std::move(message));
        held.lease_until = held.message.received_at + visibility;
        held.charged_ = held.message.bytes();
        held.reply_ = reply.get();
        held.index_ = held_.size();
        reply->bytes += held.charged_;
        held_.emplace_back(reply, &held);
    }
    bytes_ += reply->bytes;
    return reply->held;
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
    // What was made of it goes at once, the message with the last of its reply.
    bytes_ -= held.charged_ - held.message.bytes();
    held.row.reset();
    held.object.reset();
    held.dead_letter.reset();
    held.gone = true;
    auto& reply = *held.reply_;
    if (--reply.left == 0) bytes_ -= reply.bytes;
    auto index = held.index_;
    if (index + 1 != held_.size()) {
        std::swap(held_[index], held_.back());
        held_[index]->index_ = index;
    }
    held_.pop_back();
}

}  // namespace sqs2pg::pipeline
