// Credentials of an EC2 instance, see credentials_imds.h.
#include "aws/credentials_imds.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "aws/credentials_reply.h"
#include "aws/metadata_call.h"
#include "aws/shared_config.h"

namespace sqs2pg::aws {
namespace {

constexpr std::string_view kRoles = "/latest/meta-data/iam/security-credentials/";

bool is_word(std::string text, std::string_view word) {
    for (char& c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return text == word;
}

struct ImdsSettings {
    net::Url url;
    int attempts = 1;
    bool disabled = false;
};

Result<ImdsSettings> settings_of(const SourceContext& context) {
    ImdsSettings settings;
    const auto& environment = context.environment;
    settings.disabled = is_word(environment("AWS_EC2_METADATA_DISABLED").value_or(""), "true");
    if (settings.disabled) return settings;
    auto profile = load_profile(environment, context.configured.profile);
    auto either = [&](const char* variable, const char* key) {
        auto value = environment(variable);
        return value ? value : profile.setting(key);
    };
    auto origin = either("AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint");
    auto mode = either("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ec2_metadata_service_endpoint_mode").value_or("ipv4");
    bool ipv6 = is_word(mode, "ipv6");
    if (!ipv6 && !is_word(mode, "ipv4")) {
        return refuse_credentials("metadata_mode", "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE must be IPv4 or IPv6");
    }
    auto url = net::parse_url(origin ? *origin : ipv6 ? context.metadata_origin_ipv6 : context.metadata_origin);
    if (!url) {
        return refuse_credentials("metadata_endpoint", "AWS_EC2_METADATA_SERVICE_ENDPOINT: " + url.error().detail);
    }
    settings.url = std::move(*url);
    auto attempts = environment("AWS_METADATA_SERVICE_NUM_ATTEMPTS").value_or("1");
    auto [end, error] = std::from_chars(attempts.data(), attempts.data() + attempts.size(), settings.attempts);
    if (error != std::errc{} || end != attempts.data() + attempts.size() || settings.attempts < 1) {
        return refuse_credentials("metadata_attempts", "AWS_METADATA_SERVICE_NUM_ATTEMPTS must be a number from 1");
    }
    settings.attempts = std::min(settings.attempts, 10);
    return settings;
}

// The first line, as the name of a role; empty when it is none.
std::string role_of(std::string_view body) {
    auto line = body.substr(0, body.find_first_of("\r\n"));
    bool fit = !line.empty() && line.size() <= 64 && std::all_of(line.begin(), line.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("+=,.@-_").find(c) != std::string_view::npos;
    });
    return fit ? std::string(line) : std::string();
}

// Why there are none, for the chain's list; an Error where the service is there and answers nonsense.
Result<SourceAnswer> absent(std::string why) { return SourceAnswer{{}, std::move(why)}; }

Result<SourceAnswer> unanswered(const ImdsSettings& settings, const Error& error) {
    auto place = "the metadata service at " + settings.url.origin();
    if (error.code != "timeout") return absent(place + " cannot be reached (" + error.code + ")");
    return absent(place +
                  " did not answer within 1 s; in a container on EC2 the instance's hop limit of 1 has that effect "
                  "(aws ec2 modify-instance-metadata-options --http-put-response-hop-limit 2)");
}

Result<SourceAnswer> answered(const ImdsSettings& settings, int status, std::string_view doing) {
    auto text = fmt::format("the metadata service at {} answers with HTTP {} {}", settings.url.origin(), status, doing);
    if (status == 403) text += ": it is turned off for this instance, or by a firewall";
    if (status == 404 && doing.find("role") != doing.npos) text += ": the instance has no IAM role";
    return absent(std::move(text));
}

}  // namespace

awaitable<Result<SourceAnswer>> ImdsCredentials::fetch() {
    auto settings = settings_of(context_);
    if (!settings) co_return fail(std::move(settings.error()));
    if (settings->disabled) co_return absent("AWS_EC2_METADATA_DISABLED is true");
    MetadataCall call{.method = "PUT", .url = settings->url, .attempts = settings->attempts};
    auto base = settings->url.target;
    while (base.ends_with('/')) base.pop_back();
    call.url.target = base + "/latest/api/token";
    call.headers = {{"X-aws-ec2-metadata-token-ttl-seconds", "21600"}};
    auto token = co_await metadata_call(context_, call);
    if (!token) co_return unanswered(*settings, token.error());
    if (token->status != 200) co_return answered(*settings, token->status, "to a request for a session token");
    if (token->body.empty() || token->body.find_first_of("\r\n") != std::string::npos) {
        co_return absent("what answers at " + settings->url.origin() + " is no metadata service");
    }

    call.method = "GET";
    call.url.target = base + std::string(kRoles);
    call.headers = {{"X-aws-ec2-metadata-token", token->body}};
    auto roles = co_await metadata_call(context_, call);
    if (!roles) co_return unanswered(*settings, roles.error());
    if (roles->status != 200) co_return answered(*settings, roles->status, "when asked for its role");
    auto role = role_of(roles->body);
    if (role.empty()) co_return absent("the metadata service at " + settings->url.origin() + " names no IAM role");

    call.url.target = base + std::string(kRoles) + role;
    auto reply = co_await metadata_call(context_, call);
    if (!reply) co_return unanswered(*settings, reply.error());
    if (reply->status != 200) co_return answered(*settings, reply->status, "when asked for credentials");
    Secret body(std::move(reply->body));
    auto json = JsonReply::parse(body.reveal());
    auto code = json ? json->text("Code").value_or("Success") : "Success";
    auto found = json ? read_credentials(*json, {})
                      : Result<Credentials>(refuse_credentials("bad_reply", "the reply is no JSON object"));
    if (!found || code != "Success") {
        auto why = found || code != "Success" ? "it says that there are none for the role now" : found.error().detail;
        co_return fail(ErrorKind::Retry, Stage::Start, "bad_reply",
                       "role " + role + " of the metadata service at " + settings->url.origin() + ": " + why);
    }
    found->source = "role " + role + " of this EC2 instance";
    outlive(*found, context_.clock.wall_ms());
    co_return SourceAnswer{std::move(*found), {}};
}

}  // namespace sqs2pg::aws
