// Messages whose body is still to be fetched, in the order of their receipt; on a FIFO queue also what stands behind
// one in its group. Part of the line of work that write.h speaks of: it ends where `gathered` begins. Pure.
#pragma once

#include <cstdint>
#include <deque>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/inflight.h"

namespace sqs2pg::pipeline {

class FetchLine {
   public:
    struct Entry {
        std::uint64_t ticket = 0;  // names the entry to its fetch, which may come back when it is gone
        Held* held = nullptr;
        std::size_t bytes = 0;  // to be reserved for the object
        bool started = false;
        bool ready = false;  // nothing is to be fetched, or it has come
    };

    void add(Held& held, std::size_t bytes, bool ready);
    // Until the next change. nullptr: it is no longer here.
    Entry* find(std::uint64_t ticket);
    // The first whose fetch is still to begin.
    Entry* next();

    bool holds_up(std::string_view group) const;
    std::size_t size() const noexcept { return entries_.size(); }
    // Those that may go on, in their order: ready ones, on a FIFO queue with nothing of their group before them.
    std::vector<Held*> take_ready(bool fifo);
    // This one, then on a FIFO queue what is behind it in its group.
    std::vector<Held*> take_with_followers(std::uint64_t ticket, bool fifo);
    std::vector<Held*> take_groups(const std::set<SharedText>& groups);
    std::vector<Held*> take_all();

   private:
    template <class Leaves>
    std::vector<Held*> take_if(Leaves leaves);

    std::deque<Entry> entries_;
    std::uint64_t last_ticket_ = 0;
};

}  // namespace sqs2pg::pipeline
