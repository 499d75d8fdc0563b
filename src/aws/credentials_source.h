// One place where credentials may be. The chain (credentials_chain.h) asks them in the order of its table.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "aws/credentials.h"
#include "aws/endpoint_inputs.h"
#include "aws/environment.h"
#include "base/clock.h"
#include "net/http_client.h"

namespace sqs2pg::aws {

// Either credentials, or why there are none here: "AWS_ACCESS_KEY_ID is not set".
struct SourceAnswer {
    std::optional<Credentials> credentials;
    std::string why_not;
};

// What sources reach the world through. Borrowed: http and clock outlive whoever holds it.
struct SourceContext {
    net::HttpClient& http;
    Clock& clock;
    Environment environment{};
    ConfiguredAws configured{};
    std::chrono::milliseconds command_deadline{60000};      // of a credential_process
    std::string container_origin{"http://169.254.170.2"};   // of a relative URI
    std::string metadata_origin{"http://169.254.169.254"};  // of EC2, unless the environment names another
    std::string metadata_origin_ipv6{"http://[fd00:ec2::254]"};
};

inline tl::unexpected<Error> refuse_credentials(std::string code, std::string detail) {
    return fail(ErrorKind::Credentials, Stage::Start, std::move(code), std::move(detail));
}

class CredentialsSource {
   public:
    virtual ~CredentialsSource() = default;
    // An error ends the chain: the source is meant to be used, and is broken (kind Credentials), or does not answer
    // (Retry).
    virtual awaitable<Result<SourceAnswer>> fetch() = 0;
};

}  // namespace sqs2pg::aws
