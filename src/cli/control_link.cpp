// The two-second loop of one link, see control_link.h.
#include "cli/control_link.h"

#include <random>
#include <vector>

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "cli/database_access.h"
#include "schema/control.h"

namespace sqs2pg::cli {

namespace {

using namespace std::chrono_literals;
using Time = std::chrono::steady_clock::time_point;

// A pause is obeyed within five seconds: of them two pass here at most, and 1.5 until what a running poll brings is
// given back.
constexpr auto kShortestWait = 1600ms;
constexpr auto kLongestWait = 2100ms;
constexpr auto kReportEvery = 5s;
constexpr auto kConnectDeadline = 5s;
// One lost answer is nothing to speak of.
constexpr int kFailuresToWarn = 3;

std::string random_uuid() {
    std::random_device device;
    auto word = [&] { return static_cast<unsigned>(device()); };
    return fmt::format("{:08x}-{:04x}-4{:03x}-8{:03x}-{:08x}{:04x}", word(), word() & 0xffff, word() & 0xfff,
                       word() & 0xfff, word(), word() & 0xffff);
}

std::string sentence_of(const schema::PipelineControl& control) {
    if (control.cause == pipeline::kBrakeCause) return control.detail;
    auto text = fmt::format("paused by {} at {}", control.changed_by, control.changed_at);
    return control.detail.empty() ? text : fmt::format("{}: {}", text, control.detail);
}

}  // namespace

struct ControlLink::Impl : std::enable_shared_from_this<ControlLink::Impl> {
    struct Seat {
        Obey obey;
        std::optional<std::int64_t> generation;  // nothing: its state is not known yet
        std::optional<std::string> trip;         // not written yet
        std::uint64_t number = 0;
    };

    Impl(boost::asio::io_context& control, const RunContext& context_in, pg::ConnectOptions options_in)
        : context(context_in), options(std::move(options_in)), timer(control) {
        options.application_name = "sqs2pg control";
        options.connect_deadline = kConnectDeadline;
    }

    void wake() { timer.cancel(); }

    std::chrono::milliseconds wait_time() {
        std::uniform_int_distribution<std::int64_t> between(kShortestWait.count(), kLongestWait.count());
        return std::chrono::milliseconds(between(random));
    }

    static awaitable<void> run(std::shared_ptr<Impl> self) {
        while (!self->stopping) {
            self->hurry = false;
            co_await self->exchange();
            if (self->hurry || self->stopping) continue;
            self->timer.expires_after(self->wait_time());
            boost::system::error_code ignored;
            co_await self->timer.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
        }
        if (self->reported && self->connection && self->connection->ok()) {
            co_await schema::leave(*self->connection, self->process_id);
        }
        self->connection.reset();
        self->running = false;
    }

    awaitable<Status> connect() {
        if (connection && connection->ok()) co_return Status{};
        connection.reset();
        auto made = co_await pg::Connection::connect(timer.get_executor(), options);
        if (!made) co_return fail(made.error());
        connection = std::move(*made);
        co_return Status{};
    }

    std::string report_if_due() {
        const auto now = std::chrono::steady_clock::now();
        if (reported && now - *reported < kReportEvery) return {};
        next_report = now;
        return process_report(process_id, context.board.view(),
                              [this](const std::string& name) { return seats.contains(name); });
    }

    awaitable<void> exchange() {
        auto connected = co_await connect();
        if (!connected) co_return failed(connected.error());
        std::vector<schema::Trip> trips;
        for (const auto& [name, seat] : seats) {
            if (seat.trip && seat.generation) trips.push_back({name, *seat.trip, *seat.generation});
        }
        // A trip is worth a flush to disk, a sign of life is not: they do not share a transaction.
        auto report = trips.empty() ? report_if_due() : std::string();
        const bool reports = !report.empty();
        auto told = trips;
        auto states = co_await schema::exchange(*connection, std::move(report), std::move(trips));
        if (!states) co_return failed(states.error());
        if (reports) reported = next_report;
        failures = 0;
        if (std::exchange(warned, false)) context.telemetry.info("the state of the pipelines is read again");
        for (const auto& trip : told) {
            if (auto seat = seats.find(trip.pipeline); seat != seats.end()) seat->second.trip.reset();
        }
        hear(*states);
    }

