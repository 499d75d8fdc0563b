// The asking loop, see queue_depth.h.
#include "cli/queue_depth.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "adapters/queue_on_sqs.h"
#include "cli/queue_access.h"

namespace sqs2pg::cli {

namespace {

constexpr std::chrono::milliseconds kInterval{500};

std::uint64_t count(std::int64_t messages) { return messages > 0 ? static_cast<std::uint64_t>(messages) : 0; }

}  // namespace

struct QueueDepthWatch::Impl {
    Impl(boost::asio::io_context& control, const PipelineContext& context, const Ready& ready,
         const telemetry::PipelineEvents& events_in)
        : events(events_in),
          timer(control),
          access(control.get_executor(), context.settings->aws, ready.endpoint, context.run.clock),
          queue(access.client, ready.queue_url, context.run.clock) {}

    // Holds the object, so that it lives until its last request has ended.
    static awaitable<void> ask(std::shared_ptr<Impl> self) {
        while (!self->stopping) {
            const auto settled = self->events.figures().settled();
            const auto depth = co_await self->queue.depth();
            if (depth)
                self->total = settled + count(depth->visible) + count(depth->not_visible) + count(depth->delayed);
            if (self->stopping) break;
            self->timer.expires_after(kInterval);
            boost::system::error_code ignored;
            auto token = boost::asio::redirect_error(boost::asio::use_awaitable, ignored);
            co_await self->timer.async_wait(token);
        }
    }

    const telemetry::PipelineEvents& events;
    boost::asio::steady_timer timer;
    QueueAccess access;
    adapters::QueueOnSqs queue;
    std::optional<std::uint64_t> total;
    bool stopping = false;
};

QueueDepthWatch::QueueDepthWatch(boost::asio::io_context& control, const PipelineContext& context, const Ready& ready,
                                 const telemetry::PipelineEvents& events)
    : impl_(std::make_shared<Impl>(control, context, ready, events)) {
    boost::asio::co_spawn(control, Impl::ask(impl_), boost::asio::detached);
}

QueueDepthWatch::~QueueDepthWatch() = default;

void QueueDepthWatch::stop() {
    impl_->stopping = true;
    impl_->timer.cancel();
    impl_->access.http.close();
}

std::optional<std::uint64_t> QueueDepthWatch::total() const { return impl_->total; }

}  // namespace sqs2pg::cli
