// How often a call of AWS may be tried, from where the SDKs take it. The mode is always "standard" (base/retry.h).
// Source: AWS SDKs and Tools Reference Guide, "Retry behavior".
#pragma once

#include <string>

#include "aws/environment.h"

namespace sqs2pg::aws {

struct RetrySettings {
    int max_attempts = 3;   // 1 to kMostAttempts, the first included
    std::string from{};     // what named max_attempts; empty: nothing did
    std::string mistake{};  // a sentence on what cannot be followed, and what happens instead; empty: nothing
};

inline constexpr int kMostAttempts = 20;

// max_attempts: AWS_MAX_ATTEMPTS, then the profile's. AWS_RETRY_MODE or the profile's retry_mode may say "standard".
// Reads the profile's files; `configured_profile` is the configuration's, and may be empty.
RetrySettings gather_retry_settings(const Environment& environment, const std::string& configured_profile);

}  // namespace sqs2pg::aws