    void failed(const Error& error) {
        if (connection && !connection->ok()) connection.reset();
        if (++failures < kFailuresToWarn || warned || stopping) return;
        warned = true;
        context.telemetry.warning(
            "the pipelines go on as they are, `sqs2pg pause` and `status` do not reach this process: " +
            describe(error));
    }

    void hear(const std::vector<schema::PipelineControl>& states) {
        std::map<std::string, const schema::PipelineControl*> known;
        for (const auto& state : states) known[state.pipeline] = &state;
        std::vector<std::pair<Obey, std::optional<pipeline::Hold>>> told;
        for (auto& [name, seat] : seats) {
            const auto found = known.find(name);
            const auto generation = found == known.end() ? 0 : found->second->generation;
            if (!seat.obey || seat.generation == generation) continue;
            seat.generation = generation;
            std::optional<pipeline::Hold> hold;
            if (found != known.end() && found->second->paused) {
                const auto& file = context.options.configuration;
                hold = pipeline::Hold{found->second->cause, sentence_of(*found->second),
                                      fmt::format("`sqs2pg resume {} -c {}`", name, file.empty() ? "FILE" : file)};
            }
            told.emplace_back(seat.obey, std::move(hold));
        }
        // Who is told may add and release seats.
        for (auto& [obey, hold] : told) obey(std::move(hold));
    }

    const RunContext& context;
    pg::ConnectOptions options;
    boost::asio::steady_timer timer;
    const std::string process_id = random_uuid();
    std::minstd_rand random{std::random_device{}()};
    std::map<std::string, Seat> seats;
    std::uint64_t seats_given = 0;
    std::unique_ptr<pg::Connection> connection;
    std::optional<Time> reported;
    Time next_report{};
    int failures = 0;  // in a row
    bool warned = false;
    bool running = false;
    bool stopping = false;
    bool hurry = false;  // somebody waits for the next exchange
};

ControlLink::ControlLink(boost::asio::io_context& control, const RunContext& context, pg::ConnectOptions options)
    : impl_(std::make_shared<Impl>(control, context, std::move(options))) {}

ControlLink::~ControlLink() = default;

std::uint64_t ControlLink::add(const std::string& pipeline, Obey obey) {
    const auto number = ++impl_->seats_given;
    impl_->seats[pipeline] = Impl::Seat{std::move(obey), {}, {}, number};
    impl_->hurry = true;
    impl_->wake();
    if (!std::exchange(impl_->running, true)) {
        boost::asio::co_spawn(impl_->timer.get_executor(), Impl::run(impl_), boost::asio::detached);
    }
    return number;
}

void ControlLink::release(const std::string& pipeline, std::uint64_t number) {
    auto seat = impl_->seats.find(pipeline);
    if (seat != impl_->seats.end() && seat->second.number == number) seat->second.obey = nullptr;
}

void ControlLink::tripped(const std::string& pipeline, std::string detail) {
    auto seat = impl_->seats.find(pipeline);
    if (seat == impl_->seats.end()) return;
    seat->second.trip = std::move(detail);
    impl_->hurry = true;
    impl_->wake();
}

void ControlLink::stop() {
    impl_->stopping = true;
    impl_->wake();
}

ControlLink& ControlLinks::of(const config::PostgresSettings& settings) {
    auto& link = links_[settings.url];
    if (!link) link = std::make_unique<ControlLink>(control_, context_, connect_options(settings));
    return *link;
}

void ControlLinks::stop() {
    for (auto& [url, link] : links_) link->stop();
}

}  // namespace sqs2pg::cli
