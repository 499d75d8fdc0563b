// Receiving and releasing, see peek.h.
#include "cli/peek.h"

#include <algorithm>
#include <exception>
#include <set>
#include <span>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>

#include "adapters/queue_on_sqs.h"
#include "cli/check.h"
#include "cli/queue_access.h"
#include "sqs/protocol.h"

namespace sqs2pg::cli {

namespace {

using Attributes = std::map<std::string, std::string>;

std::optional<long> most_receives(const Attributes& attributes) {
    const auto policy = attributes.find("RedrivePolicy");
    return policy == attributes.end() ? std::nullopt : max_receive_count(policy->second);
}

// The queue's URL and its attributes; none where they may not be read.
struct Found {
    std::string url;
    std::optional<Attributes> attributes;
};

awaitable<Result<Found>> find(sqs::Client& client, std::string queue) {
    Found found{queue, std::nullopt};
    if (!is_url(queue)) {
        auto url = co_await client.get_queue_url(queue);
        if (!url) co_return fail(queue_error(url.error(), queue, client.endpoint()));
        found.url = std::move(*url);
    }
    std::vector<std::string> names{"All"};
    auto attributes = co_await client.get_queue_attributes(found.url, names);
    if (attributes) {
        found.attributes = std::move(*attributes);
    } else if (!attributes.error().code.starts_with("AccessDenied")) {
        co_return fail(queue_error(attributes.error(), queue, client.endpoint()));
    }
    co_return found;
}

// Releases them in tens; what is refused comes back by itself.
awaitable<std::size_t> release(pipeline::QueuePort& queue, std::span<const SharedText> handles) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < handles.size(); i += sqs::kMaxBatchEntries) {
        const auto part = handles.subspan(i, std::min(sqs::kMaxBatchEntries, handles.size() - i));
        std::vector<pipeline::VisibilityChange> changes;
        for (const auto& handle : part) changes.push_back({handle, 0});
        const auto verdicts = co_await queue.change_visibility(changes);
        if (!verdicts) {
            kept += part.size();
        } else {
            kept += static_cast<std::size_t>(std::ranges::count(*verdicts, false, &pipeline::EntryVerdict::done));
        }
    }
    co_return kept;
}

// One look: what has come, and whether to go on.
class Look {
   public:
    Look(std::size_t wanted, std::optional<long> most) : wanted_(wanted), most_(most) {}

    bool full() const { return peeked_.messages.size() >= wanted_ || bytes_ >= kMostPeekedBytes; }
    bool stopped() const { return !peeked_.stopped.empty(); }
    int next_batch(bool careful) const {
        if (careful && peeked_.messages.empty()) return 1;
        return static_cast<int>(std::min<std::size_t>(10, wanted_ - peeked_.messages.size()));
    }
    void stop(std::string why) { peeked_.stopped = std::move(why); }

    void take(std::vector<pipeline::Received> messages) {
        for (auto& message : messages) {
            handles_.push_back(message.receipt_handle);
            if (most_ && message.receive_count + 1 >= *most_ && peeked_.stopped.empty()) {
                stop(
                    fmt::format("the look ended early, at a message that has been received {} times: at {} the "
                                "redrive policy takes it away; --yes goes on",
                                message.receive_count, *most_));
            }
            bytes_ += message.bytes();
            if (ids_.insert(message.message_id).second) peeked_.messages.push_back(std::move(message));
        }
    }

    const std::vector<SharedText>& handles() const { return handles_; }
    Peeked finish(std::size_t not_released) {
        peeked_.not_released = not_released;
        return std::move(peeked_);
    }

   private:
    std::size_t wanted_;
    std::optional<long> most_;
    std::size_t bytes_ = 0;
    std::set<SharedText> ids_;
    std::vector<SharedText> handles_;
    Peeked peeked_;
};

}  // namespace

std::string redrive_risk(const std::optional<std::map<std::string, std::string>>& attributes) {
    if (!attributes) {
        return "sqs:GetQueueAttributes is not allowed, so its redrive policy is not known";
    }
    const auto most = most_receives(*attributes);
    if (!most || *most >= kSafePeekCount) return {};
    return fmt::format("its redrive policy takes a message away after {} {}, and a look is one of them", *most,
                       *most == 1 ? "receive" : "receives");
}

