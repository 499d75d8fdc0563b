// Batch: what waited becomes the next transaction. A key that stands twice is one entry with twins (the same message,
// received again while we held it). On a standard queue sorted by ledger key, on a FIFO queue in the order in which the
// messages came, which is that of their groups. Pure.
#pragma once

#include <cstddef>
#include <deque>
#include <span>
#include <vector>

#include "pipeline/inflight.h"
#include "pipeline/ports.h"

namespace sqs2pg::pipeline {

// One ledger key: the message that is written, then its twins.
using Twins = std::span<Held* const>;

enum class Order : std::uint8_t { ById, AsReceived };

class Batch {
   public:
    Batch() = default;
    // Takes the messages over. AsReceived: a key stands where its first message stood.
    explicit Batch(std::vector<Held*> held, Order order = Order::ById);

    bool empty() const noexcept { return held_.empty(); }
    std::size_t messages() const noexcept { return held_.size(); }
    std::size_t keys() const noexcept { return starts_.size(); }
    Twins twins(std::size_t key) const;
    Held& first(std::size_t key) const { return *held_[starts_[key]]; }
    std::span<Held* const> all() const noexcept { return held_; }

    // The keys in [from, to) as a batch of their own, in the same order.
    Batch part(std::size_t from, std::size_t to) const;
    // All but one.
    Batch without(std::size_t key) const;

    // Splits in two: keys for which `leaves` is true stand in the result, the others stay.
    template <class Leaves>
    std::vector<Held*> take_out(Leaves leaves);

   private:
    void append(Twins twins);

    std::vector<Held*> held_;
    std::vector<std::size_t> starts_;
};

template <class Leaves>
std::vector<Held*> Batch::take_out(Leaves leaves) {
    std::vector<Held*> out;
    Batch kept;
    for (std::size_t key = 0; key < keys(); ++key) {
        auto these = twins(key);
        if (leaves(these)) {
            out.insert(out.end(), these.begin(), these.end());
        } else {
            kept.append(these);
        }
    }
    if (!out.empty()) *this = std::move(kept);
    return out;
}

// Moves the oldest messages out of `gathered`: as many as make `max_rows` rows, and at least one.
std::vector<Held*> take_oldest(std::deque<Held*>& gathered, std::size_t max_rows);

}  // namespace sqs2pg::pipeline
