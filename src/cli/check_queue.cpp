// The queue's side of `check`, see check.h.
#include <charconv>

#include <fmt/format.h>
#include <boost/asio/this_coro.hpp>

#include "cli/check.h"
#include "cli/progress.h"
#include "cli/queue_access.h"

namespace sqs2pg::cli {

namespace {

constexpr long kSafeReceiveCount = 10;     // each release and each crash burns a receive
constexpr int kShortVisibility = 30;       // a slow transaction may outlast it before the keeper extends it
constexpr int kLongVisibility = 6 * 3600;  // after a crash the messages stay hidden that long

std::optional<long> number(const std::map<std::string, std::string>& attributes, const std::string& name) {
    const auto found = attributes.find(name);
    if (found == attributes.end()) return std::nullopt;
    long value = 0;
    const auto* end = found->second.data() + found->second.size();
    const auto [stop, problem] = std::from_chars(found->second.data(), end, value);
    if (problem != std::errc{} || stop != end) return std::nullopt;
    return value;
}

void judge_redrive(const std::map<std::string, std::string>& attributes, const std::string& place,
                   const pipeline::PipelineOptions& pipeline, Findings& findings) {
    const auto policy = attributes.find("RedrivePolicy");
    const auto most = policy == attributes.end() ? std::nullopt : max_receive_count(policy->second);
    if (most && pipeline.bad_message == pipeline::OnBadMessage::Block) {
        findings.error(pipeline.place,
                       fmt::format("`bad_message: block` beside a redrive policy (maxReceiveCount {}) on {}: after so "
                                   "many receives SQS moves the bad message to its dead-letter queue, and those behind "
                                   "it in its group overtake it; remove the redrive policy, or say `bad_message: skip`",
                                   *most, pipeline.queue));
        return;
    }
    if (!most) {
        findings.ok(place, "no redrive policy: bad messages become dead letters in the database, others are retried");
    } else if (*most < kSafeReceiveCount) {
        findings.warning(place, fmt::format("its redrive policy has maxReceiveCount {}: restarts and releases burn "
                                            "receives, so that good messages may end in the dead-letter queue; set it "
                                            "to {} or more",
                                            *most, kSafeReceiveCount));
    } else {
        findings.ok(place, fmt::format("redrive policy with maxReceiveCount {}", *most));
    }
}

void judge_retention(const std::map<std::string, std::string>& attributes, const std::string& place,
                     const schema::SchemaState* state, Findings& findings) {
    const auto retention = number(attributes, "MessageRetentionPeriod");
    if (!retention || state == nullptr || !state->present) return;
    const auto kept = state->ledger_retention.count();
    if (kept < *retention) {
        findings.error(
            place,
            fmt::format("the queue keeps messages for {} and the ledger for {} only: a message could be "
                        "written twice; run `sqs2pg migrate` with a longer retention",
                        duration_text(static_cast<double>(*retention)), duration_text(static_cast<double>(kept))));
    } else {
        findings.ok(place, fmt::format("keeps messages for {}; the ledger remembers them for {}",
                                       duration_text(static_cast<double>(*retention)),
                                       duration_text(static_cast<double>(kept))));
    }
}

void judge_visibility(const pipeline::PipelineOptions& pipeline, Findings& findings) {
    const int seconds = pipeline.visibility_timeout_seconds;
    if (seconds < kShortVisibility) {
        findings.warning(pipeline.place,
                         fmt::format("visibility_timeout of {} s is short: a slow transaction may outlast "
                                     "it, and messages come twice (the ledger then drops them); {} s or "
                                     "more is better",
                                     seconds, kShortVisibility));
    } else if (seconds > kLongVisibility) {
        findings.warning(pipeline.place, fmt::format("visibility_timeout of {} is long: after a crash messages stay "
                                                     "hidden until it ends; it is extended by itself, so that 60 s do",
                                                     duration_text(seconds)));
    }
}

}  // namespace

std::optional<long> max_receive_count(const std::string& redrive_policy) {
    // {"deadLetterTargetArn":"…","maxReceiveCount":"5"}: SQS sends the number with or without quotes.
    const auto name = redrive_policy.find("\"maxReceiveCount\"");
    if (name == redrive_policy.npos) return std::nullopt;
    const auto start = redrive_policy.find_first_of("0123456789", name);
    if (start == redrive_policy.npos) return std::nullopt;
    long value = 0;
    std::from_chars(redrive_policy.data() + start, redrive_policy.data() + redrive_policy.size(), value);
    return value;
}

void judge_queue(const std::map<std::string, std::string>& attributes, const pipeline::PipelineOptions& pipeline,
                 const schema::SchemaState* state, Findings& findings) {
    const auto place = "queue " + pipeline.queue;
    const auto visible = number(attributes, "ApproximateNumberOfMessages").value_or(0);
    const auto hidden = number(attributes, "ApproximateNumberOfMessagesNotVisible").value_or(0);
    findings.ok(place, fmt::format("reachable; about {} messages wait, {} are in flight",
                                   grouped(static_cast<std::uint64_t>(std::max(0L, visible))),
                                   grouped(static_cast<std::uint64_t>(std::max(0L, hidden)))));
    judge_redrive(attributes, place, pipeline, findings);
    judge_retention(attributes, place, state, findings);
    judge_visibility(pipeline, findings);
}

awaitable<std::string> check_queue(const config::PipelineSettings& pipeline, const schema::SchemaState* state,
                                   Clock& clock, Findings& findings) {
    const auto place = "queue " + pipeline.queue;
    const auto endpoint = endpoint_of(pipeline.aws, pipeline.queue);
    if (!endpoint) {
        findings.error(pipeline.aws.place.empty() ? pipeline.place : pipeline.aws.place, endpoint.error());
        co_return std::string();
    }
    auto executor = co_await boost::asio::this_coro::executor;
    QueueAccess access(executor, pipeline.aws, *endpoint, clock);
    const auto credentials = co_await access.credentials->credentials();
    if (!credentials) {
        findings.error("credentials", credentials.error());
        co_return std::string();
    }
    findings.ok("credentials", "from " + credentials->source);
    findings.ok("endpoint", fmt::format("{}, region {}", endpoint->url.origin(), endpoint->region));
    std::string url = pipeline.queue;
    if (!is_url(pipeline.queue)) {
        auto found = co_await access.client.get_queue_url(pipeline.queue);
        if (!found) {
            findings.error(place, queue_error(found.error(), pipeline.queue));
            co_return std::string();
        }
        url = std::move(*found);
    }
    std::vector<std::string> names{"All"};
    const auto attributes = co_await access.client.get_queue_attributes(url, std::move(names));
    access.http.close();
    if (attributes) {
        judge_queue(*attributes, pipeline, state, findings);
    } else if (attributes.error().code.starts_with("AccessDenied")) {
        findings.warning(place,
                         "sqs:GetQueueAttributes is not allowed: its redrive policy and retention could not be "
                         "looked at, and --drain cannot tell when it is empty");
    } else {
        findings.error(place, queue_error(attributes.error(), pipeline.queue));
        co_return std::string();
    }
    co_return whereabouts(*endpoint, url);
}

}  // namespace sqs2pg::cli
