// The looking loop, see ledger_watch.h.
#include "cli/ledger_watch.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

#include "cli/database_access.h"
#include "pg/connection.h"
#include "schema/migrations.h"

namespace sqs2pg::cli {

namespace {

constexpr std::chrono::minutes kInterval{10};

}  // namespace

struct LedgerWatch::Impl {
    explicit Impl(PipelineContext context_in)
        : context(std::move(context_in)), events(context.run.telemetry, context.settings->name) {}

    // Connects each time: a connection held for one question in ten minutes is one too many for the database.
    awaitable<void> look() {
        auto executor = co_await boost::asio::this_coro::executor;
        auto options = connect_options(context.settings->postgres, context.run.connections);
        auto connection = co_await pg::Connection::connect(executor, std::move(options));
        if (!connection) co_return;  // the workers tell it better
        const auto state = co_await schema::inspect(**connection);
        if (state) events.ledger_bytes(state->ledger_bytes);
    }

    static awaitable<void> watch(std::shared_ptr<Impl> self) {
        while (!self->stopping) {
            co_await self->context.run.clock.sleep_for(kInterval);
            if (!self->stopping) co_await self->look();
        }
    }

    const PipelineContext context;
    telemetry::PipelineEvents events;  // its own: a look may end after the run did
    boost::asio::cancellation_signal cancel;
    bool stopping = false;
};

LedgerWatch::LedgerWatch(boost::asio::io_context& control, PipelineContext context)
    : impl_(std::make_shared<Impl>(std::move(context))) {
    boost::asio::co_spawn(
        control, Impl::watch(impl_),
        boost::asio::bind_cancellation_slot(impl_->cancel.slot(), [impl = impl_](std::exception_ptr) {}));
}

LedgerWatch::~LedgerWatch() = default;

void LedgerWatch::stop() {
    impl_->stopping = true;
    impl_->cancel.emit(boost::asio::cancellation_type::terminal);
}

}  // namespace sqs2pg::cli
