// The text that Signature Version 4 signs: a request in its one canonical spelling. Pure.
// Source: AWS IAM User Guide, "Create a signed AWS API request", steps 1 and 2.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace sqs2pg::aws {

using Header = std::pair<std::string, std::string>;

// Borrowed views of a request as it goes over the wire.
struct SignableRequest {
    std::string_view method;
    std::string_view target;          // path and query as in the start line
    std::span<const Header> headers;  // all of them are signed; Host has to be among them
    std::string_view payload_sha256;  // lower-case hex
    bool normalize_path = true;       // "/a/../b" is signed as "/b": every service but S3
    bool double_encode_path = true;   // "%20" of the wire is signed as "%2520": every service but S3
};

// Appends the canonical request to `out` and the names of the signed headers ("host;x-amz-date") to `signed_headers`.
void append_canonical_request(const SignableRequest& request, std::string& out, std::string& signed_headers);

// Percent-encodes everything but RFC 3986's unreserved characters, and '/' when `keep_slash`.
void append_uri_encoded(std::string& out, std::string_view text, bool keep_slash);

}  // namespace sqs2pg::aws
