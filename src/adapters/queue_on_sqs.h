// The pipeline's QueuePort on a real SQS queue: one queue, on one worker's client.
#pragma once

#include <string>

#include "base/clock.h"
#include "pipeline/ports.h"
#include "sqs/client.h"

namespace sqs2pg::adapters {

class QueueOnSqs final : public pipeline::QueuePort {
   public:
    // `client` and `clock` outlive the port and every call of it.
    QueueOnSqs(sqs::Client& client, std::string queue_url, Clock& clock)
        : client_(client), queue_url_(std::move(queue_url)), clock_(clock) {}

    awaitable<Result<std::vector<pipeline::Received>>> receive(pipeline::ReceiveRequest request) override;

    // An id that the reply does not mention is not done and may be sent again (code "missing_in_reply").
    awaitable<Result<std::vector<pipeline::EntryVerdict>>> remove(
        std::span<const std::string_view> receipt_handles) override;
    awaitable<Result<std::vector<pipeline::EntryVerdict>>> change_visibility(
        std::span<const pipeline::VisibilityChange> changes) override;

    awaitable<Result<pipeline::QueueDepth>> depth() override;

   private:
    sqs::Client& client_;
    std::string queue_url_;
    Clock& clock_;
};

}  // namespace sqs2pg::adapters
