// Credentials of the environment, see credentials_environment.h.
#include "aws/credentials_environment.h"

#include "aws/reply_text.h"

namespace sqs2pg::aws {

awaitable<Result<SourceAnswer>> EnvironmentCredentials::fetch() {
    const auto& environment = context_.environment;
    auto key_id = environment("AWS_ACCESS_KEY_ID");
    auto secret = environment("AWS_SECRET_ACCESS_KEY");
    if (!key_id && !secret) co_return SourceAnswer{{}, "AWS_ACCESS_KEY_ID is not set"};
    if (!key_id || !secret) {
        co_return refuse_credentials("partial_credentials",
                                     std::string(key_id ? "AWS_ACCESS_KEY_ID is set but AWS_SECRET_ACCESS_KEY is not"
                                                        : "AWS_SECRET_ACCESS_KEY is set but AWS_ACCESS_KEY_ID is not") +
                                         ": set both, or neither");
    }
    SourceAnswer answer;
    auto& found = answer.credentials.emplace();
    found.access_key_id = *key_id;
    found.secret_access_key = Secret(std::move(*secret));
    found.session_token = Secret(environment("AWS_SESSION_TOKEN").value_or(""));
    found.fixed = true;
    found.source = "environment";
    if (auto expiration = environment("AWS_CREDENTIAL_EXPIRATION")) {
        found.expires_at_ms = parse_iso_time(*expiration);
        if (!found.expires_at_ms) {
            co_return refuse_credentials("expiration",
                                         "AWS_CREDENTIAL_EXPIRATION is no time such as 2026-11-25T10:00:00Z");
        }
        if (*found.expires_at_ms <= context_.clock.wall_ms()) {
            co_return refuse_credentials("expired", "AWS_CREDENTIAL_EXPIRATION says that they ended at " + *expiration +
                                                        ": export new ones and start again");
        }
    }
    co_return answer;
}

}  // namespace sqs2pg::aws
