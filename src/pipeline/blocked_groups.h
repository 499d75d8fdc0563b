// Message groups of a FIFO queue that a bad message blocks (`bad_message: block`), as one process knows them: another
// process may be the one that meets a group next, so what was not seen for a while is forgotten. Thread-safe.
#pragma once

#include <atomic>
#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace sqs2pg::pipeline {

class BlockedGroups {
   public:
    // True when the group was not known as blocked. Groups may be names of people: they are never told to anybody.
    bool block(std::string_view group, Clock::Steady now);
    // True when the group was known as blocked and is not any more.
    bool passed(std::string_view group);
    // Forgets what was not blocked again for five minutes; true when there was something.
    bool forget_old(Clock::Steady now);

    // Cheap enough to be asked for each message.
    std::size_t count() const noexcept { return count_.load(std::memory_order_relaxed); }

   private:
    static constexpr std::size_t kMost = 10'000;  // beyond it groups are blocked all the same, but not counted

    mutable std::mutex mutex_;
    std::map<std::string, Clock::Steady, std::less<>> last_seen_;
    std::atomic<std::size_t> count_{0};
};

}  // namespace sqs2pg::pipeline
