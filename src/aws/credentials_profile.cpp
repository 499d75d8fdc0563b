// Credentials of a profile, see credentials_profile.h.
#include "aws/credentials_profile.h"

#include "aws/credentials_container.h"
#include "aws/credentials_environment.h"
#include "aws/credentials_imds.h"
#include "aws/credentials_process.h"
#include "aws/credentials_sso.h"
#include "aws/credentials_sts.h"
#include "aws/profile_plan.h"
#include "aws/shared_config.h"

namespace sqs2pg::aws {
namespace {

Credentials keys_of(const Profile& profile) {
    Credentials found;
    found.access_key_id = profile.setting("aws_access_key_id").value_or("");
    found.secret_access_key = Secret(profile.setting("aws_secret_access_key").value_or(""));
    found.session_token = Secret(profile.setting("aws_session_token").value_or(""));
    found.source = "its keys in " + profile.looked_in;
    return found;
}

// Whatever `credential_source` names must have some.
Result<Credentials> required(Result<SourceAnswer> answer, const std::string& name) {
    if (!answer) return fail(std::move(answer.error()));
    if (answer->credentials) return std::move(*answer->credentials);
    return refuse_credentials("no_credentials", "credential_source = " + name + ": " + answer->why_not);
}

// The plan's base. Of a web identity this is its first role already.
awaitable<Result<Credentials>> base_of(SourceContext context, SharedConfig config, ProfilePlan plan) {
    switch (plan.base) {
        case ProfileBase::Nothing:
            break;
        case ProfileBase::Keys:
            co_return keys_of(plan.profile);
        case ProfileBase::WebIdentity: {
            auto file = plan.profile.setting("web_identity_token_file").value_or("");
            auto found = co_await assume_role_with_web_identity(context, plan.roles.front(), std::move(file));
            co_return found;
        }
        case ProfileBase::Sso: {
            auto found = co_await sso_credentials(context, std::move(config), plan.profile);
            co_return found;
        }
        case ProfileBase::Process: {
            auto command = plan.profile.setting("credential_process").value_or("");
            auto found = co_await process_credentials(context, std::move(command));
            co_return found;
        }
        case ProfileBase::Environment: {
            EnvironmentCredentials source(context);
            auto answer = co_await source.fetch();
            co_return required(std::move(answer), "Environment");
        }
        case ProfileBase::Container: {
            ContainerCredentials source(context);
            auto answer = co_await source.fetch();
            co_return required(std::move(answer), "EcsContainer");
        }
        case ProfileBase::Metadata: {
            ImdsCredentials source(context);
            auto answer = co_await source.fetch();
            co_return required(std::move(answer), "Ec2InstanceMetadata");
        }
    }
    co_return refuse_credentials("no_credentials", "it has no credentials");
}

}  // namespace

awaitable<Result<SourceAnswer>> ProfileCredentials::fetch() {
    auto name = profile_name(context_.environment, context_.configured.profile);
    bool named = !name.empty();
    if (!named) name = "default";
    auto config = SharedConfig::load(context_.environment);
    auto label = "profile \"" + name + "\"";
    if (auto profile = config.profile(name); !profile.found && !named) {
        co_return SourceAnswer{{}, "there is no " + label + " in " + profile.looked_in};
    }
    auto plan = plan_profile(config, name);
    if (!plan) co_return fail(std::move(plan.error()));
    if (plan->base == ProfileBase::Nothing) {
        auto why = label + " in " + plan->profile.looked_in +
                   " has none of aws_access_key_id, role_arn, sso_session, sso_start_url and credential_process";
        // A profile may be there for its region alone, unless our own configuration names it.
        if (!context_.configured.profile.empty()) co_return refuse_credentials("no_credentials", std::move(why));
        co_return SourceAnswer{{}, std::move(why)};
    }
    auto found = co_await base_of(context_, std::move(config), *plan);
    auto first = plan->base == ProfileBase::WebIdentity ? 1U : 0U;
    for (auto i = first; found && i < plan->roles.size(); ++i) {
        auto below = found->source;
        auto role = plan->roles[i];
        found = co_await assume_role(context_, std::move(role), std::move(*found));
        if (found) found->source += ", assumed with " + below;
    }
    if (!found) {
        found.error().detail = "profile \"" + plan->path + "\": " + found.error().detail;
        co_return fail(std::move(found.error()));
    }
    found->source = "profile \"" + plan->path + "\": " + found->source;
    co_return SourceAnswer{std::move(*found), {}};
}

}  // namespace sqs2pg::aws
