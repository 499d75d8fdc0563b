// AWS credentials as a value, and where they come from as an interface. The chain's order stands in
// credentials_chain.h.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/secret.h"

namespace sqs2pg::aws {

struct Credentials {
    std::string access_key_id;
    Secret secret_access_key;
    Secret session_token;                       // empty: none
    std::optional<std::int64_t> expires_at_ms;  // wall clock; absent: static keys
    bool fixed = false;                         // cannot change while the process runs: fetching again brings the same
    std::string source;  // "environment", "profile \"dev\" in ~/.aws/credentials" … for check and logs
};

class CredentialsProvider {
   public:
    virtual ~CredentialsProvider() = default;
    // Valid credentials, cached ones when they are. Kind Credentials: what was tried, in which order, what each
    // answered.
    virtual awaitable<Result<Credentials>> credentials() = 0;
    // What credentials() would answer at once, without a coroutine and a copy; nullptr: ask that.
    virtual std::shared_ptr<const Credentials> at_hand() { return nullptr; }
    // The service refused what credentials() returned (ExpiredToken, InvalidClientTokenId): fetch anew next time.
    virtual void invalidate() = 0;
};

}  // namespace sqs2pg::aws
