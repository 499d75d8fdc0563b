// Credentials of a profile, see credentials_profile.h.
#include "aws/credentials_profile.h"

#include "aws/shared_config.h"

namespace sqs2pg::aws {

awaitable<Result<SourceAnswer>> ProfileCredentials::fetch() {
    auto profile = load_profile(environment_, profile_);
    auto label = "profile \"" + profile.name + "\"";
    auto refuse = [&](const char* code, std::string detail) {
        return fail(ErrorKind::Credentials, Stage::Start, code, std::move(detail));
    };
    if (!profile.found) {
        auto text = "there is no " + label + " in " + profile.looked_in;
        if (profile.named) co_return refuse("no_profile", text);
        co_return SourceAnswer{{}, text};
    }
    auto key_id = profile.setting("aws_access_key_id");
    auto secret = profile.setting("aws_secret_access_key");
    if (key_id && secret) {
        SourceAnswer answer;
        auto& found = answer.credentials.emplace();
        found.access_key_id = *key_id;
        found.secret_access_key = Secret(std::move(*secret));
        found.session_token = Secret(profile.setting("aws_session_token").value_or(""));
        found.source = label + " in " + profile.looked_in;
        co_return answer;
    }
    if (key_id || secret) {
        co_return refuse("partial_credentials", label +
                                                    " has one of aws_access_key_id and aws_secret_access_key but "
                                                    "not the other");
    }
    std::string text = label + " in " + profile.looked_in + " has no aws_access_key_id";
    for (const auto* other :
         {"role_arn", "credential_process", "sso_session", "sso_start_url", "web_identity_token_file"}) {
        if (profile.setting(other)) text += "; its " + std::string(other) + " is not supported, only static keys are";
    }
    if (profile.named) co_return refuse("no_credentials", text);
    co_return SourceAnswer{{}, text};
}

}  // namespace sqs2pg::aws
