// Signature verification of the embedded queue (`--verify-signatures`): Signature Version 4 in headers against the keys
// that are accepted, refused in AWS's words. Pure. Source: AWS IAM User Guide, "Troubleshoot Signature Version 4
// signing"; Amazon SQS API Reference, "Common errors".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "aws/sigv4.h"
#include "devqueue/errors.h"

namespace sqs2pg::devqueue {

// A request as it came. Borrowed for the call.
struct SignedRequest {
    std::string_view method;
    std::string_view target;
    const std::vector<aws::Header>& headers;
    std::string_view body;
};

// MissingAuthenticationToken (unsigned), IncompleteSignature, InvalidClientTokenId (unknown access key, or another
// session token than the key's), InvalidSignature (15 minutes off, another service, another secret, altered). Any
// region is accepted. No message holds a key, a token or a signature.
Verdict authenticate(const std::vector<aws::Credentials>& accepted, const SignedRequest& request, std::int64_t now_ms);

}  // namespace sqs2pg::devqueue
