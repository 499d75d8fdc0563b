// The JSON strings that simdjson refuses: escapes of lone surrogates, which some servers let through.
#pragma once

#include <string>
#include <string_view>

namespace sqs2pg::sqs {

// `token` begins with the opening quote; what follows the closing one is ignored. A lone surrogate becomes U+FFFD, as
// SQS itself stores it. False (and `out` is unspecified) when the token is no JSON string even so.
bool unescape_leniently(std::string_view token, std::string& out);

}  // namespace sqs2pg::sqs
