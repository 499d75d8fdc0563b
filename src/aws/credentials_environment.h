// Credentials from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.
#pragma once

#include "aws/credentials_source.h"
#include "aws/environment.h"

namespace sqs2pg::aws {

class EnvironmentCredentials final : public CredentialsSource {
   public:
    explicit EnvironmentCredentials(Environment environment) : environment_(std::move(environment)) {}
    // Error: one of the two keys is set without the other.
    awaitable<Result<SourceAnswer>> fetch() override;

   private:
    Environment environment_;
};

}  // namespace sqs2pg::aws
