// The set of blocked groups, see blocked_groups.h.
#include "pipeline/blocked_groups.h"

namespace sqs2pg::pipeline {

namespace {

constexpr std::chrono::minutes kForgetAfter{5};

}  // namespace

bool BlockedGroups::block(std::string_view group, Clock::Steady now) {
    const std::lock_guard lock(mutex_);
    if (auto known = last_seen_.find(group); known != last_seen_.end()) {
        known->second = now;
        return false;
    }
    if (last_seen_.size() >= kMost) return false;
    last_seen_.emplace(group, now);
    count_ = last_seen_.size();
    return true;
}

bool BlockedGroups::passed(std::string_view group) {
    const std::lock_guard lock(mutex_);
    auto known = last_seen_.find(group);
    if (known == last_seen_.end()) return false;
    last_seen_.erase(known);
    count_ = last_seen_.size();
    return true;
}

bool BlockedGroups::forget_old(Clock::Steady now) {
    const std::lock_guard lock(mutex_);
    auto forgotten = std::erase_if(last_seen_, [&](const auto& one) { return now - one.second >= kForgetAfter; });
    count_ = last_seen_.size();
    return forgotten > 0;
}

}  // namespace sqs2pg::pipeline
