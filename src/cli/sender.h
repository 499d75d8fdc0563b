// Puts messages into a queue: batches of ten, several on the way at once, entries that failed sent again. Used by
// `send` and `demo`.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "cli/message_source.h"
#include "sqs/client.h"

namespace sqs2pg::cli {

struct SendReport {
    std::uint64_t sent = 0;
    std::uint64_t refused = 0;        // not sent: what SQS does not take, or refused by the service
    std::optional<Error> stopped_by;  // a call failed for good: what was left was not sent
};

struct SenderOptions {
    int in_flight = 16;                                                     // batches on the way at once
    double a_second = 0;                                                    // messages; 0: as fast as they are taken
    int entry_attempts = 5;                                                 // how often a failed entry is sent in all
    std::function<void(std::uint64_t line, std::string_view why)> refused;  // a sentence's end: "is larger than …"
    std::function<void(std::uint64_t sent)> progress;                       // after each batch; may be empty
    std::function<bool()> stop;                                             // asked before each batch; may be empty
};

// Sends all of `source`. Returns when every batch is settled; the first call that fails for good ends it. Everything
// borrowed outlives the call. On the client's executor.
awaitable<SendReport> send_all(sqs::Client& client, std::string queue_url, MessageSource& source, Clock& clock,
                               SenderOptions options);

// The URL of a queue given by name or URL. With `create` an absent one is made. Error: the client's.
awaitable<Result<std::string>> queue_url_of(sqs::Client& client, std::string queue, bool create);

}  // namespace sqs2pg::cli
