// Presigned requests, see presign.h.
#include "aws/presign.h"

#include <array>

#include <openssl/crypto.h>

#include "aws/canonical_request.h"
#include "aws/partition.h"
#include "aws/sigv4.h"
#include "base/sha256.h"

namespace sqs2pg::aws {
namespace {

void append_parameter(std::string& target, std::string_view name, std::string_view value) {
    target += target.find('?') == target.npos ? '?' : '&';
    target.append(name).append("=");
    append_uri_encoded(target, value, false);
}

}  // namespace

Secret presigned_target(const Credentials& credentials, const PresignRequest& request, std::int64_t now_ms) {
    auto date = amz_date(now_ms);
    auto day = std::string_view(date).substr(0, 8);
    auto scope = std::string(day).append("/").append(request.region).append("/").append(request.service);
    scope += "/aws4_request";
    std::string target(request.target);
    append_parameter(target, "X-Amz-Algorithm", "AWS4-HMAC-SHA256");
    append_parameter(target, "X-Amz-Credential", credentials.access_key_id + "/" + scope);
    append_parameter(target, "X-Amz-Date", date);
    append_parameter(target, "X-Amz-Expires", std::to_string(request.expires_seconds));
    append_parameter(target, "X-Amz-SignedHeaders", "host");
    if (!credentials.session_token.empty()) {
        append_parameter(target, "X-Amz-Security-Token", credentials.session_token.reveal());
    }
    const std::array<Header, 1> headers{Header{"host", std::string(request.host)}};
    auto payload = request.s3 ? std::string("UNSIGNED-PAYLOAD") : sha256_hex("");
    SignableRequest signable{request.method, target, headers, payload, !request.s3, !request.s3};
    std::string canonical;
    std::string signed_headers;
    append_canonical_request(signable, canonical, signed_headers);
    auto to_sign = "AWS4-HMAC-SHA256\n" + date + "\n" + scope + "\n" + sha256_hex(canonical);
    OPENSSL_cleanse(canonical.data(), canonical.size());
    HmacSha256 hmac;
    set_signing_key(hmac, credentials.secret_access_key, day, request.region, request.service);
    append_parameter(target, "X-Amz-Signature", to_hex(hmac.of(to_sign)));
    return Secret(std::move(target));
}

Secret rds_auth_token(const Credentials& credentials, std::string_view region, std::string_view host,
                      std::uint16_t port, std::string_view user, std::int64_t now_ms) {
    auto place = std::string(host) + ":" + std::to_string(port);
    std::string target = "/?Action=connect";
    append_parameter(target, "DBUser", user);
    PresignRequest request{.host = place, .target = target, .region = region, .service = "rds-db"};
    auto presigned = presigned_target(credentials, request, now_ms);
    return Secret(place + std::string(presigned.reveal()));
}

std::string rds_region_of(std::string_view host) {
    const auto rds = host.find(".rds.");
    if (rds == std::string_view::npos || !is_aws_host(host)) return {};
    const auto before = host.substr(0, rds);
    const auto dot = before.rfind('.');
    if (dot == std::string_view::npos) return {};
    const auto region = before.substr(dot + 1);
    return is_region_name(region) ? std::string(region) : std::string();
}

}  // namespace sqs2pg::aws
