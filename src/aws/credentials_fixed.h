// Credentials that are at hand, as a provider: those that assume a role, those that `check` asks about.
#pragma once

#include <utility>

#include "aws/credentials.h"

namespace sqs2pg::aws {

class FixedCredentials final : public CredentialsProvider {
   public:
    explicit FixedCredentials(Credentials credentials) : credentials_(std::move(credentials)) {}
    awaitable<Result<Credentials>> credentials() override { co_return credentials_; }
    void invalidate() override {}

   private:
    Credentials credentials_;
};

}  // namespace sqs2pg::aws
