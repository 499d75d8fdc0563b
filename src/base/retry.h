// The AWS SDKs' "standard" retry mode as pure arithmetic: backoff with full jitter and a token bucket a client.
// Source: AWS SDKs and Tools Reference Guide, "Retry behavior" (standard mode).
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>

namespace sqs2pg {

// How long to wait before attempt `attempt + 1` (attempt counts from 1): random(0,1) x min(base x 2^(attempt-1), cap).
struct Backoff {
    std::chrono::milliseconds base{1000};
    std::chrono::milliseconds cap{20000};

    std::chrono::milliseconds upper_bound(int attempt) const {
        auto exponent = std::clamp(attempt - 1, 0, 30);
        auto bound = base.count() * (std::int64_t{1} << exponent);
        return std::chrono::milliseconds(std::min<std::int64_t>(bound, cap.count()));
    }

    template <class Rng>
    std::chrono::milliseconds delay(int attempt, Rng& rng) const {
        std::uniform_real_distribution<double> unit(0.0, 1.0);
        return std::chrono::milliseconds(
            static_cast<std::int64_t>(unit(rng) * static_cast<double>(upper_bound(attempt).count())));
    }
};

// 500 tokens; a retry costs 5, one after a timeout 10; a success after a retry gives its cost back, a first-try
// success 1.
class RetryTokens {
   public:
    static constexpr int kCapacity = 500;
    static constexpr int kRetryCost = 5;
    static constexpr int kTimeoutCost = 10;

    // Takes `cost` tokens; false (and nothing taken) when the bucket has too few: then do not retry.
    bool take(int cost) noexcept {
        if (tokens_ < cost) return false;
        tokens_ -= cost;
        return true;
    }
    void give_back(int cost) noexcept { tokens_ = std::min(kCapacity, tokens_ + cost); }
    int available() const noexcept { return tokens_; }

   private:
    int tokens_ = kCapacity;
};

}  // namespace sqs2pg
