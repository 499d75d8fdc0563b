// The AWS SDKs' "standard" retry mode as pure arithmetic: what an attempt that failed costs, and how long to wait
// before the next. Source: AWS SDKs and Tools Reference Guide, "Retry behavior", in the form that AWS_NEW_RETRIES_2026
// announced and that is the SDKs' default since November 2026.
#pragma once

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <string_view>

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

// 500 tokens a client. A retry takes 14, or 5 where the service itself asked for patience; a success gives back what
// its last retry took, or 1 when it needed none. So an outage ends retries, and throttling does so later.
class RetryTokens {
   public:
    static constexpr int kCapacity = 500;
    static constexpr int kRetryCost = 14;
    static constexpr int kThrottledCost = 5;

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

// What of a failed attempt matters to the next one.
struct AttemptFailure {
    bool throttled = false;
    std::optional<std::chrono::milliseconds> retry_after{};  // the reply's x-amz-retry-after
};

// The header's value: milliseconds, decimal digits. Anything else counts as absent.
inline std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view text) {
    std::int64_t value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || text.empty() || value < 0) return std::nullopt;
    return std::chrono::milliseconds(value);
}

// The attempts of one call.
class StandardRetry {
   public:
    static constexpr Backoff kTransient{std::chrono::milliseconds(50), std::chrono::milliseconds(20000)};
    static constexpr Backoff kThrottled{std::chrono::milliseconds(1000), std::chrono::milliseconds(20000)};
    static constexpr std::chrono::milliseconds kMostBeyondBackoff{5000};  // of a retry_after

    // `tokens` outlives the call.
    StandardRetry(RetryTokens& tokens, int max_attempts) : tokens_(tokens), max_attempts_(max_attempts) {}

    struct Verdict {
        bool again = false;
        std::chrono::milliseconds pause{0};  // before the next attempt
        // The attempts were not used up: the tokens were. A long poll then waits all the same, lest its loop spins.
        bool out_of_tokens = false;
    };

    template <class Rng>
    Verdict failed(const AttemptFailure& failure, Rng& rng) {
        Verdict verdict;
        if (attempt_ >= max_attempts_) return verdict;
        const auto& backoff = failure.throttled ? kThrottled : kTransient;
        verdict.pause = backoff.delay(attempt_, rng);
        if (failure.retry_after) {
            verdict.pause = std::clamp(*failure.retry_after, verdict.pause, verdict.pause + kMostBeyondBackoff);
        }
        const int cost = failure.throttled ? RetryTokens::kThrottledCost : RetryTokens::kRetryCost;
        verdict.again = tokens_.take(cost);
        verdict.out_of_tokens = !verdict.again;
        if (verdict.again) {
            paid_ = cost;
            ++attempt_;
        }
        return verdict;
    }

    void succeeded() noexcept { tokens_.give_back(paid_ > 0 ? paid_ : 1); }

    int attempt() const noexcept { return attempt_; }  // the one under way, from 1
    int max_attempts() const noexcept { return max_attempts_; }

   private:
    RetryTokens& tokens_;
    int max_attempts_;
    int attempt_ = 1;
    int paid_ = 0;  // by the last retry
};

}  // namespace sqs2pg
