// One place where credentials may be. The chain (credentials_chain.h) asks them in the order of its table.
#pragma once

#include <optional>
#include <string>

#include "aws/credentials.h"

namespace sqs2pg::aws {

// Either credentials, or why there are none here: "AWS_ACCESS_KEY_ID is not set".
struct SourceAnswer {
    std::optional<Credentials> credentials;
    std::string why_not;
};

class CredentialsSource {
   public:
    virtual ~CredentialsSource() = default;
    // An error (kind Credentials) ends the chain: the source is meant to be used, and is broken.
    virtual awaitable<Result<SourceAnswer>> fetch() = 0;
};

}  // namespace sqs2pg::aws
