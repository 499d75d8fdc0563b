// Keeps what a provider answered until it nears its end or the service refuses it. Not thread-safe: one a worker.
#pragma once

#include <memory>
#include <optional>

#include "aws/credentials.h"
#include "base/clock.h"

namespace sqs2pg::aws {

class CredentialsCache final : public CredentialsProvider {
   public:
    // Credentials that expire are fetched again this long before.
    static constexpr std::int64_t kRefreshBeforeMs = 10 * 60 * 1000;

    // `clock` outlives the cache.
    CredentialsCache(std::unique_ptr<CredentialsProvider> provider, const Clock& clock)
        : provider_(std::move(provider)), clock_(clock) {}

    // A failed refresh keeps credentials that are still valid. Failures are not kept.
    awaitable<Result<Credentials>> credentials() override;
    void invalidate() override;

   private:
    std::unique_ptr<CredentialsProvider> provider_;
    const Clock& clock_;
    std::optional<Credentials> kept_;
};

}  // namespace sqs2pg::aws
