// Which key a request claims, and whether it has it.
#include "devqueue/authentication.h"

#include <algorithm>

#include <fmt/format.h>
#include <openssl/crypto.h>

namespace sqs2pg::devqueue {
namespace {

constexpr std::int64_t kSkewMs = 15 * 60 * 1000;

std::string_view header_of(const SignedRequest& request, std::string_view name) {
    auto same = [&](std::string_view key) {
        return std::ranges::equal(key, name, [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
    };
    auto found = std::ranges::find_if(request.headers, [&](const aws::Header& header) { return same(header.first); });
    return found == request.headers.end() ? std::string_view{} : std::string_view(found->second);
}

bool is_same(std::string_view left, std::string_view right) {
    return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

// "…Credential=KEY/20150830/us-east-1/sqs/aws4_request, …"
bool names_sqs(std::string_view authorization) {
    auto scope = authorization.substr(authorization.find("Credential="));
    return scope.substr(0, scope.find_first_of(", ")).ends_with("/sqs/aws4_request");
}

std::string skew_sentence(std::string_view date, std::int64_t now_ms) {
    auto now = aws::amz_date(now_ms);
    auto oldest = aws::amz_date(now_ms - kSkewMs);
    if (date < now)
        return fmt::format("Signature expired: {} is now earlier than {} ({} - 15 min.)", date, oldest, now);
    return fmt::format("Signature not yet current: {} is still later than {} ({} + 15 min.)", date,
                       aws::amz_date(now_ms + kSkewMs), now);
}

}  // namespace

Verdict authenticate(const std::vector<aws::Credentials>& accepted, const SignedRequest& request, std::int64_t now_ms) {
    auto authorization = header_of(request, "authorization");
    auto claimed = aws::access_key_of(authorization);
    auto known = std::ranges::find(accepted, claimed, &aws::Credentials::access_key_id);
    // Without such a key the shape is looked at all the same, and the verdict is UnknownKey at best.
    const aws::Credentials nobody;
    const auto& credentials = known == accepted.end() ? nobody : *known;
    using enum aws::SignatureVerdict;
    switch (aws::verify_signature(credentials, request.method, request.target, request.headers, request.body, now_ms)) {
        case Missing:
            return refuse("MissingAuthenticationToken", "Request is missing Authentication Token");
        case Malformed:
            return refuse("IncompleteSignature",
                          "The Authorization header lacks one of Credential, SignedHeaders and Signature, or Host or "
                          "X-Amz-Date is not signed.");
        case UnknownKey:
            return refuse("InvalidClientTokenId", "The security token included in the request is invalid.");
        case Skewed:
            return refuse("InvalidSignature", skew_sentence(header_of(request, "x-amz-date"), now_ms));
        case Mismatch:
            return refuse("InvalidSignature",
                          "The request signature we calculated does not match the signature you provided. Check your "
                          "AWS Secret Access Key and signing method. Consult the service documentation for details.");
        case Valid:
            break;
    }
    if (known == accepted.end() ||
        !is_same(header_of(request, "x-amz-security-token"), known->session_token.reveal())) {
        return refuse("InvalidClientTokenId", "The security token included in the request is invalid.");
    }
    if (names_sqs(authorization)) return {};
    return refuse("InvalidSignature", "Credential should be scoped to correct service: 'sqs'.");
}

}  // namespace sqs2pg::devqueue
