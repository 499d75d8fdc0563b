// Reads secrets on one event loop: from the process's cache, or from AWS with a client that lives for one request (they
// are rare, and an idle connection would keep a loop alive).
#pragma once

#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "aws/credentials.h"
#include "aws/endpoint_inputs.h"
#include "aws/environment.h"
#include "base/clock.h"
#include "secrets/cache.h"

namespace sqs2pg::secrets {

struct ReaderOptions {
    aws::ConfiguredAws configured;
    aws::Environment environment;
    std::string identity;  // tells whose credentials these are from others, in the cache
    int max_attempts = 3;
};

// Not thread-safe: one an event loop, as its credentials are. Cache and clock outlive it.
class Reader {
   public:
    Reader(ReaderOptions options, std::unique_ptr<aws::CredentialsProvider> credentials, Cache& cache, Clock& clock);

    // The secret as AWS had it at `not_before` or later. Lasts as long as fetch() does, at most twice where another
    // asker gave up. The same `executor` in every call. Errors: as fetch().
    awaitable<Result<HeldPtr>> read(boost::asio::any_io_executor executor, Reference reference,
                                    Clock::Steady not_before);
    // The last answer that anybody in this process had, however old; null: none.
    HeldPtr newest(const Reference& reference) const;

    awaitable<Result<std::string>> rotation(boost::asio::any_io_executor executor, Reference reference);

    Clock& clock() const noexcept { return clock_; }

   private:
    std::string key_of(const Reference& reference) const;

    ReaderOptions options_;
    std::unique_ptr<aws::CredentialsProvider> credentials_;
    Cache& cache_;
    Clock& clock_;
};

}  // namespace sqs2pg::secrets
