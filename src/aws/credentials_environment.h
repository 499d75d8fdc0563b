// Credentials from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.
#pragma once

#include "aws/credentials_source.h"

namespace sqs2pg::aws {

class EnvironmentCredentials final : public CredentialsSource {
   public:
    explicit EnvironmentCredentials(SourceContext context) : context_(std::move(context)) {}
    // Error: one of the two keys is set without the other, or AWS_CREDENTIAL_EXPIRATION has passed.
    awaitable<Result<SourceAnswer>> fetch() override;

   private:
    SourceContext context_;
};

}  // namespace sqs2pg::aws
