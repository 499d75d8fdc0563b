// Credentials of IAM Identity Center, see credentials_sso.h.
#include "aws/credentials_sso.h"

#include "aws/reply_text.h"
#include "aws/service_call.h"
#include "aws/sso_token.h"

namespace sqs2pg::aws {
namespace {

// What the profile says, or its sso-session.
Result<SsoPlace> place_of(const SharedConfig& config, const Profile& profile) {
    SsoPlace place;
    place.profile = profile.name;
    place.start_url = profile.setting("sso_start_url").value_or("");
    place.region = profile.setting("sso_region").value_or("");
    auto lacks = [&](const std::string& name, const std::string& where) {
        return refuse_credentials("partial_credentials", where + " has no " + name + ": run `aws configure sso`");
    };
    std::string where = "profile \"" + profile.name + "\"";
    if (auto session = profile.setting("sso_session")) {
        place.session = *session;
        const auto* section = config.sso_session(*session);
        if (section == nullptr) {
            return refuse_credentials("no_sso_session", where + " names [sso-session " + *session +
                                                            "], which is not in " + profile.looked_in);
        }
        where = "[sso-session " + *session + "]";
        auto take = [&](const char* key, std::string& into) {
            if (auto at = section->find(key); at != section->end()) into = at->second;
        };
        take("sso_start_url", place.start_url);
        take("sso_region", place.region);
    }
    if (place.start_url.empty()) return lacks("sso_start_url", where);
    if (place.region.empty()) return lacks("sso_region", where);
    return place;
}

Result<Credentials> read(ServiceReply& reply) {
    Secret body(std::move(reply.body));
    auto json = JsonReply::parse(body.reveal());
    auto text = [&](const char* path) { return json ? json->text(path).value_or("") : std::string(); };
    Credentials found;
    found.access_key_id = text("roleCredentials.accessKeyId");
    found.secret_access_key = Secret(text("roleCredentials.secretAccessKey"));
    found.session_token = Secret(text("roleCredentials.sessionToken"));
    found.expires_at_ms = json ? json->number("roleCredentials.expiration") : std::nullopt;
    if (found.access_key_id.empty() || found.secret_access_key.empty() || found.session_token.empty()) {
        return refuse_credentials("bad_reply", "GetRoleCredentials: the reply is none of IAM Identity Center");
    }
    return found;
}

}  // namespace

bool uses_sso(const Profile& profile) { return profile.setting("sso_session") || profile.setting("sso_start_url"); }

awaitable<Result<Credentials>> sso_credentials(SourceContext context, SharedConfig config, Profile profile) {
    auto place = place_of(config, profile);
    if (!place) co_return fail(std::move(place.error()));
    auto account = profile.setting("sso_account_id");
    auto role = profile.setting("sso_role_name");
    if (!account || !role) {
        co_return refuse_credentials("partial_credentials", "profile \"" + profile.name + "\" has no " +
                                                                (account ? "sso_role_name" : "sso_account_id") +
                                                                ": run `aws configure sso`");
    }
    auto token = co_await sso_access_token(context, *place);
    if (!token) co_return fail(std::move(token.error()));
    auto endpoint = service_endpoint(Service::SsoPortal, context.configured, context.environment, place->region);
    if (!endpoint) co_return fail(std::move(endpoint.error()));
    ServiceRequest request;
    request.service = Service::SsoPortal;
    request.url = endpoint->url;
    request.url.target = "/federation/credentials?role_name=";
    append_uri_encoded(request.url.target, *role, false);
    request.url.target += "&account_id=";
    append_uri_encoded(request.url.target, *account, false);
    request.region = endpoint->region;
    request.operation = "GetRoleCredentials";
    request.method = "GET";
    request.headers = {{"x-amz-sso_bearer_token", std::string(token->reveal())}};
    request.sign = false;
    ServiceClient client(context.http, nullptr, context.clock);
    auto reply = co_await client.call(std::move(request));
    if (!reply) {
        auto error = std::move(reply.error());
        bool refused = error.kind != ErrorKind::Retry && error.kind != ErrorKind::Throttled;
        if (refused) error.kind = ErrorKind::Credentials;
        error.detail = "permission set " + *role + " of account " + *account + ": " + error.detail;
        if (error.code.starts_with("Unauthorized") || error.code == "http_401") {
            error.detail += ": sign in again with `" + place->login() + "`";
        } else if (refused) {
            error.detail += ": it has to be assigned to you in IAM Identity Center";
        }
        co_return fail(std::move(error));
    }
    auto found = read(*reply);
    if (found) found->source = "IAM Identity Center, " + *role + " of account " + *account;
    co_return found;
}

}  // namespace sqs2pg::aws
