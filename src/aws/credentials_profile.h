// Credentials of a profile in ~/.aws/credentials and ~/.aws/config: static keys, a role on top of another profile or
// source, IAM Identity Center, a program. The files are read again at each fetch, so that rotated keys are found.
// Source: AWS SDKs and Tools Reference Guide, "Assume role credential provider" and the pages beside it.
#pragma once

#include "aws/credentials_source.h"

namespace sqs2pg::aws {

class ProfileCredentials final : public CredentialsSource {
   public:
    explicit ProfileCredentials(SourceContext context) : context_(std::move(context)) {}
    // The profile of the configuration; else AWS_PROFILE, else "default". Error: a profile asked for by name is absent;
    // one that is half-configured or goes in a circle; what its own source answers.
    awaitable<Result<SourceAnswer>> fetch() override;

   private:
    SourceContext context_;
};

}  // namespace sqs2pg::aws
