// Whether an object of S3 came as it was stored: held against the checksums that the reply carries. Pure.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sqs2pg::adapters {

// `headers` of GetObject with x-amz-checksum-mode: ENABLED. Looks at CRC-32, SHA-1 and SHA-256 of the whole object, and
// at an ETag that is an MD5 (one that is not encrypted with a key of its own, and was not sent in parts). True when
// nothing there contradicts the body.
bool is_intact(const std::vector<std::pair<std::string, std::string>>& headers, std::string_view body);

}  // namespace sqs2pg::adapters
