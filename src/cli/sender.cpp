// Several senders on one event loop take batches from one reader, see sender.h.
#include "cli/sender.h"

#include <algorithm>
#include <memory>
#include <random>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/retry.h"
#include "cli/queue_access.h"

namespace sqs2pg::cli {
namespace asio = boost::asio;
namespace {

constexpr std::chrono::milliseconds kStep{100};

// What the senders share; each holds it alive. Stays where it is made: the reader's callback points to it.
struct Sending {
    Sending(const asio::any_io_executor& executor, sqs::Client& to, std::string url, MessageSource& source, Clock& with,
            SenderOptions given)
        : client(to),
          queue_url(std::move(url)),
          clock(with),
          options(std::move(given)),
          reader(source, [this](std::uint64_t line, std::string_view why) { refuse(line, why); }),
          finished(executor, asio::steady_timer::time_point::max()) {}

    void refuse(std::uint64_t line, std::string_view why) {
        ++report.refused;
        if (options.refused) options.refused(line, why);
    }

    sqs::Client& client;
    std::string queue_url;
    Clock& clock;
    SenderOptions options;
    BatchReader reader;
    asio::steady_timer finished;  // cancelled when the last sender ends
    Clock::Steady next_batch{};   // with a rate: not before this
    std::mt19937_64 jitter{1};
    SendReport report;
    int senders = 0;
};

std::vector<sqs::SendEntry> entries_of(const std::vector<OutgoingMessage>& batch) {
    std::vector<sqs::SendEntry> entries(batch.size());
    for (std::size_t i = 0; i < batch.size(); ++i) {
        entries[i].id = std::to_string(i);
        entries[i].body = batch[i].body;
    }
    return entries;
}

// Keeps in `batch` what is to be sent again; counts and names the rest.
void settle(Sending& sending, std::vector<OutgoingMessage>& batch, const sqs::BatchReply& reply, bool last_attempt) {
    std::vector<OutgoingMessage> again;
    std::size_t failed = 0;
    for (const auto& entry : reply.failed) {
        auto index = std::strtoull(entry.id.c_str(), nullptr, 10);
        if (index >= batch.size()) continue;
        ++failed;
        if (entry.sender_fault) {
            sending.refuse(batch[index].line, "was refused by the queue: " + entry.code);
        } else if (last_attempt) {
            sending.refuse(batch[index].line, "was not taken by the queue after several attempts: " + entry.code);
        } else {
            again.push_back(std::move(batch[index]));
        }
    }
    sending.report.sent += batch.size() - std::min(failed, batch.size());
    batch = std::move(again);
    if (sending.options.progress) sending.options.progress(sending.report.sent);
}

// A slow rate sends a few messages often instead of many at once: five batches a second.
std::size_t batch_size(double a_second) {
    constexpr std::size_t kMost = sqs::kMaxBatchEntries;
    if (a_second <= 0) return kMost;
    return static_cast<std::size_t>(std::clamp(a_second / 5, 1.0, static_cast<double>(kMost)));
}

// With a rate, waits for the turn of `messages` more, in short steps so that a stop is heard. `sending` is shared.
awaitable<void> wait_for_turn(std::shared_ptr<Sending> sending, std::size_t messages) {
    if (sending->options.a_second <= 0) co_return;
    const std::chrono::duration<double> share(static_cast<double>(messages) / sending->options.a_second);
    const auto turn = std::max(sending->next_batch, sending->clock.now());
    sending->next_batch = turn + std::chrono::duration_cast<Clock::Duration>(share);
    while (sending->clock.now() < turn && !sending->report.stopped_by) {
        if (sending->options.stop && sending->options.stop()) co_return;
        auto waiting = sending->clock.sleep_until(std::min(turn, sending->clock.now() + kStep));
        co_await std::move(waiting);
    }
}

// The loop of one sender. `sending` is shared by them all.
awaitable<void> send_batches(std::shared_ptr<Sending> sending) {
    const Backoff backoff;
    while (!sending->report.stopped_by) {
        if (sending->options.stop && sending->options.stop()) break;
        auto batch = sending->reader.next(batch_size(sending->options.a_second));
        if (batch.empty()) break;
        auto waiting = wait_for_turn(sending, batch.size());
        co_await std::move(waiting);
        if (sending->options.stop && sending->options.stop()) break;
        for (int attempt = 1; !batch.empty() && !sending->report.stopped_by; ++attempt) {
            auto calling = sending->client.send_batch(sending->queue_url, entries_of(batch));
            auto reply = co_await std::move(calling);
            if (!reply) {
                if (!sending->report.stopped_by) sending->report.stopped_by = reply.error();
                break;
            }
            settle(*sending, batch, *reply, attempt >= sending->options.entry_attempts);
            if (batch.empty()) break;
            auto resting = sending->clock.sleep_for(backoff.delay(attempt, sending->jitter));
            co_await std::move(resting);
        }
    }
    if (--sending->senders == 0) sending->finished.cancel();
}

}  // namespace

awaitable<SendReport> send_all(sqs::Client& client, std::string queue_url, MessageSource& source, Clock& clock,
                               SenderOptions options) {
    auto executor = co_await asio::this_coro::executor;
    auto sending = std::make_shared<Sending>(executor, client, std::move(queue_url), source, clock, std::move(options));
    sending->senders = std::max(1, sending->options.in_flight);
    for (int i = sending->senders; i > 0; --i) asio::co_spawn(executor, send_batches(sending), asio::detached);
    boost::system::error_code ignored;
    auto token = asio::redirect_error(asio::use_awaitable, ignored);
    if (sending->senders > 0) co_await sending->finished.async_wait(token);
    co_return sending->report;
}

awaitable<Result<std::string>> queue_url_of(sqs::Client& client, std::string queue, bool create) {
    if (is_url(queue)) co_return queue;
    auto looking = client.get_queue_url(queue);
    auto url = co_await std::move(looking);
    if (url || !create || url.error().code != "QueueDoesNotExist") co_return url;
    auto making = client.create_queue(queue, {});
    co_return co_await std::move(making);
}

}  // namespace sqs2pg::cli
