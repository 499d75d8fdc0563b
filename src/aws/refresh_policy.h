// When credentials are fetched again, as arithmetic: pure, the time is an argument (wall clock, milliseconds).
//
// From 15 minutes before their end (or from half their life, whichever is later) they are renewed beside the requests;
// in the last 10 minutes a renewal that fails is repeated within seconds instead of minutes. A failure keeps what is
// valid. Nothing turns renewal off: an end that is missing or close only sets how soon it is looked again.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "aws/credentials.h"

namespace sqs2pg::aws {

class RefreshPolicy {
   public:
    static constexpr std::int64_t kSecond = 1000;
    static constexpr std::int64_t kMinute = 60 * kSecond;
    static constexpr std::int64_t kRenewBefore = 15 * kMinute;
    static constexpr std::int64_t kForceBefore = 10 * kMinute;
    static constexpr std::int64_t kFloor = 5 * kSecond;       // between two fetches, however short a life is
    static constexpr std::int64_t kLookAgain = 60 * kMinute;  // where no end is known: files and programs may change
    static constexpr std::int64_t kLastMoment = kSecond;      // before their end they are not handed out any more

    enum class Wish {
        Keep,     // nothing to do
        Renew,    // fetch beside the requests, which go on with what there is
        Fetch,    // there is nothing usable: fetch, and wait for it
        HoldOff,  // there is nothing usable, and the last fetch failed just now: its error is the answer
    };

    Wish wish(std::int64_t now) const {
        bool due = now >= not_before_;
        if (!usable(now)) return due ? Wish::Fetch : Wish::HoldOff;
        return due && now >= renew_at_ ? Wish::Renew : Wish::Keep;
    }

    bool usable(std::int64_t now) const { return has_ && !refused_ && (!ends_at_ || now < *ends_at_ - kLastMoment); }

    void fetched(const Credentials& credentials, std::int64_t now) {
        has_ = true;
        refused_ = false;
        failures_ = 0;
        fetched_at_ = now;
        ends_at_ = credentials.expires_at_ms;
        not_before_ = now + kFloor;
        renew_at_ = now + kLookAgain;
        if (ends_at_) renew_at_ = std::max(*ends_at_ - kRenewBefore, now + (*ends_at_ - now) / 2);
        // What is fixed ends, if at all, without a successor.
        if (credentials.fixed) renew_at_ = ends_at_.value_or(INT64_MAX);
    }

    void failed(std::int64_t now) {
        auto step = [&](std::int64_t first, std::int64_t most) {
            return std::min(most, first << std::min(failures_, 10));
        };
        bool forced = ends_at_ && now >= *ends_at_ - kForceBefore;
        if (!usable(now)) {
            not_before_ = now + step(kSecond, 15 * kSecond);
        } else {
            not_before_ = now + (forced ? step(kFloor, 30 * kSecond) : step(30 * kSecond, 2 * kMinute));
        }
        ++failures_;
    }

    // The service refused them. Right after a fetch that changes nothing: the same would come again.
    void refused(std::int64_t now) {
        if (!has_ || now - fetched_at_ < kFloor) return;
        refused_ = true;
        not_before_ = 0;
    }

    std::optional<std::int64_t> ends_at() const { return ends_at_; }

   private:
    bool has_ = false;
    bool refused_ = false;
    int failures_ = 0;
    std::int64_t fetched_at_ = 0;
    std::int64_t renew_at_ = 0;
    std::int64_t not_before_ = 0;
    std::optional<std::int64_t> ends_at_;
};

}  // namespace sqs2pg::aws
