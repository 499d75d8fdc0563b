// The lists of waiting receives.
#include "devqueue/long_poll.h"

#include <algorithm>

namespace sqs2pg::devqueue {
namespace {

void wake_first(std::deque<Waiter*>& room) {
    auto* waiter = room.front();
    room.pop_front();
    waiter->listed = false;
    waiter->timer.cancel();
}

}  // namespace

void WaitingRoom::enter(const std::string& queue, Waiter& waiter) {
    rooms_[queue].push_back(&waiter);
    waiter.listed = true;
}

void WaitingRoom::leave(const std::string& queue, Waiter& waiter) {
    if (!waiter.listed) return;
    waiter.listed = false;
    auto room = rooms_.find(queue);
    std::erase(room->second, &waiter);
    if (room->second.empty()) rooms_.erase(room);
}

void WaitingRoom::wake(Account& account) {
    for (auto room = rooms_.begin(); room != rooms_.end();) {
        auto queue = account.find(room->first);
        if (!queue) {
            while (!room->second.empty()) wake_first(room->second);
        } else if ((*queue)->has_deliverable()) {
            wake_first(room->second);
        }
        room = room->second.empty() ? rooms_.erase(room) : std::next(room);
    }
}

std::size_t WaitingRoom::size() const noexcept {
    std::size_t waiters = 0;
    for (const auto& [queue, room] : rooms_) waiters += room.size();
    return waiters;
}

void WaitingRoom::wake_all() {
    for (auto& [queue, room] : rooms_) {
        while (!room.empty()) wake_first(room);
    }
    rooms_.clear();
}

}  // namespace sqs2pg::devqueue
