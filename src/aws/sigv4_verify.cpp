// The other side of Signature Version 4: checking a signed request, for the embedded queue. See sigv4.h.
#include <algorithm>
#include <cstdlib>

#include <openssl/crypto.h>

#include "aws/sigv4.h"

namespace sqs2pg::aws {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::int64_t kLargestSkewMs = 15 * 60 * 1000;

bool same_ignoring_case(std::string_view left, std::string_view right) {
    auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return left.size() == right.size() &&
           std::equal(left.begin(), left.end(), right.begin(), [&](char a, char b) { return lower(a) == lower(b); });
}

std::string_view header_of(const std::vector<Header>& headers, std::string_view name) {
    for (const auto& [key, value] : headers) {
        if (same_ignoring_case(key, name)) return value;
    }
    return {};
}

// "NAME=value" up to the next comma or blank.
std::string_view field_of(std::string_view authorization, std::string_view name) {
    for (auto at = authorization.find(name); at != authorization.npos; at = authorization.find(name, at + 1)) {
        auto after = at + name.size();
        bool begins = at == 0 || authorization[at - 1] == ' ' || authorization[at - 1] == ',';
        if (!begins || after >= authorization.size() || authorization[after] != '=') continue;
        auto value = authorization.substr(after + 1);
        return value.substr(0, value.find_first_of(", "));
    }
    return {};
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (;;) {
        auto end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == text.npos) return parts;
        text.remove_prefix(end + 1);
    }
}

// Milliseconds since 1970 of "20150830T123600Z"; -1 when it is not of that shape.
std::int64_t parse_amz_date(std::string_view text) {
    std::tm parts{};
    std::string copy(text);
    const char* end = strptime(copy.c_str(), "%Y%m%dT%H%M%SZ", &parts);
    if (copy.size() != 16 || end == nullptr || *end != '\0') return -1;
    return static_cast<std::int64_t>(timegm(&parts)) * 1000;
}

}  // namespace

std::string access_key_of(std::string_view authorization) {
    if (!authorization.starts_with(kAlgorithm)) return {};
    auto credential = field_of(authorization, "Credential");
    return std::string(credential.substr(0, credential.find('/')));
}

SignatureVerdict verify_signature(const Credentials& known, std::string_view method, std::string_view target,
                                  const std::vector<Header>& headers, std::string_view body, std::int64_t now_ms,
                                  SigningOptions options) {
    auto authorization = header_of(headers, "authorization");
    if (!authorization.starts_with(kAlgorithm)) return SignatureVerdict::Missing;
    auto scope = split(field_of(authorization, "Credential"), '/');
    auto names = split(field_of(authorization, "SignedHeaders"), ';');
    auto given = field_of(authorization, "Signature");
    auto date = header_of(headers, "x-amz-date");
    auto date_ms = parse_amz_date(date);
    auto is_signed = [&](std::string_view name) { return std::find(names.begin(), names.end(), name) != names.end(); };
    if (scope.size() != 5 || scope[4] != "aws4_request" || given.size() != 64 || date_ms < 0 ||
        !date.starts_with(scope[1]) || !is_signed("host") || !is_signed("x-amz-date")) {
        return SignatureVerdict::Malformed;
    }
    if (scope[0] != known.access_key_id) return SignatureVerdict::UnknownKey;
    if (std::abs(date_ms - now_ms) >= kLargestSkewMs) return SignatureVerdict::Skewed;

    std::vector<Header> to_sign;
    for (const auto& header : headers) {
        // The signer adds these again from the credentials and the time.
        if (same_ignoring_case(header.first, "x-amz-date")) continue;
        if (options.send_content_sha256 && same_ignoring_case(header.first, "x-amz-content-sha256")) continue;
        for (auto name : names) {
            if (same_ignoring_case(header.first, name)) to_sign.push_back(header);
        }
    }
    Credentials without_token = known;
    without_token.session_token = Secret();  // when it was signed it stands among the headers
    Signer signer{std::string(scope[2]), std::string(scope[3]), options};
    signer.sign(without_token, method, target, to_sign, body, date_ms);
    bool equal = CRYPTO_memcmp(signer.signature().data(), given.data(), given.size()) == 0;
    return equal ? SignatureVerdict::Valid : SignatureVerdict::Mismatch;
}

}  // namespace sqs2pg::aws
