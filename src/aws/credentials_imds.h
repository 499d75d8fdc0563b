// Credentials of an EC2 instance's role, from its metadata service, version 2 only (a session token first).
// Source: Amazon EC2 User Guide, "Use IMDSv2"; AWS SDKs and Tools Reference Guide, "IMDS credential provider".
#pragma once

#include "aws/credentials_source.h"

namespace sqs2pg::aws {

class ImdsCredentials final : public CredentialsSource {
   public:
    explicit ImdsCredentials(SourceContext context) : context_(std::move(context)) {}
    // No answer within 1 s a request is an ordinary "not here": most machines have no such service. Error: a setting
    // that cannot be; an answer that makes no sense.
    awaitable<Result<SourceAnswer>> fetch() override;

   private:
    SourceContext context_;
};

}  // namespace sqs2pg::aws
