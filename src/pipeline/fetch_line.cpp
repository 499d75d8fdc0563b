// See fetch_line.h.
#include "pipeline/fetch_line.h"

#include <algorithm>

namespace sqs2pg::pipeline {

void FetchLine::add(Held& held, std::size_t bytes, bool ready) {
    entries_.push_back({++last_ticket_, &held, bytes, false, ready});
}

FetchLine::Entry* FetchLine::find(std::uint64_t ticket) {
    auto found = std::ranges::find(entries_, ticket, &Entry::ticket);
    return found == entries_.end() ? nullptr : &*found;
}

FetchLine::Entry* FetchLine::next() {
    auto found = std::ranges::find_if(entries_, [](const Entry& entry) { return !entry.started && !entry.ready; });
    return found == entries_.end() ? nullptr : &*found;
}

bool FetchLine::holds_up(std::string_view group) const {
    return std::ranges::any_of(entries_, [&](const Entry& entry) { return entry.held->message.group_id == group; });
}

template <class Leaves>
std::vector<Held*> FetchLine::take_if(Leaves leaves) {
    std::vector<Held*> taken;
    std::deque<Entry> kept;
    for (const auto& entry : entries_) {
        if (leaves(entry)) {
            taken.push_back(entry.held);
        } else {
            kept.push_back(entry);
        }
    }
    entries_.swap(kept);
    return taken;
}

std::vector<Held*> FetchLine::take_ready(bool fifo) {
    std::set<std::string_view> waiting;
    return take_if([&](const Entry& entry) {
        const auto& group = entry.held->message.group_id;
        if (entry.ready && !waiting.contains(group)) return true;
        if (fifo) waiting.insert(group);
        return false;
    });
}

std::vector<Held*> FetchLine::take_with_followers(std::uint64_t ticket, bool fifo) {
    const Entry* first = find(ticket);
    if (first == nullptr) return {};
    const SharedText group = first->held->message.group_id;
    return take_if([&](const Entry& entry) {
        const bool follows = fifo && entry.ticket > ticket && entry.held->message.group_id == group;
        return entry.ticket == ticket || follows;
    });
}

std::vector<Held*> FetchLine::take_groups(const std::set<SharedText>& groups) {
    return take_if([&](const Entry& entry) { return groups.contains(entry.held->message.group_id); });
}

std::vector<Held*> FetchLine::take_all() {
    return take_if([](const Entry&) { return true; });
}

}  // namespace sqs2pg::pipeline
