// Cached credentials, see credentials_cache.h.
#include "aws/credentials_cache.h"

namespace sqs2pg::aws {

awaitable<Result<Credentials>> CredentialsCache::credentials() {
    auto now = clock_.wall_ms();
    if (kept_ && (!kept_->expires_at_ms || *kept_->expires_at_ms - kRefreshBeforeMs > now)) co_return *kept_;
    auto fetched = co_await provider_->credentials();
    if (fetched) {
        kept_ = *fetched;
        co_return fetched;
    }
    if (kept_ && kept_->expires_at_ms && *kept_->expires_at_ms > now) co_return *kept_;
    co_return fetched;
}

void CredentialsCache::invalidate() {
    kept_.reset();
    provider_->invalidate();
}

}  // namespace sqs2pg::aws
