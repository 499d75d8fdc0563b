// The part of `check` that looks at AWS credentials: which source answered, whose they are, until when.
#pragma once

#include "aws/endpoint.h"
#include "base/clock.h"
#include "cli/check.h"
#include "cli/queue_access.h"
#include "config/settings.h"

namespace sqs2pg::cli {

// False: there are none, and the finding says what was tried. Whose they are is asked of STS once, for 3 s, unless the
// queue is at another endpoint than AWS's and STS is not. The arguments outlive the coroutine.
awaitable<bool> check_credentials(QueueAccess& access, const config::AwsSettings& settings,
                                  const aws::Endpoint& endpoint, Clock& clock, Findings& findings);

}  // namespace sqs2pg::cli