awaitable<Result<Peeked>> peek_at(pipeline::QueuePort& queue, std::size_t messages, bool yes,
                                  std::optional<long> max_receive_count, Clock& clock) {
    Look look(std::clamp<std::size_t>(messages, 1, kMostPeeked), yes ? std::nullopt : max_receive_count);
    const auto end = clock.now() + kPeekTime;
    std::optional<Error> failed;
    while (!look.full() && !look.stopped()) {
        if (clock.now() >= end) {
            look.stop("the look ended early: the queue hands its messages over slowly");
            break;
        }
        // A long poll asks every server of the queue, so that an empty answer means an empty queue.
        pipeline::ReceiveRequest request{.max_messages = look.next_batch(!yes && max_receive_count),
                                         .wait_seconds = 1,
                                         .visibility_timeout_seconds = kPeekVisibilitySeconds};
        auto received = co_await queue.receive(std::move(request));
        if (!received) {
            failed = std::move(received.error());
            break;
        }
        if (received->empty()) break;
        look.take(std::move(*received));
    }
    const auto not_released = co_await release(queue, look.handles());
    if (failed && look.handles().empty()) co_return fail(std::move(*failed));
    if (failed) look.stop("the look ended early: " + describe(*failed));
    auto peeked = look.finish(not_released);
    peeked.max_receive_count = max_receive_count;
    co_return peeked;
}

awaitable<Result<Peeked>> peek(PeekRequest request, Clock& clock) {
    auto endpoint = endpoint_of(request.aws, request.queue);
    if (!endpoint) co_return fail(endpoint.error());
    auto executor = co_await boost::asio::this_coro::executor;
    QueueAccess access(executor, request.aws, *endpoint, clock);
    auto credentials = co_await access.credentials->credentials();
    if (!credentials) co_return fail(credentials.error());
    auto found = co_await find(access.client, request.queue);
    if (!found) co_return fail(found.error());
    if (const auto risk = redrive_risk(found->attributes); !risk.empty() && !request.yes) {
        co_return fail(ErrorKind::Configuration, Stage::Receive, "redrive_near",
                       fmt::format("queue \"{}\": {}; nothing was received; look all the same with --yes, or at a "
                                   "file with --from FILE",
                                   request.queue, risk));
    }
    adapters::QueueOnSqs queue(access.client, found->url, clock);
    const auto most = found->attributes ? most_receives(*found->attributes) : std::nullopt;
    auto peeked = co_await peek_at(queue, request.messages, request.yes, most, clock);
    access.http.close();
    if (!peeked) co_return fail(queue_error(peeked.error(), request.queue, *endpoint));
    peeked->queue_url = std::move(found->url);
    co_return peeked;
}

Result<Peeked> peek_now(PeekRequest request) {
    SystemClock clock;
    boost::asio::io_context loop{1};
    std::optional<Result<Peeked>> answer;
    boost::asio::co_spawn(loop, peek(std::move(request), clock), [&](std::exception_ptr thrown, Result<Peeked> result) {
        if (!thrown) answer = std::move(result);
        loop.stop();
    });
    loop.run();
    if (answer) return *std::move(answer);
    return fail(ErrorKind::Retry, Stage::Receive, "exception", "an exception that nobody expected ended the look");
}

std::string peek_sentence(const Peeked& peeked, const std::string& queue) {
    const auto count = peeked.messages.size();
    if (count == 0) {
        auto text = fmt::format("the queue \"{}\" gave no message: it is empty, or others hold what it has", queue);
        return peeked.stopped.empty() ? text : text + "; " + peeked.stopped;
    }
    auto text = fmt::format(
        "{} of the queue \"{}\" {} received once and released: nothing was deleted, but the "
        "receive counts",
        count == 1 ? "1 message" : fmt::format("{} messages", count), queue, count == 1 ? "was" : "were");
    if (peeked.max_receive_count) text += fmt::format(" (its redrive policy allows {})", *peeked.max_receive_count);
    if (peeked.not_released > 0) {
        text += fmt::format("; {} could not be released and {} back within {} s", peeked.not_released,
                            peeked.not_released == 1 ? "comes" : "come", kPeekVisibilitySeconds);
    }
    return peeked.stopped.empty() ? text : text + "; " + peeked.stopped;
}

}  // namespace sqs2pg::cli
