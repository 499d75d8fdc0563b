// Credentials of a container's task or pod: ECS (AWS_CONTAINER_CREDENTIALS_RELATIVE_URI) and EKS Pod Identity
// (AWS_CONTAINER_CREDENTIALS_FULL_URI with a token file). Source: AWS SDKs and Tools Reference Guide, "Container
// credential provider".
#pragma once

#include "aws/credentials_source.h"
#include "net/url.h"

namespace sqs2pg::aws {

class ContainerCredentials final : public CredentialsSource {
   public:
    explicit ContainerCredentials(SourceContext context) : context_(std::move(context)) {}
    // Error: a URI that must not be asked (see may_be_asked), a token file that cannot be read, a refusal, silence
    // (three attempts of 2 s). The token file is read anew at each fetch.
    awaitable<Result<SourceAnswer>> fetch() override;

   private:
    SourceContext context_;
};

// Whether credentials may be fetched there: by https anywhere, by http from this machine and the agents of ECS and EKS
// only; whole hosts are compared.
bool may_be_asked(const net::Url& url);

}  // namespace sqs2pg::aws
