// Profiles and what they lead to, see profile_plan.h.
#include "aws/profile_plan.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "aws/credentials_sso.h"

namespace sqs2pg::aws {
namespace {

constexpr std::size_t kLongestPath = 10;

std::string label_of(const Profile& profile) { return "profile \"" + profile.name + "\""; }

RoleCall role_of(const Profile& profile, const std::string& role_arn) {
    return {.role_arn = role_arn,
            .session_name = profile.setting("role_session_name").value_or(""),
            .external_id = profile.setting("external_id").value_or(""),
            .duration_seconds = profile.setting("duration_seconds").value_or("")};
}

// What a profile without a role, or a role on itself, brings.
Result<ProfileBase> own_base(const Profile& profile) {
    auto key_id = profile.setting("aws_access_key_id");
    auto secret = profile.setting("aws_secret_access_key");
    if (uses_sso(profile)) return ProfileBase::Sso;
    if (key_id.has_value() != secret.has_value()) {
        return refuse_credentials(
            "partial_credentials",
            label_of(profile) + " has one of aws_access_key_id and aws_secret_access_key but not the other");
    }
    if (key_id) return ProfileBase::Keys;
    if (profile.setting("credential_process")) return ProfileBase::Process;
    if (profile.setting("web_identity_token_file")) {
        return refuse_credentials("partial_credentials",
                                  label_of(profile) + " has web_identity_token_file but no role_arn");
    }
    if (profile.setting("login_session")) {
        return refuse_credentials("login_session",
                                  label_of(profile) +
                                      " uses `aws login`: add credential_process = aws configure export-credentials "
                                      "--profile " +
                                      profile.name + " --format process to another profile, and name that one");
    }
    return ProfileBase::Nothing;
}

Result<ProfileBase> base_named(const Profile& profile, const std::string& credential_source) {
    if (credential_source == "Environment") return ProfileBase::Environment;
    if (credential_source == "EcsContainer") return ProfileBase::Container;
    if (credential_source == "Ec2InstanceMetadata") return ProfileBase::Metadata;
    return refuse_credentials(
        "credential_source",
        label_of(profile) + ": credential_source is one of Environment, EcsContainer and Ec2InstanceMetadata");
}

// Where a role's own credentials come from: another profile (its name) or a source.
struct Below {
    std::string profile;
    ProfileBase base = ProfileBase::Nothing;
};

Result<Below> below(const Profile& profile) {
    auto source_profile = profile.setting("source_profile");
    auto credential_source = profile.setting("credential_source");
    if (source_profile && credential_source) {
        return refuse_credentials("partial_credentials",
                                  label_of(profile) + " has both source_profile and credential_source: leave one");
    }
    if (profile.setting("mfa_serial")) {
        return refuse_credentials("mfa_serial",
                                  label_of(profile) +
                                      " asks for a code of an MFA device (mfa_serial), which nobody is here to type: "
                                      "use a role without, or `aws sso login`");
    }
    if (source_profile) return Below{*source_profile, {}};
    if (!credential_source) {
        return refuse_credentials("partial_credentials",
                                  label_of(profile) +
                                      " has role_arn, but neither source_profile, credential_source nor "
                                      "web_identity_token_file: whose credentials assume the role?");
    }
    auto base = base_named(profile, *credential_source);
    if (!base) return fail(std::move(base.error()));
    return Below{{}, *base};
}

}  // namespace

Result<ProfilePlan> plan_profile(const SharedConfig& config, const std::string& name) {
    ProfilePlan plan;
    std::vector<std::string> path;
    auto finish = [&](ProfileBase base) {
        plan.base = base;
        std::reverse(plan.roles.begin(), plan.roles.end());
        plan.path = fmt::format("{}", fmt::join(path, " <- "));
        return plan;
    };
    for (auto next = name;;) {
        bool seen = std::find(path.begin(), path.end(), next) != path.end();
        path.push_back(next);
        if (seen || path.size() > kLongestPath) {
            return refuse_credentials(
                "profile_loop",
                fmt::format("the profiles lead in a circle by their source_profile: {}", fmt::join(path, " -> ")));
        }
        plan.profile = config.profile(next);
        if (!plan.profile.found) {
            auto from =
                path.size() > 1 ? ", which profile \"" + path[path.size() - 2] + "\" has as source_profile" : "";
            return refuse_credentials("no_profile",
                                      "there is no " + label_of(plan.profile) + " in " + plan.profile.looked_in + from);
        }
        auto role_arn = plan.profile.setting("role_arn");
        if (!role_arn) {
            auto base = own_base(plan.profile);
            if (!base) return fail(std::move(base.error()));
            if (*base == ProfileBase::Nothing && path.size() > 1) {
                return refuse_credentials("no_credentials", label_of(plan.profile) + ", the source_profile of \"" +
                                                                path[path.size() - 2] + "\", has no credentials");
            }
            return finish(*base);
        }
        plan.roles.push_back(role_of(plan.profile, *role_arn));
        if (plan.profile.setting("web_identity_token_file")) return finish(ProfileBase::WebIdentity);
        auto source = below(plan.profile);
        if (!source) return fail(std::move(source.error()));
        if (source->profile.empty()) return finish(source->base);
        if (source->profile == next) {
            // The profile's own keys assume its role.
            auto base = own_base(plan.profile);
            if (!base) return fail(std::move(base.error()));
            if (*base == ProfileBase::Keys) return finish(*base);
        }
        next = source->profile;
    }
}

}  // namespace sqs2pg::aws
