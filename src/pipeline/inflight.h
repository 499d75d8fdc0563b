// Every message that the worker holds, from its receive to its verdict: the one place that counts them (messages and
// bytes), and what the keeper walks over. Pure; not thread-safe.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "pipeline/message.h"

namespace sqs2pg::pipeline {

// What an S3 pointer points at, on its way or here.
struct HeldObject {
    ObjectRef ref;
    std::string body;
    bool arrived = false;
};

struct HeldReply;

// Thousands are held at a time, and what was received is cold when it is written, and again when its delete is
// answered. So what both look at stands first, in three cache lines.
struct alignas(64) Held {
    explicit Held(Received received) : message(std::move(received)) {}

    LedgerKey key;
    std::optional<MaskedRow> row;  // one of row and bad is set
    std::unique_ptr<BadMessage> bad;
    std::unique_ptr<HeldObject> object;       // the message is a pointer
    std::unique_ptr<DeadLetter> dead_letter;  // made from bad when it is first written
    Outcome outcome = Outcome::Abandoned;     // meaningful once settling
    bool lease_lost = false;                  // the queue said that it is no longer ours
    bool give_back = false;                   // came after the worker was told to hold still: released unread
    bool judged = false;                      // the brake has counted it at JudgedAt::Write
    bool seen = false;                        // judged as received, see brake.h
    bool committed = false;                   // written, or known to be: waits for its delete only
    bool gone = false;                        // no longer held: the keeper may still look at it during a call

   private:
    friend class Inflight;
    std::size_t beside_ = 0;  // bytes that count, on top of the message itself
    HeldReply* reply_ = nullptr;

   public:
    Clock::Steady lease_until{};  // the queue hides the message until then
    Clock::Steady asked_at{};     // when its extension was last asked for, while there is no answer
    Received message;
};

// What one reply brought, in one piece of memory.
struct HeldReply {
    std::vector<Held> held;  // never moved
    std::size_t left = 0;
    std::size_t bytes = 0;  // of the messages, whether they are still held or not
    std::size_t index = 0;  // among the replies
};

class Inflight {
   public:
    // The messages of one reply, which the queue hides for `visibility` from their receive on. They share memory: it
    // counts until the last of them is removed.
    std::span<Held> add(std::vector<Received> reply, Clock::Duration visibility);
    // What has been made of a message counts where it is larger than the message: `each` multiplies.
    void charge(Held& held, std::size_t bytes);
    // Counts exactly so much, on top of the message itself: what is expected of an object, then what came.
    void charge_object(Held& held, std::size_t bytes);
    void remove(Held& held);

    std::size_t count() const noexcept { return count_; }
    std::size_t bytes() const noexcept { return bytes_; }

    // Calls `visit(held)` for each message that is held, in no order; it adds and removes none.
    template <class Visit>
    void each(Visit visit) const;
    // One that is held, kept for whoever looks at it after it is gone.
    std::shared_ptr<Held> kept(Held& held) const { return {replies_[held.reply_->index], &held}; }

   private:
    std::vector<std::shared_ptr<HeldReply>> replies_;
    std::size_t count_ = 0;
    std::size_t bytes_ = 0;
};

template <class Visit>
void Inflight::each(Visit visit) const {
    for (const auto& reply : replies_) {
        for (auto& held : reply->held) {
            if (!held.gone) visit(held);
        }
    }
}

}  // namespace sqs2pg::pipeline
