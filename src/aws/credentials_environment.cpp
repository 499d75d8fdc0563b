// Credentials from the environment, see credentials_environment.h.
#include "aws/credentials_environment.h"

namespace sqs2pg::aws {

awaitable<Result<SourceAnswer>> EnvironmentCredentials::fetch() {
    auto key_id = environment_("AWS_ACCESS_KEY_ID");
    auto secret = environment_("AWS_SECRET_ACCESS_KEY");
    if (!key_id && !secret) co_return SourceAnswer{{}, "AWS_ACCESS_KEY_ID is not set"};
    if (!key_id || !secret) {
        co_return fail(ErrorKind::Credentials, Stage::Start, "partial_credentials",
                       std::string(key_id ? "AWS_ACCESS_KEY_ID is set but AWS_SECRET_ACCESS_KEY is not"
                                          : "AWS_SECRET_ACCESS_KEY is set but AWS_ACCESS_KEY_ID is not") +
                           ": set both, or neither");
    }
    SourceAnswer answer;
    auto& found = answer.credentials.emplace();
    found.access_key_id = *key_id;
    found.secret_access_key = Secret(std::move(*secret));
    found.session_token = Secret(environment_("AWS_SESSION_TOKEN").value_or(""));
    found.source = "environment";
    co_return answer;
}

}  // namespace sqs2pg::aws
