// The Security Token Service: temporary credentials of a role, and whose credentials these are.
// Source: AWS STS API Reference (2011-06-15): AssumeRole, AssumeRoleWithWebIdentity, GetCallerIdentity.
#pragma once

#include <chrono>
#include <string>

#include "aws/credentials.h"
#include "aws/credentials_source.h"

namespace sqs2pg::aws {

struct RoleCall {
    std::string role_arn{};
    std::string session_name{};      // empty: "sqs2pg"
    std::string external_id{};       // AssumeRole only; empty: none
    std::string duration_seconds{};  // 900 to 43200 as digits; empty: AWS's hour
    std::string region{};            // of STS; empty: as everywhere
};

// Of the role, signed by `base`. All errors name the role; what the service refuses is of kind Credentials and says
// what has to allow it. The region's own STS; without a region the global one. At most about 18 s.
awaitable<Result<Credentials>> assume_role(SourceContext context, RoleCall call, Credentials base);

// The same with an OpenID Connect token out of a file, which is read anew at each call. Unsigned.
awaitable<Result<Credentials>> assume_role_with_web_identity(SourceContext context, RoleCall call,
                                                             std::string token_file);

// Whose they are: "arn:aws:sts::123456789012:assumed-role/consumer/sqs2pg". One attempt within `deadline`.
awaitable<Result<std::string>> caller_identity(SourceContext context, Credentials credentials,
                                               std::chrono::milliseconds deadline);

}  // namespace sqs2pg::aws
