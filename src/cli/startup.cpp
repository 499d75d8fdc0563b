// The steps of a start-up, see startup.h.
#include "cli/startup.h"

#include <algorithm>
#include <map>
#include <random>

#include <boost/asio/this_coro.hpp>

#include "base/retry.h"
#include "cli/check.h"
#include "cli/database_startup.h"
#include "cli/object_access.h"
#include "cli/queue_access.h"
#include "cli/secret_access.h"

namespace sqs2pg::cli {

namespace {

constexpr Backoff kWaiting{std::chrono::milliseconds(500), std::chrono::milliseconds(15000)};

// Says what is waited for and waits. False: the error is final.
awaitable<bool> wait_after(const RunContext& context, StartupEvents& told, std::string what, Error error, int attempt) {
    if (context.options.fail_fast || !worth_waiting(error)) co_return false;
    std::minstd_rand random{std::random_device{}()};
    // Full jitter alone may come back at once: at least half of the step is waited.
    const auto bound = kWaiting.upper_bound(attempt);
    const auto delay = bound / 2 + kWaiting.delay(attempt, random) / 2;
    told.events.waiting_for(what, error, std::chrono::duration<double>(delay).count());
    told.waiting("waiting for " + what + ": " + describe(error));
    co_await context.clock.sleep_for(delay);
    co_return true;
}

struct FoundQueue {
    std::string url;
    std::map<std::string, std::string> attributes;  // empty where they may not be read
};

// What is known of the queue, once it answers.
awaitable<Result<FoundQueue>> find_queue(QueueAccess& access, const std::string& queue) {
    std::string url = queue;
    if (!is_url(queue)) {
        auto found = co_await access.client.get_queue_url(queue);
        if (!found) co_return fail(found.error());
        url = std::move(*found);
    }
    std::vector<std::string> names{"All"};
    auto attributes = co_await access.client.get_queue_attributes(url, names);
    if (!attributes) {
        // Reading attributes is a right of its own; receiving needs none of them.
        const bool denied = attributes.error().code.starts_with("AccessDenied");
        if (!denied) co_return fail(attributes.error());
        co_return FoundQueue{std::move(url), {}};
    }
    co_return FoundQueue{std::move(url), std::move(*attributes)};
}

// A metadata service or STS may be late; what is missing or refused is final.
awaitable<Status> await_credentials(const RunContext& context, StartupEvents& told, QueueAccess& access) {
    for (int attempt = 1;; ++attempt) {
        auto found = co_await access.credentials->credentials();
        if (found) co_return Status{};
        const bool again = co_await wait_after(context, told, "AWS credentials", found.error(), attempt);
        if (!again) co_return fail(std::move(found.error()));
    }
}

awaitable<Result<std::shared_ptr<const OpenKeys>>> await_keys(const PipelineContext& context, StartupEvents& told) {
    auto executor = co_await boost::asio::this_coro::executor;
    for (int attempt = 1;; ++attempt) {
        auto fetched = co_await fetch_keyring(executor, context.settings->keys, context.keys_since);
        if (fetched) co_return std::make_shared<const OpenKeys>(std::move(*fetched));
        auto error = fetched.error();
        const bool again = co_await wait_after(context.run, told, "the keys", error, attempt);
        if (!again) co_return fail(std::move(error));
    }
}

awaitable<Result<FoundQueue>> await_queue(const RunContext& context, StartupEvents& told, QueueAccess& access,
                                          const std::string& queue) {
    for (int attempt = 1;; ++attempt) {
        auto found = co_await find_queue(access, queue);
        if (found) co_return found;
        auto error = queue_error(found.error(), queue, access.client.endpoint());
        const bool again = co_await wait_after(context, told, "the queue", error, attempt);
        if (!again) co_return fail(std::move(error));
    }
}

awaitable<Result<std::vector<pg::TableShape>>> await_database(const PipelineContext& context, StartupEvents& told) {
    for (int attempt = 1;; ++attempt) {
        auto tables = co_await look_at_database(context, told.events);
        if (tables) co_return tables;
        auto error = tables.error();
        const bool again = co_await wait_after(context.run, told, "the database", error, attempt);
        if (!again) co_return fail(std::move(error));
    }
}

}  // namespace

bool worth_waiting(const Error& error) {
    // An absent queue is of kind Configuration, but somebody may be about to make it.
    return error.kind == ErrorKind::Retry || error.kind == ErrorKind::Throttled || error.code == "QueueDoesNotExist";
}

awaitable<Result<Ready>> bring_up(PipelineContext context, StartupEvents told) {
    Ready ready;
    const auto& run = context.run;
    const auto& pipeline = *context.settings;
    auto endpoint = endpoint_of(pipeline.aws, pipeline.queue);
    if (!endpoint) co_return fail(endpoint.error());
    ready.endpoint = std::move(*endpoint);
    if (has_objects(pipeline)) {
        auto objects = object_endpoint_of(pipeline, ready.endpoint.region);
        if (!objects) co_return fail(objects.error());
        ready.objects = std::move(*objects);
    }

    auto executor = co_await boost::asio::this_coro::executor;
    QueueAccess access(executor, pipeline.aws, ready.endpoint, run.clock);
    auto credentials = co_await await_credentials(run, told, access);
    if (!credentials) co_return fail(credentials.error());

    if (context.keys == nullptr) {
        auto keys = co_await await_keys(context, told);
        if (!keys) co_return fail(keys.error());
        context.keys = std::move(*keys);
    }
    ready.keys = context.keys;

    // The database first: a mistake in the mapping is told at once, even while the queue is still to be made.
    auto tables = co_await await_database(context, told);
    if (!tables) co_return fail(tables.error());
    ready.tables = std::move(*tables);
    told.waiting({});

    auto queue = co_await await_queue(run, told, access, pipeline.queue);
    access.http.close();
    if (!queue) co_return fail(queue.error());
    ready.queue_url = std::move(queue->url);
    if (const auto danger = redrive_danger(queue->attributes, pipeline)) {
        told.events.warning(danger->place + ": " + danger->sentence);
    }
    ready.credentials = std::move(access.credentials);
    told.waiting({});
    co_return ready;
}

}  // namespace sqs2pg::cli
