// Signature Version 4, see sigv4.h.
#include "aws/sigv4.h"

#include <cstdio>
#include <ctime>

#include <openssl/crypto.h>

#include "base/sha256.h"

namespace sqs2pg::aws {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

}  // namespace

std::string amz_date(std::int64_t wall_ms) {
    auto seconds = static_cast<std::time_t>(wall_ms >= 0 ? wall_ms / 1000 : (wall_ms - 999) / 1000);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char text[40];
    auto length = std::strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &parts);
    return {text, length};
}

std::string sha256_hex(std::string_view text) { return to_hex(sha256({text})); }

void set_signing_key(HmacSha256& hmac, const Secret& secret_access_key, std::string_view day, std::string_view region,
                     std::string_view service) {
    const Secret start("AWS4" + std::string(secret_access_key.reveal()));
    hmac.set_key(start.reveal());
    for (auto part : {day, region, service, std::string_view("aws4_request")}) {
        auto key = hmac.of(part);
        hmac.set_key(view_of(key));
        OPENSSL_cleanse(key.data(), key.size());
    }
}

struct Signer::Impl {
    // The key of (secret, day, region, service), derived when one of them changes.
    void use_key(const Secret& secret_now, std::string_view day_now) {
        if (day == day_now && secret.reveal() == secret_now.reveal()) return;
        secret = secret_now;
        day = day_now;
        set_signing_key(hmac, secret, day, region, service);
        scope = day + "/" + region + "/" + service + "/aws4_request";
    }

    std::string region;
    std::string service;
    SigningOptions options;
    HmacSha256 hmac{};
    Secret secret{};
    std::string day{};
    std::string scope{};
    std::int64_t second = -1;
    std::string date{};
    std::string canonical{};
    std::string signed_headers{};
    std::string to_sign{};
    std::string signature{};
};

Signer::Signer(std::string region, std::string service, SigningOptions options)
    : impl_(new Impl{.region = std::move(region), .service = std::move(service), .options = options}) {}
Signer::~Signer() = default;
Signer::Signer(Signer&&) noexcept = default;
Signer& Signer::operator=(Signer&&) noexcept = default;

void Signer::sign(const Credentials& credentials, std::string_view method, std::string_view target,
                  std::vector<Header>& headers, std::string_view body, std::int64_t now_ms) {
    auto& self = *impl_;
    if (auto second = now_ms / 1000; second != self.second) {
        self.second = second;
        self.date = amz_date(now_ms);
    }
    self.use_key(credentials.secret_access_key, std::string_view(self.date).substr(0, 8));
    const Sha256Hex payload(sha256({body}));
    bool has_token = !credentials.session_token.empty();
    auto add_token = [&] {
        headers.emplace_back("X-Amz-Security-Token", std::string(credentials.session_token.reveal()));
    };
    if (has_token && self.options.sign_session_token) add_token();
    headers.emplace_back("X-Amz-Date", self.date);
    if (self.options.send_content_sha256) headers.emplace_back("X-Amz-Content-Sha256", payload.view());

    self.canonical.clear();
    self.signed_headers.clear();
    SignableRequest request{
        method, target, headers, payload.view(), self.options.normalize_path, self.options.double_encode_path};
    append_canonical_request(request, self.canonical, self.signed_headers);
    self.to_sign.clear();
    self.to_sign.append(kAlgorithm).append("\n").append(self.date).append("\n").append(self.scope).append("\n");
    self.to_sign.append(Sha256Hex(sha256({self.canonical})).view());
    self.signature = Sha256Hex(self.hmac.of(self.to_sign)).view();

    if (has_token && !self.options.sign_session_token) add_token();
    std::string authorization;
    authorization.reserve(kAlgorithm.size() + 256);
    authorization.append(kAlgorithm).append(" Credential=").append(credentials.access_key_id).append("/");
    authorization.append(self.scope).append(", SignedHeaders=").append(self.signed_headers);
    authorization.append(", Signature=").append(self.signature);
    headers.emplace_back("Authorization", std::move(authorization));
}

const std::string& Signer::canonical_request() const { return impl_->canonical; }
const std::string& Signer::string_to_sign() const { return impl_->to_sign; }
const std::string& Signer::signature() const { return impl_->signature; }

}  // namespace sqs2pg::aws
