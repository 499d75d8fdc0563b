// Asks AWS for one secret: GetSecretValue, GetParameter with decryption, or Decrypt of a file that KMS wrapped.
#pragma once

#include <string>

#include "aws/endpoint_inputs.h"
#include "aws/environment.h"
#include "aws/service_call.h"
#include "base/result.h"
#include "base/secret.h"
#include "secrets/reference.h"

namespace sqs2pg::secrets {

// What KMS-wrapped files are encrypted with, and so has to be said again to decrypt them: a ciphertext that was made
// for something else is refused, and a key policy can allow just this.
inline constexpr const char* kContextName = "sqs2pg";
inline constexpr const char* kContextValue = "keys";

struct Fetched {
    Secret value;         // the whole secret
    std::string version;  // for people: a version id, a number, the ARN of the KMS key
    bool plain = false;   // a parameter of type String: not encrypted at rest with a key
};

// Borrowed, and outlives the calls.
struct FetchContext {
    aws::ServiceClient& client;
    const aws::ConfiguredAws& configured;
    const aws::Environment& environment;
};

// Lasts three attempts of five seconds and the pauses between them, and the credentials' own. Errors: one sentence that
// says which secret, where and what to do, with AWS's code (refusal.h) or "secret_binary", "secret_too_large",
// "secret_bad_reply", "kms_file". None holds a part of a secret.
awaitable<Result<Fetched>> fetch(Reference reference, FetchContext context);

// What DescribeSecret says of rotation, for people: "rotated every 30 days", "not rotated". Of other keepers: empty.
// Errors: not allowed, mostly.
awaitable<Result<std::string>> rotation_of(Reference reference, FetchContext context);

}  // namespace sqs2pg::secrets
