// Credentials of a container, see credentials_container.h.
#include "aws/credentials_container.h"

#include <array>

#include <fmt/format.h>

#include "aws/credentials_reply.h"
#include "aws/metadata_call.h"
#include "aws/service_error.h"
#include "aws/small_file.h"
#include "net/host_address.h"

namespace sqs2pg::aws {
namespace {

constexpr std::array<std::string_view, 3> kAgents{"169.254.170.2", "169.254.170.23", "fd00:ec2::23"};

struct Target {
    net::Url url;
    std::string variable;  // that named it
};

Result<Target> target_of(const SourceContext& context) {
    Target target;
    if (auto relative = context.environment("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")) {
        target.variable = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
        if (!relative->starts_with('/')) {
            return refuse_credentials("container_uri", target.variable + " must begin with '/'");
        }
        auto url = net::parse_url(context.container_origin + *relative);
        if (!url) return refuse_credentials("container_uri", target.variable + ": " + url.error().detail);
        target.url = std::move(*url);
        return target;
    }
    target.variable = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
    auto url = net::parse_url(context.environment(target.variable).value_or(""));
    if (!url) return refuse_credentials("container_uri", target.variable + ": " + url.error().detail);
    if (!may_be_asked(*url)) {
        return refuse_credentials("container_host",
                                  target.variable + " names " + url->origin() +
                                      ", and credentials are fetched by plain http from this machine, 169.254.170.2, "
                                      "169.254.170.23 and [fd00:ec2::23] only: use https, or one of these");
    }
    target.url = std::move(*url);
    return target;
}

// The header that the agent asks for; empty: none.
Result<Secret> authorization_of(const SourceContext& context) {
    Secret token;
    std::string from = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
    if (auto file = context.environment("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")) {
        auto read = read_token_file(*file);
        if (!read) {
            return refuse_credentials("token_file", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: " + read.error().detail);
        }
        token = std::move(*read);
        from = *file;
    } else {
        token = Secret(context.environment(from).value_or(""));
    }
    if (token.reveal().find_first_of("\r\n") != std::string_view::npos) {
        return refuse_credentials("token_file", "the token of " + from + " holds a line break");
    }
    return token;
}

}  // namespace

bool may_be_asked(const net::Url& url) {
    if (url.tls || net::is_loopback_host(url.host)) return true;
    for (auto agent : kAgents) {
        if (url.host == agent || net::is_same_address(url.host, agent)) return true;
    }
    return false;
}

awaitable<Result<SourceAnswer>> ContainerCredentials::fetch() {
    if (!context_.environment("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") &&
        !context_.environment("AWS_CONTAINER_CREDENTIALS_FULL_URI")) {
        co_return SourceAnswer{{}, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and …_FULL_URI are not set"};
    }
    auto target = target_of(context_);
    if (!target) co_return fail(std::move(target.error()));
    auto authorization = authorization_of(context_);
    if (!authorization) co_return fail(std::move(authorization.error()));
    MetadataCall call{.url = target->url, .deadline = std::chrono::milliseconds(2000), .attempts = 3};
    if (!authorization->empty()) call.headers.emplace_back("Authorization", std::string(authorization->reveal()));
    auto reply = co_await metadata_call(context_, std::move(call));
    if (!reply) {
        co_return fail(
            reply.error().kind, Stage::Start, reply.error().code,
            fmt::format("{} (named by {}): {}", target->url.origin(), target->variable, reply.error().detail));
    }
    if (reply->status != 200) {
        auto code = service_error_code(*reply);
        auto kind = reply->status == 429 || reply->status >= 500 ? ErrorKind::Retry : ErrorKind::Credentials;
        co_return fail(kind, Stage::Start, code.empty() ? "http_" + std::to_string(reply->status) : code,
                       fmt::format("{} (named by {}) answers with HTTP {}{}: {}", target->url.origin(),
                                   target->variable, reply->status, code.empty() ? "" : " " + code,
                                   "has the task or pod a role, and is its token fresh?"));
    }
    Secret body(std::move(reply->body));
    auto json = JsonReply::parse(body.reveal());
    auto found = json ? read_credentials(*json, {})
                      : Result<Credentials>(refuse_credentials("bad_reply", "the reply is no JSON object"));
    if (!found) {
        co_return refuse_credentials(
            "bad_reply", target->url.origin() + " (named by " + target->variable + "): " + found.error().detail);
    }
    found->source = "container service at " + target->url.origin();
    outlive(*found, context_.clock.wall_ms());
    co_return SourceAnswer{std::move(*found), {}};
}

}  // namespace sqs2pg::aws
