// See bench_queue.h.
#include "cli/bench_queue.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <random>
#include <vector>

#include <fmt/format.h>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/clock.h"
#include "cli/bench_clock.h"
#include "cli/queue_access.h"
#include "cli/startup.h"
#include "sqs/protocol.h"

namespace sqs2pg::cli {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kCalls = 20;
constexpr double kCallsPart = 0.05;
constexpr double kSendPart = 0.1;
constexpr double kDrainPart = 0.12;
constexpr int kSenders = 16;
constexpr std::size_t kMostSent = 20'000;
constexpr std::uint64_t kMostRequests = 9'500;  // and those under way
constexpr std::size_t kMostBody = 100'000;      // ten of them are a batch of less than 1 MiB
constexpr std::size_t kLeastBody = 12;
constexpr std::size_t kMostSpread = 10'000;
constexpr int kVisibilitySeconds = 120;  // longer than the run: no message comes twice
// SQS API Reference, CreateQueue: a new queue takes no calls in its first second.
constexpr std::chrono::milliseconds kUntilUsable{1100};
constexpr std::chrono::milliseconds kEndOfCalls{1000};

// What the calls under way share; each holds it, so that it outlives them all. On one event loop.
struct Shared {
    Shared(const asio::any_io_executor& executor, const config::AwsSettings& aws, const aws::Endpoint& endpoint)
        : access(executor, aws, endpoint, clock, [this](auto, auto, auto) { ++requests; }), changed(executor) {}

    void note(std::vector<double>& took, Steady::time_point began) const {
        if (took.size() < kMostSpread) took.push_back(seconds_since(began) * 1000);
    }
    bool goes_on() const { return !stop && requests < kMostRequests && Steady::now() < until; }
    void failed(Error why) {
        if (!error) error = std::move(why);
        stop = true;
    }

