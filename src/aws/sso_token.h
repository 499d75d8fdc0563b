// The token that `aws sso login` leaves in ~/.aws/sso/cache, and its renewal. Source: AWS SDKs and Tools Reference
// Guide, "IAM Identity Center credential provider"; the file's form is that of the AWS CLI.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "aws/credentials_source.h"
#include "base/secret.h"

namespace sqs2pg::aws {

// Where a profile signs in.
struct SsoPlace {
    std::string session;  // of an [sso-session] section; empty: the profile's own sso_start_url
    std::string start_url;
    std::string region;

    std::string login() const;  // the command that signs in: "aws sso login --sso-session NAME"
    std::string profile;        // of which profile, for that command
};

struct SsoToken {
    Secret access_token;
    std::int64_t expires_at_ms = 0;
    // What a renewal takes; empty or 0 in files of older versions.
    Secret refresh_token{};
    std::string client_id{};
    Secret client_secret{};
    std::int64_t registration_ends_ms = 0;
};

// "~/.aws/sso/cache/<SHA-1 of the session's name or the start URL>.json"
std::string sso_cache_file(const Environment& environment, const SsoPlace& place);

// The cached token, renewed when it ends within 5 minutes and the session may be renewed; the renewed one is written
// back, so that other programs find it. Error (kind Credentials): none, unreadable, or expired: run `aws sso login`.
awaitable<Result<Secret>> sso_access_token(SourceContext context, SsoPlace place);

}  // namespace sqs2pg::aws
