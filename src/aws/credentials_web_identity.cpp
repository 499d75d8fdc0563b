// Credentials of a web identity, see credentials_web_identity.h.
#include "aws/credentials_web_identity.h"

#include "aws/credentials_sts.h"

namespace sqs2pg::aws {

awaitable<Result<SourceAnswer>> WebIdentityCredentials::fetch() {
    auto file = context_.environment("AWS_WEB_IDENTITY_TOKEN_FILE");
    auto role = context_.environment("AWS_ROLE_ARN");
    if (!file) co_return SourceAnswer{{}, "AWS_WEB_IDENTITY_TOKEN_FILE is not set"};
    if (!role) {
        co_return refuse_credentials("partial_credentials",
                                     "AWS_WEB_IDENTITY_TOKEN_FILE is set but AWS_ROLE_ARN is not: annotate the service "
                                     "account with the role, or unset it");
    }
    RoleCall call{.role_arn = *role, .session_name = context_.environment("AWS_ROLE_SESSION_NAME").value_or("")};
    auto found = co_await assume_role_with_web_identity(context_, std::move(call), *file);
    if (!found) co_return fail(std::move(found.error()));
    co_return SourceAnswer{std::move(*found), {}};
}

}  // namespace sqs2pg::aws
