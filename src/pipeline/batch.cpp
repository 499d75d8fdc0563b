// Sorting and splitting of batches, see batch.h.
#include "pipeline/batch.h"

#include <algorithm>

namespace sqs2pg::pipeline {

namespace {

// Twins to their first, everything else as it stands.
void join_twins(std::vector<Held*>& held) {
    struct Placed {
        Held* held;
        std::size_t place;
        std::size_t received;
    };
    std::vector<Placed> placed;
    placed.reserve(held.size());
    for (auto* one : held) placed.push_back({one, placed.size(), placed.size()});
    std::ranges::sort(placed, [](const Placed& a, const Placed& b) {
        if (auto by_key = a.held->key <=> b.held->key; by_key != 0) return by_key < 0;
        return a.received < b.received;
    });
    bool twins = false;
    for (std::size_t i = 1; i < placed.size(); ++i) {
        if (placed[i].held->key != placed[i - 1].held->key) continue;
        placed[i].place = placed[i - 1].place;
        twins = true;
    }
    if (!twins) return;
    std::ranges::sort(placed, {}, [](const Placed& one) { return std::pair(one.place, one.received); });
    std::ranges::transform(placed, held.begin(), &Placed::held);
}

}  // namespace

Batch::Batch(std::vector<Held*> held, Order order) : held_(std::move(held)) {
    if (order == Order::AsReceived) {
        join_twins(held_);
    } else {
        std::sort(held_.begin(), held_.end(), [](const Held* a, const Held* b) {
            if (auto by_key = a->key <=> b->key; by_key != 0) return by_key < 0;
            return a->message.receipt_handle < b->message.receipt_handle;  // twins: any order, but always the same
        });
    }
    for (std::size_t i = 0; i < held_.size(); ++i) {
        if (i == 0 || held_[i]->key != held_[i - 1]->key) starts_.push_back(i);
    }
}

Twins Batch::twins(std::size_t key) const {
    auto from = starts_[key];
    auto to = key + 1 < starts_.size() ? starts_[key + 1] : held_.size();
    return Twins(held_).subspan(from, to - from);
}

void Batch::append(Twins twins) {
    starts_.push_back(held_.size());
    held_.insert(held_.end(), twins.begin(), twins.end());
}

Batch Batch::part(std::size_t from, std::size_t to) const {
    Batch part;
    for (auto key = from; key < to; ++key) part.append(twins(key));
    return part;
}

Batch Batch::without(std::size_t key) const {
    Batch rest;
    for (std::size_t other = 0; other < keys(); ++other) {
        if (other != key) rest.append(twins(other));
    }
    return rest;
}

std::vector<Held*> take_oldest(std::deque<Held*>& gathered, std::size_t max_rows) {
    std::size_t rows = 0;
    auto end = std::ranges::find_if(gathered, [&](const Held* held) {
        // A message of no row has a ledger entry, and a dead letter is a row of its own table.
        rows += held->row ? std::max(held->row->rows(), 1u) : 1u;
        return rows > max_rows;
    });
    if (end == gathered.begin() && !gathered.empty()) ++end;
    std::vector<Held*> taken(gathered.begin(), end);
    gathered.erase(gathered.begin(), end);
    return taken;
}

}  // namespace sqs2pg::pipeline
