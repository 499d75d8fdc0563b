// Batch: what waited becomes the next transaction. Sorted by ledger key (opposite orders deadlock), and a key that
// stands twice is one entry with twins (the same message, received again while we held it). Pure.
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

class Batch {
   public:
    Batch() = default;
    // Takes the messages over; sorts them.
    explicit Batch(std::vector<Held*> held);

    bool empty() const noexcept { return held_.empty(); }
    std::size_t messages() const noexcept { return held_.size(); }
    std::size_t keys() const noexcept { return starts_.size(); }
    Twins twins(std::size_t key) const;
    Held& first(std::size_t key) const { return *held_[starts_[key]]; }
    std::span<Held* const> all() const noexcept { return held_; }

    // The keys in [from, to) as a batch of their own.
    Batch part(std::size_t from, std::size_t to) const;
    // All but one.
    Batch without(std::size_t key) const;

   private:
    std::vector<Held*> held_;
    std::vector<std::size_t> starts_;
};

// Moves the oldest messages out of `gathered`: as many as make `max_rows` rows, and at least one.
std::vector<Held*> take_oldest(std::deque<Held*>& gathered, std::size_t max_rows);

}  // namespace sqs2pg::pipeline
