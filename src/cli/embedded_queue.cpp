// A thread, an event loop and the queue's server on it.
#include "cli/embedded_queue.h"

#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "devqueue/server.h"

namespace sqs2pg::cli {

struct EmbeddedQueue::Impl {
    SystemClock clock;
    boost::asio::io_context loop{1};
    std::unique_ptr<devqueue::Server> server;
    std::string url;
    std::thread thread;
};

Result<std::unique_ptr<EmbeddedQueue>> EmbeddedQueue::start(const std::string& queue_name) {
    auto impl = std::make_unique<Impl>();
    devqueue::ServerOptions options;
    options.port = 0;
    impl->server = std::make_unique<devqueue::Server>(impl->loop.get_executor(), options, impl->clock);
    auto status = impl->server->create_queue(queue_name);
    if (status) status = impl->server->start();
    if (!status) return fail(status.error());
    impl->url = impl->server->url();
    impl->thread = std::thread([loop = &impl->loop] { loop->run(); });
    return std::unique_ptr<EmbeddedQueue>(new EmbeddedQueue(std::move(impl)));
}

EmbeddedQueue::EmbeddedQueue(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

EmbeddedQueue::~EmbeddedQueue() {
    boost::asio::post(impl_->loop, [impl = impl_.get()] {
        impl->server->stop();
        impl->loop.stop();
    });
    impl_->thread.join();
}

const std::string& EmbeddedQueue::url() const { return impl_->url; }

}  // namespace sqs2pg::cli
