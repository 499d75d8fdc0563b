// Why a secret was not had, as one sentence with what to do. Pure.
#pragma once

#include <string>

#include "base/error.h"
#include "secrets/reference.h"

namespace sqs2pg::secrets {

// `error` as the call of the service gave it; `place`: region and endpoint, for people.
Error explained(Error error, const Reference& reference, const std::string& place);

}  // namespace sqs2pg::secrets