    SystemClock clock;
    std::uint64_t requests = 0;
    QueueAccess access;
    bool scratch_made = false;  // or nobody knows
    std::string scratch_url;
    std::string body;
    Steady::time_point until;
    bool stop = false;
    std::optional<Error> error;
    std::uint64_t started = 0, sent = 0, deleted = 0;
    Steady::time_point last_deleted;
    std::vector<double> calls, receives, removes;
    std::vector<std::unique_ptr<asio::cancellation_signal>> cancels;
    std::size_t running = 0;
    asio::steady_timer changed;
};

using SharedPtr = std::shared_ptr<Shared>;

awaitable<void> send_some(SharedPtr shared) {
    while (shared->goes_on() && shared->started < kMostSent) {
        shared->started += sqs::kMaxBatchEntries;
        std::vector<sqs::SendEntry> entries(sqs::kMaxBatchEntries);
        for (std::size_t i = 0; i < entries.size(); ++i) {
            entries[i].id = fmt::to_string(i);
            entries[i].body = shared->body;
        }
        auto sending = shared->access.client.send_batch(shared->scratch_url, entries);
        auto reply = co_await std::move(sending);
        if (!reply) co_return shared->failed(reply.error());
        shared->sent += reply->successful.size();
    }
}

awaitable<void> drain_some(SharedPtr shared) {
    while (shared->goes_on() && shared->deleted < shared->sent) {
        auto began = Steady::now();
        auto receiving = shared->access.client.receive(
            {.queue_url = shared->scratch_url, .visibility_timeout_seconds = kVisibilitySeconds});
        auto reply = co_await std::move(receiving);
        if (!reply) co_return shared->failed(reply.error());
        if (reply->messages.empty()) continue;
        shared->note(shared->receives, began);
        std::vector<sqs::DeleteEntry> entries;
        for (const auto& message : reply->messages) {
            entries.push_back({fmt::to_string(entries.size()), message.receipt_handle});
        }
        began = Steady::now();
        auto removing = shared->access.client.delete_batch(shared->scratch_url, entries);
        auto removed = co_await std::move(removing);
        if (!removed) co_return shared->failed(removed.error());
        shared->note(shared->removes, began);
        shared->deleted += removed->successful.size();
        shared->last_deleted = Steady::now();
    }
}

// Cancels what still runs when its owner is left early.
struct CancelAll {
    SharedPtr shared;
    ~CancelAll() {
        shared->stop = true;
        for (auto& cancel : shared->cancels) cancel->emit(asio::cancellation_type::terminal);
    }
};

awaitable<void> wait_for_change(SharedPtr shared, Steady::time_point until) {
    shared->changed.expires_at(until);
    boost::system::error_code ignored;
    auto token = asio::redirect_error(asio::use_awaitable, ignored);
    co_await shared->changed.async_wait(token);
}

// `count` of them at a time, until all have ended.
awaitable<Status> together(SharedPtr shared, int count, awaitable<void> (*work)(SharedPtr)) {
    auto executor = co_await asio::this_coro::executor;
    const CancelAll cancel_all{shared};
    shared->cancels.clear();
    shared->stop = false;
    for (int i = 0; i < count; ++i) {
        auto& cancel = *shared->cancels.emplace_back(std::make_unique<asio::cancellation_signal>());
        ++shared->running;
        auto ended = [shared](std::exception_ptr) {
            --shared->running;
            shared->changed.cancel();
        };
        asio::co_spawn(executor, work(shared), asio::bind_cancellation_slot(cancel.slot(), std::move(ended)));
    }
    while (shared->running > 0) {
        auto waiting = wait_for_change(shared, Steady::time_point::max());
        co_await std::move(waiting);
    }
    if (shared->error) co_return fail(*shared->error);
    co_return Status{};
}

// `bench` outlives the call.
awaitable<Status> ask(SharedPtr shared, const QueueBench& bench) {
    const auto& queue = bench.pipeline.queue;
    auto& client = shared->access.client;
    bench.step("the queue: a call");
    std::string url = queue;
    if (!is_url(queue)) {
        auto asking = client.get_queue_url(queue);
        auto found = co_await std::move(asking);
        if (!found) co_return fail(queue_error(found.error(), queue, client.endpoint()));
        url = *found;
    }
    const auto until = in(bench.seconds * kCallsPart);
    for (std::size_t i = 0; i == 0 || (i < kCalls && Steady::now() < until); ++i) {
        std::vector<std::string> names{"ApproximateNumberOfMessages"};
        const auto began = Steady::now();
        auto asking = client.get_queue_attributes(url, names);
        auto answer = co_await std::move(asking);
        if (!answer) {
            auto error = queue_error(answer.error(), queue, client.endpoint());
            if (error.code.starts_with("AccessDenied")) error.detail += "; --no-queue leaves the queue's part out";
            co_return fail(std::move(error));
        }
        shared->note(shared->calls, began);
    }
    co_return Status{};
}

// Not interrupted: who does not wait for the answer does not know whether there is a queue to delete. `bench` outlives
// the call.
awaitable<Status> make_scratch(SharedPtr shared, const QueueBench& bench) {
    bench.step("the queue: making a scratch queue");
    std::map<std::string, std::string> attributes{{"MessageRetentionPeriod", "600"}};
    auto creating = shared->access.client.create_queue(bench.scratch, attributes);
    auto created = co_await std::move(creating);
    shared->scratch_made = created || worth_waiting(created.error());
    if (!created) co_return fail(queue_error(created.error(), bench.scratch, shared->access.client.endpoint()));
    shared->scratch_url = *created;
    co_return Status{};
}

// `bench` and `figures` outlive the call.
awaitable<Status> use_scratch(SharedPtr shared, const QueueBench& bench, QueueFigures& figures) {
    bench.step("the queue: sending to the scratch queue");
    if (!shared->access.client.endpoint().overridden) co_await shared->clock.sleep_for(kUntilUsable);
    const auto filler = std::clamp(bench.body_bytes, kLeastBody, kMostBody) - kLeastBody;
    shared->body = "{\"bench\":\"" + std::string(filler, 'x') + "\"}";
    shared->until = in(bench.seconds * kSendPart);
    auto sending = together(shared, kSenders, send_some);
    if (auto sent = co_await std::move(sending); !sent) co_return sent;
    bench.step("the queue: receiving and deleting there");
    const auto began = Steady::now();
    const auto cpu = thread_seconds();
    shared->until = in(bench.seconds * kDrainPart);
    auto draining = together(shared, bench.receives, drain_some);
    auto drained = co_await std::move(draining);
    if (shared->deleted > 0) {
        figures.messages = shared->deleted;
        figures.worker_seconds = thread_seconds() - cpu;
        figures.seconds = seconds_between(began, shared->last_deleted);
    }
    co_return drained;
}

// `bench` outlives the call. Also where nobody knows whether the queue was made.
awaitable<Status> delete_scratch(const QueueBench& bench, aws::Endpoint endpoint, std::string url) {
    auto executor = co_await asio::this_coro::executor;
    SystemClock clock;
    QueueAccess access(executor, bench.pipeline.aws, endpoint, clock);
    Error error;
    if (url.empty()) {
        auto asking = access.client.get_queue_url(bench.scratch);
        auto found = co_await std::move(asking);
        if (found) url = *found;
        if (!found) error = found.error();
        if (error.code == "QueueDoesNotExist") co_return Status{};
    }
    if (!url.empty()) {
        auto deleting = access.client.delete_queue(url);
        auto deleted = co_await std::move(deleting);
        access.http.close();
        if (deleted || deleted.error().code == "QueueDoesNotExist") co_return Status{};
        error = deleted.error();
    }
    error.detail = fmt::format(
        "the scratch queue {} could not be deleted ({}): delete it, `aws sqs delete-queue "
        "--queue-url {}`",
        bench.scratch, error.detail, url.empty() ? "URL" : url);
    co_return fail(std::move(error));
}

}  // namespace

