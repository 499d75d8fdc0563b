// The queue's side of `check`, see check.h.
#include <charconv>
#include <cstdlib>

#include <fmt/format.h>
#include <boost/asio/this_coro.hpp>

#include "aws/environment.h"
#include "aws/http_options.h"
#include "aws/retry_settings.h"
#include "cli/check.h"
#include "cli/check_credentials.h"
#include "cli/progress.h"
#include "cli/queue_access.h"

namespace sqs2pg::cli {

namespace {

constexpr long kSafeReceiveCount = 10;  // each release and each crash burns a receive
constexpr long kShortRetention = 24L * 3600;
constexpr long kMostInFlight = 120'000;    // of a standard queue, for all consumers together
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

std::optional<long> max_receive_count_of(const std::map<std::string, std::string>& attributes) {
    const auto policy = attributes.find("RedrivePolicy");
    return policy == attributes.end() ? std::nullopt : max_receive_count(policy->second);
}

void judge_redrive(const std::map<std::string, std::string>& attributes, const std::string& place,
                   const pipeline::PipelineOptions& pipeline, Findings& findings) {
    const auto most = max_receive_count_of(attributes);
    if (const auto danger = redrive_danger(attributes, pipeline)) {
        findings.error(danger->code, danger->place, danger->sentence);
    } else if (!most) {
        findings.ok("queue_redrive", place,
                    "no redrive policy: bad messages become dead letters in the database, others are retried");
    } else if (*most < kSafeReceiveCount) {
        findings.warning("queue_redrive", place,
                         fmt::format("its redrive policy has maxReceiveCount {}: restarts and releases burn "
                                     "receives, so that good messages may end in the dead-letter queue; set it "
                                     "to {} or more",
                                     *most, kSafeReceiveCount));
    } else {
        findings.ok("queue_redrive", place, fmt::format("redrive policy with maxReceiveCount {}", *most));
    }
}

void judge_retention(const std::map<std::string, std::string>& attributes, const std::string& place,
                     const schema::SchemaState* state, Findings& findings) {
    const auto retention = number(attributes, "MessageRetentionPeriod");
    if (retention && *retention < kShortRetention) {
        findings.warning(
            "queue_retention", place,
            fmt::format("keeps messages for {} only: what waits longer, because a pipeline is paused or the "
                        "database is down, is lost; 4 days or more are better",
                        duration_text(static_cast<double>(*retention))));
    }
    if (!retention || state == nullptr || !state->present) return;
    const auto kept = state->ledger_retention.count();
    if (kept < *retention) {
        findings.error(
            "queue_retention", place,
            fmt::format("the queue keeps messages for {} and the ledger for {} only: a message could be "
                        "written twice; run `sqs2pg migrate` with a longer retention",
                        duration_text(static_cast<double>(*retention)), duration_text(static_cast<double>(kept))));
    } else {
        findings.ok(
            "queue_retention", place,
            fmt::format("keeps messages for {}; the ledger remembers them for {}",
                        duration_text(static_cast<double>(*retention)), duration_text(static_cast<double>(kept))));
    }
}

void judge_encryption(const std::map<std::string, std::string>& attributes, const std::string& place,
                      Findings& findings) {
    const auto managed = attributes.find("SqsManagedSseEnabled");
    const auto key = attributes.find("KmsMasterKeyId");
    if (managed == attributes.end() || managed->second != "false") return;
    if (key != attributes.end() && !key->second.empty()) return;
    findings.warning(
        "queue_encryption", place,
        "is not encrypted: messages lie there in clear until they are deleted; enable SqsManagedSseEnabled");
}

void judge_retries(const config::AwsSettings& settings, Findings& findings) {
    const auto retries = aws::gather_retry_settings(aws::process_environment(), settings.profile);
    if (!retries.mistake.empty()) findings.warning("aws_retries", "calls of AWS", retries.mistake);
}

// "https://sqs.eu-west-1.amazonaws.com, region eu-west-1 (region eu-west-1 from AWS_REGION), through the proxy …".
std::string way_to(const aws::Endpoint& endpoint, const config::AwsSettings& settings) {
    auto text = fmt::format("{}, region {}", endpoint.url.origin(), endpoint.region);
    if (!endpoint.reason.empty()) text += " (" + endpoint.reason + ")";
    const auto options = aws::http_options(configured_aws(settings), aws::process_environment());
    const auto proxy = options.proxies->explain(endpoint.url);
    if (!proxy.empty()) text += ", " + proxy;
    if (endpoint.url.tls && !options.ca_file.empty()) {
        text += fmt::format(", trusting {} ({})", options.ca_file, options.ca_file_from);
    }
    return text;
}

void judge_endpoint(const aws::Endpoint& endpoint, const config::AwsSettings& settings, Findings& findings) {
    const auto& host = endpoint.url.host;
    const bool local = host == "localhost" || host == "::1" || host.starts_with("127.");
    const auto way = way_to(endpoint, settings);
    if (!endpoint.doubt.empty()) {
        findings.warning("endpoint", "endpoint", way + ": " + endpoint.doubt);
    } else if (endpoint.url.tls || local) {
        findings.ok("endpoint", "endpoint", way);
    } else {
        findings.warning(
            "endpoint", "endpoint",
            fmt::format("{} is plain HTTP beyond this machine: messages cross the network in clear; use an "
                        "https endpoint",
                        way));
    }
}

void judge_clock(std::int64_t offset_ms, const std::string& place, Findings& findings) {
    if (offset_ms == 0) return;
    findings.warning("clock", place,
                     fmt::format("its clock is {} {} this machine's: requests are signed by its clock then, but "
                                 "synchronise this one",
                                 duration_text(static_cast<double>(std::abs(offset_ms)) / 1000.0),
                                 offset_ms > 0 ? "ahead of" : "behind"));
}

bool denied(const Result<sqs::BatchReply>& reply) { return !reply && reply.error().code.starts_with("AccessDenied"); }

// A handle that belongs to no message: whoever may delete is told that it is invalid, whoever may not is told that.
awaitable<void> check_queue_rights(sqs::Client& client, std::string url, std::string place, Findings& findings) {
    constexpr const char* kNobodys = "sqs2pg-check-belongs-to-no-message";
    std::vector<sqs::DeleteEntry> deletes{{"check", kNobodys}};
    std::vector<sqs::VisibilityEntry> changes{{"check", kNobodys, 0}};
    const auto deleted = co_await client.delete_batch(url, deletes);
    const auto changed = co_await client.change_visibility_batch(url, changes);
    if (!denied(deleted) && !denied(changed)) {
        findings.ok("queue_rights", place, "messages may be deleted and extended");
        co_return;
    }
    findings.error(
        "queue_rights", place,
        fmt::format("{} not allowed: every message would come again until its retention ends; allow it to the "
                    "role",
                    denied(deleted) && denied(changed) ? "sqs:DeleteMessage and sqs:ChangeMessageVisibility are"
                    : denied(deleted)                  ? "sqs:DeleteMessage is"
                                                       : "sqs:ChangeMessageVisibility is"));
}

void judge_visibility(const pipeline::PipelineOptions& pipeline, Findings& findings) {
    const int seconds = pipeline.visibility_timeout_seconds;
    if (seconds < kShortVisibility) {
        findings.warning("visibility_short", pipeline.place,
                         fmt::format("visibility_timeout of {} s is short: a slow transaction may outlast "
                                     "it, and messages come twice (the ledger then drops them); {} s or "
                                     "more is better",
                                     seconds, kShortVisibility));
    } else if (seconds > kLongVisibility) {
        findings.warning("visibility_long", pipeline.place,
                         fmt::format("visibility_timeout of {} is long: after a crash messages stay "
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

std::optional<RedriveDanger> redrive_danger(const std::map<std::string, std::string>& attributes,
                                            const pipeline::PipelineOptions& pipeline) {
    const auto most = max_receive_count_of(attributes);
    if (most && pipeline.bad_message == pipeline::OnBadMessage::Block) {
        return RedriveDanger{
            "queue_fifo_block", pipeline.place,
            fmt::format("`bad_message: block` beside a redrive policy (maxReceiveCount {}) on {}: after so many "
                        "receives SQS moves the bad message to its dead-letter queue, and those behind it in its group "
                        "overtake it; remove the redrive policy, or say `bad_message: skip`",
                        *most, pipeline.queue)};
    }
    if (!most || *most > 1) return std::nullopt;
    return RedriveDanger{"queue_redrive", "queue " + pipeline.queue,
                         fmt::format("its redrive policy has maxReceiveCount {}: every restart, release or slow batch "
                                     "takes its messages away into the dead-letter queue; set it to {} or more",
                                     *most, kSafeReceiveCount)};
}

void judge_queue(const std::map<std::string, std::string>& attributes, const pipeline::PipelineOptions& pipeline,
                 const schema::SchemaState* state, Findings& findings) {
    const auto place = "queue " + pipeline.queue;
    const auto visible = number(attributes, "ApproximateNumberOfMessages").value_or(0);
    const auto hidden = number(attributes, "ApproximateNumberOfMessagesNotVisible").value_or(0);
    findings.ok("queue", place,
                fmt::format("reachable; about {} messages wait, {} are in flight",
                            grouped(static_cast<std::uint64_t>(std::max(0L, visible))),
                            grouped(static_cast<std::uint64_t>(std::max(0L, hidden)))));
    judge_redrive(attributes, place, pipeline, findings);
    judge_retention(attributes, place, state, findings);
    judge_encryption(attributes, place, findings);
    if (hidden > kMostInFlight * 9 / 10) {
        findings.warning(
            "queue_backlog", place,
            fmt::format("{} messages are in flight, and SQS allows {}: look for consumers that hold messages "
                        "and do not delete them",
                        grouped(static_cast<std::uint64_t>(hidden)), grouped(kMostInFlight)));
    }
    judge_visibility(pipeline, findings);
}

awaitable<std::string> check_queue(const config::PipelineSettings& pipeline, const schema::SchemaState* state,
                                   Clock& clock, Findings& findings) {
    const auto place = "queue " + pipeline.queue;
    const auto endpoint = endpoint_of(pipeline.aws, pipeline.queue);
    if (!endpoint) {
        findings.error("endpoint", pipeline.aws.place.empty() ? pipeline.place : pipeline.aws.place, endpoint.error());
        co_return std::string();
    }
    auto executor = co_await boost::asio::this_coro::executor;
    QueueAccess access(executor, pipeline.aws, *endpoint, clock);
    const bool signs = co_await check_credentials(access, pipeline.aws, *endpoint, clock, findings);
    if (!signs) co_return std::string();
    judge_endpoint(*endpoint, pipeline.aws, findings);
    judge_retries(pipeline.aws, findings);
    co_await check_objects(pipeline, *endpoint, *access.credentials, clock, findings);
    std::string url = pipeline.queue;
    if (!is_url(pipeline.queue)) {
        auto found = co_await access.client.get_queue_url(pipeline.queue);
        if (!found) {
            findings.error("queue", place, queue_error(found.error(), pipeline.queue, *endpoint));
            co_return std::string();
        }
        url = std::move(*found);
    }
    std::vector<std::string> names{"All"};
    const auto attributes = co_await access.client.get_queue_attributes(url, names);
    judge_clock(access.client.clock_offset_ms(), place, findings);
    if (attributes) {
        co_await check_queue_rights(access.client, url, place, findings);
        judge_queue(*attributes, pipeline, state, findings);
    } else if (attributes.error().code.starts_with("AccessDenied")) {
        findings.warning("queue_attributes", place,
                         "sqs:GetQueueAttributes is not allowed: its redrive policy and retention could not be "
                         "looked at, and --drain cannot tell when it is empty");
    } else {
        findings.error("queue", place, queue_error(attributes.error(), pipeline.queue, *endpoint));
        co_return std::string();
    }
    access.http.close();
    co_return whereabouts(*endpoint, url);
}

}  // namespace sqs2pg::cli
