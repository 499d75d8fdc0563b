// How a profile comes to credentials: the source at the bottom, and the roles that are assumed one after another on top
// of it. Pure.
#pragma once

#include <string>
#include <vector>

#include "aws/credentials_sts.h"
#include "aws/shared_config.h"
#include "base/result.h"

namespace sqs2pg::aws {

enum class ProfileBase {
    Nothing,  // no setting of credentials at all
    Keys,
    WebIdentity,
    Sso,
    Process,
    Environment,
    Container,
    Metadata,
};

struct ProfilePlan {
    ProfileBase base = ProfileBase::Nothing;
    Profile profile;              // that the base's settings stand in
    std::vector<RoleCall> roles;  // in the order in which they are assumed
    std::string path;             // "app <- base": the profile in use and those that it leads to
};

// Credentials error: an absent profile on the way, a circle (which one), half a key, settings that exclude each other
// or need a person (mfa_serial).
Result<ProfilePlan> plan_profile(const SharedConfig& config, const std::string& name);

}  // namespace sqs2pg::aws
