// Brings one pipeline to the point where workers can run: credentials, queue, database, ledger, key, table and mapping,
// in this order. What only time can mend is waited for; what somebody must mend is an error at once.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "aws/credentials.h"
#include "aws/endpoint.h"
#include "base/result.h"
#include "cli/run_context.h"
#include "pg/table_shape.h"
#include "pipeline/options.h"

namespace sqs2pg::cli {

// A pipeline whose world has been looked at.
struct Ready {
    aws::Endpoint endpoint;
    std::string queue_url;
    aws::Endpoint objects{};             // S3's, where the pipeline has pointers
    std::vector<pg::TableShape> tables;  // one a route
    std::shared_ptr<const OpenKeys> keys;
    // Not asked: as long as it lives, what workers come and go with is not fetched anew.
    std::shared_ptr<aws::CredentialsProvider> credentials;
};

// Absent, unreachable or busy: time may mend it. Every other error is a mistake that somebody must mend.
bool worth_waiting(const Error& error);

struct StartupEvents {
    telemetry::PipelineEvents& events;
    std::function<void(std::string)> waiting;  // one sentence: for what, and why; "" when it is there
};

// Waits with a backoff for an absent queue, database or secret, for ever; with options.fail_fast those are its error.
// Other errors: kind Configuration or Credentials, one sentence that says what to do. What `told` borrows outlives the
// coroutine. Ends with an exception when it is cancelled (asio terminal cancellation): destructors run.
awaitable<Result<Ready>> bring_up(PipelineContext context, StartupEvents told);

}  // namespace sqs2pg::cli