std::string scratch_queue_name() {
    std::random_device random;
    return fmt::format("sqs2pg-bench-{:08x}{:08x}", random(), random());
}

awaitable<Status> bench_queue(const QueueBench& bench, Interrupt& interrupt, QueueFigures& figures) {
    auto executor = co_await asio::this_coro::executor;
    auto endpoint = endpoint_of(bench.pipeline.aws, bench.pipeline.queue);
    if (!endpoint) co_return fail(endpoint.error());
    auto shared = std::make_shared<Shared>(executor, bench.pipeline.aws, *endpoint);
    auto asking = interrupt.guard(ask(shared, bench));
    auto measured = co_await std::move(asking);
    if (measured && !bench.scratch.empty()) {
        auto making = make_scratch(shared, bench);
        measured = co_await std::move(making);
    }
    if (measured && shared->scratch_made) {
        auto using_scratch = interrupt.guard(use_scratch(shared, bench, figures));
        measured = co_await std::move(using_scratch);
    }
    if (!shared->calls.empty()) figures.call = spread_of(shared->calls);
    if (!shared->receives.empty()) figures.receive = spread_of(shared->receives);
    if (!shared->removes.empty()) figures.remove = spread_of(shared->removes);
    const auto give_up = Steady::now() + kEndOfCalls;
    while (shared->running > 0 && Steady::now() < give_up) {
        auto waiting = wait_for_change(shared, give_up);
        co_await std::move(waiting);
    }
    shared->access.http.close();
    figures.requests = shared->requests;
    if (!shared->scratch_made) co_return measured;
    auto deleting = delete_scratch(bench, *endpoint, shared->scratch_url);
    auto deleted = co_await std::move(deleting);
    if (deleted || measured) co_return deleted ? measured : deleted;
    auto both = measured.error();
    both.detail += "; and " + deleted.error().detail;
    co_return fail(std::move(both));
}

}  // namespace sqs2pg::cli
