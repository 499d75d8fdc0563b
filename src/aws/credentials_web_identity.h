// Credentials of a role for an OpenID Connect token: IAM roles for service accounts (EKS), and whoever else sets
// AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN. The file is read anew at each fetch, since it is renewed from outside.
#pragma once

#include "aws/credentials_source.h"

namespace sqs2pg::aws {

class WebIdentityCredentials final : public CredentialsSource {
   public:
    explicit WebIdentityCredentials(SourceContext context) : context_(std::move(context)) {}
    // Error: one of the two variables is set without the other; the file or STS do not play along.
    awaitable<Result<SourceAnswer>> fetch() override;

   private:
    SourceContext context_;
};

}  // namespace sqs2pg::aws
