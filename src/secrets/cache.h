// What was fetched, for a process: however many workers and pipelines need one secret, one of them asks for it, and the
// others take what it brought. Pure but for a mutex that is never held over a wait.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "secrets/fetch.h"

namespace sqs2pg::secrets {

// One answer of AWS; the same object is the same answer.
struct Held {
    Fetched fetched;
    Clock::Steady asked_at;  // when the request began: the secret was so then, or later
};
using HeldPtr = std::shared_ptr<const Held>;

// Safe to use from any thread. Holds at most 64 secrets; one that is pushed out is asked for again.
class Cache {
   public:
    // The right to ask for one secret. Given back by keep(), or when it goes out of being.
    class Claim {
       public:
        Claim(Cache& cache, std::string key, Clock::Steady now)
            : cache_(&cache), key_(std::move(key)), asked_at_(now) {}
        Claim(Claim&& other) noexcept;
        Claim& operator=(Claim&&) = delete;
        ~Claim();
        // An error is told to everybody who asks within two seconds: hosts that are tried one after the other do not
        // wait for the same absent service each.
        Result<HeldPtr> keep(Result<Fetched> fetched, Clock::Steady now);

       private:
        Cache* cache_;
        std::string key_;
        Clock::Steady asked_at_;
    };

    // One of three, or none: somebody else asks, look again soon.
    struct Look {
        HeldPtr held;
        std::optional<Error> failed;
        std::optional<Claim> claim;
    };

    // What was asked for at `not_before` or later.
    Look look(const std::string& key, Clock::Steady not_before, Clock::Steady now);
    // The last answer, however old; null: none.
    HeldPtr newest(const std::string& key) const;

    static Cache& process();

   private:
    struct Entry {
        HeldPtr held;
        std::optional<Error> failed;
        Clock::Steady failed_at;
        bool claimed = false;
    };
    void release(const std::string& key);

    mutable std::mutex mutex_;
    std::map<std::string, Entry> entries_;
};

}  // namespace sqs2pg::secrets
