// Sorting and splitting of batches, see batch.h.
#include "pipeline/batch.h"

#include <algorithm>

namespace sqs2pg::pipeline {

Batch::Batch(std::vector<Held*> held) : held_(std::move(held)) {
    std::sort(held_.begin(), held_.end(), [](const Held* a, const Held* b) {
        if (auto order = a->key <=> b->key; order != 0) return order < 0;
        return a->message.receipt_handle < b->message.receipt_handle;  // twins: any order, but always the same
    });
    for (std::size_t i = 0; i < held_.size(); ++i) {
        if (i == 0 || held_[i]->key != held_[i - 1]->key) starts_.push_back(i);
    }
}

Twins Batch::twins(std::size_t key) const {
    auto from = starts_[key];
    auto to = key + 1 < starts_.size() ? starts_[key + 1] : held_.size();
    return Twins(held_).subspan(from, to - from);
}

Batch Batch::part(std::size_t from, std::size_t to) const {
    std::vector<Held*> held;
    for (auto key = from; key < to; ++key) {
        for (auto* one : twins(key)) held.push_back(one);
    }
    return Batch(std::move(held));
}

Batch Batch::without(std::size_t key) const {
    std::vector<Held*> held;
    for (std::size_t other = 0; other < keys(); ++other) {
        if (other == key) continue;
        for (auto* one : twins(other)) held.push_back(one);
    }
    return Batch(std::move(held));
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
