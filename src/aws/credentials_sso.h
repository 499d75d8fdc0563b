// Credentials of a permission set in IAM Identity Center, for a profile in which somebody has signed in with
// `aws sso login`. Source: AWS IAM Identity Center Portal API Reference, GetRoleCredentials.
#pragma once

#include <string>

#include "aws/credentials.h"
#include "aws/credentials_source.h"
#include "aws/shared_config.h"

namespace sqs2pg::aws {

// Whether the profile means to sign in so.
bool uses_sso(const Profile& profile);

// Error: a setting that is missing; no sign-in, or one that has expired: what to run.
awaitable<Result<Credentials>> sso_credentials(SourceContext context, SharedConfig config, Profile profile);

}  // namespace sqs2pg::aws
