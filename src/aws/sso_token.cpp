// Tokens of `aws sso login`, see sso_token.h.
#include "aws/sso_token.h"

#include <array>
#include <cstdio>
#include <cstdlib>

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <unistd.h>

#include "aws/json_text.h"
#include "aws/reply_text.h"
#include "aws/service_call.h"
#include "aws/sigv4.h"
#include "aws/small_file.h"

namespace sqs2pg::aws {
namespace {

constexpr std::int64_t kRenewBeforeMs = 5 * 60 * 1000;

std::string sha1_hex(std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_sha1(), nullptr);
    std::string hex;
    for (unsigned i = 0; i < length; ++i) {
        char pair[3];
        std::snprintf(pair, sizeof pair, "%02x", digest.at(i));
        hex += pair;
    }
    return hex;
}

// "2026-11-25T10:00:00Z"
std::string iso_time(std::int64_t wall_ms) {
    auto compact = amz_date(wall_ms);  // 20261125T100000Z
    return compact.substr(0, 4) + "-" + compact.substr(4, 2) + "-" + compact.substr(6, 5) + ":" +
           compact.substr(11, 2) + ":" + compact.substr(13);
}

std::optional<SsoToken> parse_token(std::string_view text) {
    auto json = JsonReply::parse(text);
    if (!json) return std::nullopt;
    auto access = json->text("accessToken");
    auto expires = json->text("expiresAt");
    auto expires_at = expires ? parse_iso_time(*expires) : std::nullopt;
    if (!access || access->empty() || !expires_at) return std::nullopt;
    SsoToken token;
    token.access_token = Secret(std::move(*access));
    token.expires_at_ms = *expires_at;
    token.refresh_token = Secret(json->text("refreshToken").value_or(""));
    token.client_id = json->text("clientId").value_or("");
    token.client_secret = Secret(json->text("clientSecret").value_or(""));
    auto registration = json->text("registrationExpiresAt");
    token.registration_ends_ms = registration ? parse_iso_time(*registration).value_or(0) : 0;
    return token;
}

Secret token_text(const SsoPlace& place, const SsoToken& token) {
    std::string out = "{";
    auto member = [&](std::string_view name, std::string_view value) {
        if (out.size() > 1) out += ", ";
        append_json_string(out, name);
        out += ": ";
        append_json_string(out, value);
    };
    out.reserve(8192);
    member("startUrl", place.start_url);
    member("region", place.region);
    member("accessToken", token.access_token.reveal());
    member("expiresAt", iso_time(token.expires_at_ms));
    member("clientId", token.client_id);
    member("clientSecret", token.client_secret.reveal());
    member("registrationExpiresAt", iso_time(token.registration_ends_ms));
    member("refreshToken", token.refresh_token.reveal());
    out += "}";
    return Secret(std::move(out));
}

// In whole or not at all, readable by the owner only. A folder that cannot be written leaves the old file: the next
// renewal is then refused, and says what to do.
void write_back(const std::string& path, const Secret& text) {
    auto temporary = path + ".XXXXXX";
    int file = mkostemp(temporary.data(), O_CLOEXEC);
    if (file < 0) return;
    auto bytes = text.reveal();
    bool whole = ::write(file, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size());
    whole = ::close(file) == 0 && whole;
    if (!whole || std::rename(temporary.c_str(), path.c_str()) != 0) std::remove(temporary.c_str());
}

awaitable<Result<SsoToken>> renewed(SourceContext context, SsoPlace place, SsoToken old) {
    auto endpoint = service_endpoint(Service::SsoOidc, context.configured, context.environment, place.region);
    if (!endpoint) co_return fail(std::move(endpoint.error()));
    ServiceRequest request;
    request.service = Service::SsoOidc;
    request.url = endpoint->url;
    request.url.target = "/token";
    request.region = endpoint->region;
    request.operation = "CreateToken";
    request.headers = {{"Content-Type", "application/json"}};
    request.sign = false;
    request.body = R"({"grantType":"refresh_token","clientId":)";
    append_json_string(request.body, old.client_id);
    request.body += R"(,"clientSecret":)";
    append_json_string(request.body, old.client_secret.reveal());
    request.body += R"(,"refreshToken":)";
    append_json_string(request.body, old.refresh_token.reveal());
    request.body += '}';
    ServiceClient client(context.http, nullptr, context.clock);
    auto reply = co_await client.call(std::move(request));
    if (!reply) co_return fail(std::move(reply.error()));
    Secret body(std::move(reply->body));
    auto json = JsonReply::parse(body.reveal());
    auto access = json ? json->text("accessToken") : std::nullopt;
    auto lasts = json ? json->number("expiresIn") : std::nullopt;
    if (!access || access->empty() || !lasts || *lasts <= 0 || *lasts > 366LL * 86400) {
        co_return refuse_credentials("bad_reply", "CreateToken: the reply is none of IAM Identity Center");
    }
    old.access_token = Secret(std::move(*access));
    old.expires_at_ms = context.clock.wall_ms() + *lasts * 1000;
    if (auto next = json->text("refreshToken")) old.refresh_token = Secret(std::move(*next));
    co_return old;
}

}  // namespace

std::string SsoPlace::login() const {
    return session.empty() ? "aws sso login --profile " + profile : "aws sso login --sso-session " + session;
}

std::string sso_cache_file(const Environment& environment, const SsoPlace& place) {
    return environment("HOME").value_or("") + "/.aws/sso/cache/" +
           sha1_hex(place.session.empty() ? place.start_url : place.session) + ".json";
}

awaitable<Result<Secret>> sso_access_token(SourceContext context, SsoPlace place) {
    auto path = sso_cache_file(context.environment, place);
    auto text = read_token_file(path);
    if (!text) {
        co_return refuse_credentials("sso_login", text.error().detail + ": sign in with `" + place.login() + "`");
    }
    auto token = parse_token(text->reveal());
    if (!token) {
        co_return refuse_credentials("sso_login",
                                     path + " is no token of the AWS CLI: sign in again with `" + place.login() + "`");
    }
    auto now = context.clock.wall_ms();
    bool valid = token->expires_at_ms > now;
    bool renewable = !place.session.empty() && !token->refresh_token.empty() && !token->client_id.empty() &&
                     !token->client_secret.empty() && token->registration_ends_ms > now;
    std::string why;
    if (token->expires_at_ms - kRenewBeforeMs <= now && renewable) {
        auto fresh = co_await renewed(context, place, *token);
        if (fresh) {
            auto written = token_text(place, *fresh);
            write_back(path, written);
            co_return std::move(fresh->access_token);
        }
        if (!valid && fresh.error().kind == ErrorKind::Retry) co_return fail(std::move(fresh.error()));
        why = " (its renewal: " + fresh.error().detail + ")";
    }
    if (valid) co_return std::move(token->access_token);
    co_return refuse_credentials("sso_expired", "the sign-in with IAM Identity Center has expired" + why +
                                                    ": sign in again with `" + place.login() + "`");
}

}  // namespace sqs2pg::aws
