// How many messages a queue still holds, asked about once a second on the control thread: the progress bar's other
// half.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include <boost/asio/io_context.hpp>

#include "cli/run_context.h"
#include "cli/startup.h"

namespace sqs2pg::cli {

class QueueDepthWatch {
   public:
    // Asks until stop(). Everything borrowed outlives the control loop's last turn.
    QueueDepthWatch(boost::asio::io_context& control, const PipelineContext& context, const Ready& ready,
                    const telemetry::PipelineEvents& events);
    ~QueueDepthWatch();
    QueueDepthWatch(const QueueDepthWatch&) = delete;
    QueueDepthWatch& operator=(const QueueDepthWatch&) = delete;

    void stop();
    // Settled when it was asked, and what the queue held then: visible, in flight (anybody's) and delayed messages;
    // approximate, as SQS counts. Nothing before the first answer. On the control thread.
    std::optional<std::uint64_t> total() const;

   private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace sqs2pg::cli
