// Who asks and what was answered, see cache.h.
#include "secrets/cache.h"

#include <algorithm>
#include <utility>

namespace sqs2pg::secrets {
namespace {

constexpr std::size_t kMostSecrets = 64;
constexpr std::chrono::seconds kTellFailure{2};

}  // namespace

Cache::Claim::Claim(Claim&& other) noexcept
    : cache_(std::exchange(other.cache_, nullptr)), key_(std::move(other.key_)), asked_at_(other.asked_at_) {}

Cache::Claim::~Claim() {
    if (cache_ != nullptr) cache_->release(key_);
}

Result<HeldPtr> Cache::Claim::keep(Result<Fetched> fetched, Clock::Steady now) {
    auto* cache = std::exchange(cache_, nullptr);
    const std::lock_guard lock(cache->mutex_);
    auto& entry = cache->entries_[key_];
    entry.claimed = false;
    if (!fetched) {
        entry.failed = fetched.error();
        entry.failed_at = now;
        return fail(std::move(fetched.error()));
    }
    entry.failed.reset();
    entry.held = std::make_shared<const Held>(std::move(*fetched), asked_at_);
    return entry.held;
}

Cache::Look Cache::look(const std::string& key, Clock::Steady not_before, Clock::Steady now) {
    const std::lock_guard lock(mutex_);
    if (!entries_.contains(key) && entries_.size() >= kMostSecrets) {
        const auto unused = std::ranges::find_if(entries_, [](const auto& entry) { return !entry.second.claimed; });
        if (unused != entries_.end()) entries_.erase(unused);
    }
    auto& entry = entries_[key];
    Look look;
    if (entry.held && entry.held->asked_at >= not_before) {
        look.held = entry.held;
    } else if (entry.failed && now - entry.failed_at < kTellFailure) {
        look.failed = entry.failed;
    } else if (!std::exchange(entry.claimed, true)) {
        look.claim.emplace(*this, key, now);
    }
    return look;
}

HeldPtr Cache::newest(const std::string& key) const {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(key);
    return found == entries_.end() ? nullptr : found->second.held;
}

void Cache::release(const std::string& key) {
    const std::lock_guard lock(mutex_);
    if (const auto found = entries_.find(key); found != entries_.end()) found->second.claimed = false;
}

Cache& Cache::process() {
    static Cache cache;
    return cache;
}

}  // namespace sqs2pg::secrets
