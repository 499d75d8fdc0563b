// AWS Signature Version 4 in headers: signs what the SQS client sends, and checks what the embedded queue gets. Pure
// but for its caches: the time is an argument. About 1 µs a receive: the signing key is kept for its day. Source: AWS
// IAM User Guide, "Create a signed AWS API request".
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "aws/canonical_request.h"
#include "aws/credentials.h"
#include "base/secret.h"
#include "base/sha256.h"

namespace sqs2pg::aws {

struct SigningOptions {
    bool normalize_path = true;        // false for S3 only
    bool double_encode_path = true;    // false for S3 only
    bool send_content_sha256 = false;  // adds and signs X-Amz-Content-Sha256
    bool sign_session_token = true;    // false: X-Amz-Security-Token is sent but not signed (a few old services)
};

// Gives `hmac` the key that signs for a day ("20261231"), region and service: the last one of a chain of HMACs that
// begins with the secret access key.
void set_signing_key(HmacSha256& hmac, const Secret& secret_access_key, std::string_view day, std::string_view region,
                     std::string_view service);

// Not thread-safe: one a client.
class Signer {
   public:
    Signer(std::string region, std::string service, SigningOptions options = {});
    ~Signer();
    Signer(Signer&&) noexcept;
    Signer& operator=(Signer&&) noexcept;

    // Adds X-Amz-Security-Token (when there is one), X-Amz-Date, X-Amz-Content-Sha256 (when asked for) and
    // Authorization to `headers`, which hold Host already. `target` is path and query. `now_ms`: wall clock.
    void sign(const Credentials& credentials, std::string_view method, std::string_view target,
              std::vector<Header>& headers, std::string_view body, std::int64_t now_ms);

    // Of the last sign(): for tests against the published vectors. They hold no secret but the session token.
    const std::string& canonical_request() const;
    const std::string& string_to_sign() const;
    const std::string& signature() const;

   private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// Why a signed request is not accepted.
enum class SignatureVerdict {
    Valid,
    Missing,     // no Authorization header of AWS4-HMAC-SHA256
    Malformed,   // not of the documented shape, or Host or X-Amz-Date is not signed
    UnknownKey,  // another access key id
    Skewed,      // X-Amz-Date is 15 minutes or more off
    Mismatch,    // another secret, or an altered request
};

// Checks a request against the one key that is known. Any region and service are accepted; `now_ms`: wall clock.
SignatureVerdict verify_signature(const Credentials& known, std::string_view method, std::string_view target,
                                  const std::vector<Header>& headers, std::string_view body, std::int64_t now_ms,
                                  SigningOptions options = {});

// The access key id of an Authorization header; empty when there is none.
std::string access_key_of(std::string_view authorization);

// "20150830T123600Z"
std::string amz_date(std::int64_t wall_ms);

std::string sha256_hex(std::string_view text);

}  // namespace sqs2pg::aws
