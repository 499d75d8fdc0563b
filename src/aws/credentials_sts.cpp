// Roles from STS, see credentials_sts.h.
#include "aws/credentials_sts.h"

#include <algorithm>
#include <vector>

#include "aws/credentials_fixed.h"
#include "aws/reply_text.h"
#include "aws/service_call.h"
#include "aws/small_file.h"

namespace sqs2pg::aws {
namespace {

constexpr auto kVersion = "2011-06-15";

using Parameters = std::vector<std::pair<std::string, std::string>>;

Result<Endpoint> endpoint_of(const SourceContext& context, const std::string& region) {
    auto endpoint = service_endpoint(Service::Sts, context.configured, context.environment, region);
    // Without a region anywhere: the global endpoint, as the SDKs do.
    if (!endpoint && region.empty()) {
        auto global = service_endpoint(Service::Sts, context.configured, context.environment, "aws-global");
        if (global) return global;
    }
    return endpoint;
}

Parameters parameters_of(const RoleCall& call) {
    Parameters parameters{{"RoleArn", call.role_arn},
                          {"RoleSessionName", call.session_name.empty() ? "sqs2pg" : call.session_name}};
    if (!call.duration_seconds.empty()) parameters.emplace_back("DurationSeconds", call.duration_seconds);
    return parameters;
}

// A mistake that STS would answer with a validation error only.
Status look_at(const RoleCall& call) {
    if (!call.role_arn.starts_with("arn:") || call.role_arn.find(":role/") == std::string::npos) {
        return refuse_credentials("role_arn", "\"" + call.role_arn +
                                                  "\" is no role's ARN: it looks like "
                                                  "arn:aws:iam::123456789012:role/NAME");
    }
    const auto& duration = call.duration_seconds;
    bool digits = duration.size() <= 5 &&
                  std::all_of(duration.begin(), duration.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!digits || (!duration.empty() && (std::stoi(duration) < 900 || std::stoi(duration) > 43200))) {
        return refuse_credentials("duration_seconds",
                                  "duration_seconds of role " + call.role_arn + " must be 900 to 43200");
    }
    return {};
}

// What the operator has to change, by the code that STS answers with.
std::string_view remedy_of(std::string_view code) {
    struct Row {
        std::string_view code;
        std::string_view remedy;
    };
    static constexpr Row kRows[] = {
        {"AccessDenied", "the role's trust policy has to allow it to this identity (and ask for no other external id)"},
        {"ExpiredTokenException", "the token has expired: look at what renews its file"},
        {"ExpiredToken", "the credentials that assume it have expired"},
        {"InvalidIdentityToken",
         "the token is not accepted: its issuer has to be an identity provider of the role's account, and its audience "
         "one of that provider's"},
        {"IDPRejectedClaim", "the identity provider rejects the token"},
        {"ValidationError", "a role ARN, session name, external id or duration is not of the form that STS takes"},
        {"RegionDisabledException", "STS is not activated in this region for the account"},
        {"InvalidClientTokenId", "the access key that assumes it does not exist, or is inactive"},
    };
    for (const auto& row : kRows) {
        if (row.code == code) return row.remedy;
    }
    return {};
}

tl::unexpected<Error> refused(const std::string& role_arn, Error error) {
    if (error.kind == ErrorKind::Configuration) error.kind = ErrorKind::Credentials;
    auto remedy = remedy_of(error.code);
    error.detail = "role " + role_arn + ": " + error.detail;
    if (!remedy.empty()) error.detail.append("; ").append(remedy);
    return fail(std::move(error));
}

Result<Credentials> credentials_of(const RoleCall& call, ServiceReply& reply) {
    Secret body(std::move(reply.body));
    auto key_id = xml_text(body.reveal(), "AccessKeyId");
    auto secret = xml_text(body.reveal(), "SecretAccessKey");
    auto token = xml_text(body.reveal(), "SessionToken");
    auto expiration = xml_text(body.reveal(), "Expiration");
    auto expires_at = expiration ? parse_iso_time(*expiration) : std::nullopt;
    if (!key_id || !secret || !token || !expires_at) {
        return refuse_credentials("bad_reply",
                                  "role " + call.role_arn + ": the reply is none of STS: check AWS_ENDPOINT_URL_STS");
    }
    Credentials found;
    found.access_key_id = std::move(*key_id);
    found.secret_access_key = Secret(std::move(*secret));
    found.session_token = Secret(std::move(*token));
    found.expires_at_ms = expires_at;
    found.source = "role " + call.role_arn;
    return found;
}

}  // namespace

awaitable<Result<Credentials>> assume_role(SourceContext context, RoleCall call, Credentials base) {
    if (auto fit = look_at(call); !fit) co_return fail(std::move(fit.error()));
    auto endpoint = endpoint_of(context, call.region);
    if (!endpoint) co_return refused(call.role_arn, std::move(endpoint.error()));
    auto parameters = parameters_of(call);
    if (!call.external_id.empty()) parameters.emplace_back("ExternalId", call.external_id);
    auto request = query_request(Service::Sts, *endpoint, "AssumeRole", kVersion, parameters);
    FixedCredentials signing(std::move(base));
    ServiceClient client(context.http, &signing, context.clock);
    auto reply = co_await client.call(std::move(request));
    if (!reply) co_return refused(call.role_arn, std::move(reply.error()));
    co_return credentials_of(call, *reply);
}

awaitable<Result<Credentials>> assume_role_with_web_identity(SourceContext context, RoleCall call,
                                                             std::string token_file) {
    if (auto fit = look_at(call); !fit) co_return fail(std::move(fit.error()));
    auto token = read_token_file(token_file);
    if (!token) co_return refused(call.role_arn, std::move(token.error()));
    auto endpoint = endpoint_of(context, call.region);
    if (!endpoint) co_return refused(call.role_arn, std::move(endpoint.error()));
    auto parameters = parameters_of(call);
    parameters.emplace_back("WebIdentityToken", std::string(token->reveal()));
    auto request = query_request(Service::Sts, *endpoint, "AssumeRoleWithWebIdentity", kVersion, parameters);
    request.sign = false;
    ServiceClient client(context.http, nullptr, context.clock);
    auto reply = co_await client.call(std::move(request));
    if (!reply) co_return refused(call.role_arn, std::move(reply.error()));
    auto found = credentials_of(call, *reply);
    if (found) found->source += " with the token in " + token_file;
    co_return found;
}

awaitable<Result<std::string>> caller_identity(SourceContext context, Credentials credentials,
                                               std::chrono::milliseconds deadline) {
    auto endpoint = endpoint_of(context, {});
    if (!endpoint) co_return fail(std::move(endpoint.error()));
    auto request = query_request(Service::Sts, *endpoint, "GetCallerIdentity", kVersion, {});
    request.deadline = deadline;
    FixedCredentials signing(std::move(credentials));
    ServiceClient client(context.http, &signing, context.clock, {.max_attempts = 1});
    auto reply = co_await client.call(std::move(request));
    if (!reply) co_return fail(std::move(reply.error()));
    auto arn = xml_text(reply->body, "Arn");
    if (!arn || !arn->starts_with("arn:") || arn->size() > 2048) {
        co_return fail(ErrorKind::Retry, Stage::Start, "bad_reply", "GetCallerIdentity: the reply is none of STS");
    }
    co_return std::move(*arn);
}

}  // namespace sqs2pg::aws
