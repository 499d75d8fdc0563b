// The SQS client, see client.h: signs, sends, judges the answer, and repeats what is worth repeating.
#include "sqs/client.h"

#include <fmt/format.h>

#include <optional>
#include <random>
#include <utility>

#include "aws/queue_name.h"
#include "aws/sigv4.h"
#include "base/retry.h"
#include "net/http_date.h"
#include "sqs/faults.h"

namespace sqs2pg::sqs {
namespace {

constexpr std::int64_t kNoticeableSkewMs = 4 * 60 * 1000;

// One operation, however many attempts it takes.
struct Operation {
    std::string_view name;  // "ReceiveMessage"; static
    std::string body;
    std::shared_ptr<const std::string> subject;  // the queue, for people
    Stage stage = Stage::Start;
    std::chrono::milliseconds wait{0};  // the long poll's own
    bool in_a_loop = false;             // called again at once whatever comes: never without a pause after a failure
};

std::int64_t distance(std::int64_t a, std::int64_t b) { return a > b ? a - b : b - a; }

// A decoder's error, told as one of the operation.
template <class T>
Result<T> decoded(Result<T> value, const Operation& operation) {
    if (value) return value;
    auto error = std::move(value.error());
    error.stage = operation.stage;
    error.detail = std::string(operation.name) + ": " + error.detail;
    return fail(std::move(error));
}

// The headers that come before those of the signature.
enum OwnHeader : std::size_t { kHost, kType, kTarget, kQueryMode, kOwnHeaders };

// The operations whose replies say nothing more than that they were carried out.
Status decode_nothing(std::string&) { return {}; }

}  // namespace

struct Client::Impl {
    // What an attempt came to that failed.
    struct Attempt {
        Error error;
        Remedy remedy = Remedy::None;
        bool timed_out = false;
        std::optional<std::chrono::milliseconds> retry_after{};
    };

    // What has been tried of one call.
    struct Tries {
        StandardRetry retry;
        bool renewed_credentials = false;
        bool corrected_clock = false;
    };
    struct Next {
        bool again = false;
        std::optional<std::chrono::milliseconds> pause{};  // first, whether it is tried again or not
    };

    // The client, which outlives its calls, is `this`. One coroutine for all of a call: hundreds wait at a time, and
    // what each has beside its connection has left the processor's caches when the reply comes.
    template <class T>
    awaitable<Result<T>> perform(Operation operation, Result<T> (*decode)(std::string& body));
    awaitable<Result<net::HttpReply>> send(Operation& operation, const aws::Credentials& keys, int attempt,
                                           std::int64_t signed_at_ms);
    Attempt without_credentials(const Operation& operation, Error error);
    Attempt judge_failure(const Operation& operation, Result<net::HttpReply>& reply, std::int64_t signed_at_ms);
    Next after_failure(const Operation& operation, Attempt& result, Tries& tries);
    std::shared_ptr<const std::string> subject_of(std::string_view queue_url);
    void judge_reply(const Operation& operation, net::HttpReply& reply, std::int64_t signed_at_ms, Attempt& result);
    void judge_network(const Operation& operation, Error error, Attempt& result);
    static std::string_view outcome_of(const Attempt& failed);
    void observe(const Operation& operation, std::string_view outcome, Clock::Steady began);

    ClientOptions options;
    net::HttpClient& http;
    aws::CredentialsProvider& credentials;
    Clock& clock;
    RequestObserver observer;
    aws::Signer signer;
    std::int64_t clock_offset_ms = 0;  // the server's clock minus ours, when ours is off
    RetryTokens tokens{};
    std::minstd_rand random{std::random_device{}()};
    net::HttpRequest request{};  // its memory serves all calls
    std::shared_ptr<const std::string> last_subject{};
};

void Client::Impl::observe(const Operation& operation, std::string_view outcome, Clock::Steady began) {
    if (observer) observer(operation.name, outcome, std::chrono::duration<double>(clock.now() - began).count());
}

void Client::Impl::judge_network(const Operation& operation, Error error, Attempt& result) {
    result.timed_out = error.code == "timeout";
    result.remedy = error.kind == ErrorKind::Retry && error.code != "reply_too_large" ? Remedy::Again : Remedy::None;
    error.stage = operation.stage;
    error.detail = std::string(operation.name) + ": " + error.detail;
    // Most often a region of AWS that there is not.
    if (error.code == "resolve_failed" && !options.endpoint.doubt.empty())
        error.detail += "; " + options.endpoint.doubt;
    result.error = std::move(error);
}

void Client::Impl::judge_reply(const Operation& operation, net::HttpReply& reply, std::int64_t signed_at_ms,
                               Attempt& result) {
    const auto* query_error = reply.header("x-amzn-query-error");
    auto service_error = decode_error(reply.status, reply.body, query_error ? *query_error : std::string());
    auto verdict = judge(service_error);
    if (const auto* after = reply.header("x-amz-retry-after")) result.retry_after = parse_retry_after(*after);
    result.remedy = verdict.remedy;
    result.error.kind = verdict.kind;
    result.error.stage = operation.stage;
    result.error.code = verdict.code;
    result.error.detail = std::string(operation.name) + " on " + *operation.subject + " at " +
                          options.endpoint.url.origin() + " was answered with HTTP " + std::to_string(reply.status);
    if (!verdict.advice.empty()) result.error.detail += ": " + std::string(verdict.advice);
    if (verdict.remedy != Remedy::CheckClock) return;
    const auto* date = reply.header("date");
    auto server_ms = date ? net::parse_http_date(*date) : std::nullopt;
    if (server_ms && distance(*server_ms, signed_at_ms) >= kNoticeableSkewMs) {
        clock_offset_ms = *server_ms - clock.wall_ms();
    } else {
        result.remedy = Remedy::None;
    }
}

awaitable<Result<net::HttpReply>> Client::Impl::send(Operation& operation, const aws::Credentials& keys, int attempt,
                                                     std::int64_t signed_at_ms) {
    request.deadline = operation.wait + options.request_deadline;
    request.body.swap(operation.body);
    request.headers[kTarget].second.assign(kTargetPrefix).append(operation.name);
    signer.sign(keys, request.method, request.url.target, request.headers, request.body, signed_at_ms);
    // Not signed: a proxy on the way may change it.
    request.headers.emplace_back("User-Agent", "sqs2pg");
    request.headers.emplace_back("amz-sdk-request", fmt::format("attempt={}; max={}", attempt, options.max_attempts));
    auto sending = http.send(request);
    request.body.swap(operation.body);
    request.headers.resize(kOwnHeaders);  // a session token stays no longer than it has to
    return sending;
}

Client::Impl::Attempt Client::Impl::judge_failure(const Operation& operation, Result<net::HttpReply>& reply,
                                                  std::int64_t signed_at_ms) {
    Attempt result;
    if (reply) {
        judge_reply(operation, *reply, signed_at_ms, result);
    } else {
        judge_network(operation, std::move(reply.error()), result);
    }
    return result;
}

Client::Impl::Attempt Client::Impl::without_credentials(const Operation& operation, Error error) {
    Attempt result;
    result.error = std::move(error);
    result.error.stage = operation.stage;
    if (result.error.kind == ErrorKind::Retry) result.remedy = Remedy::Again;
    return result;
}

Client::Impl::Next Client::Impl::after_failure(const Operation& operation, Attempt& result, Tries& tries) {
    // These two repair the request itself: at once, and beside the count of attempts.
    if (result.remedy == Remedy::NewCredentials) {
        credentials.invalidate();
        return {.again = !std::exchange(tries.renewed_credentials, true)};
    }
    if (result.remedy == Remedy::CheckClock) return {.again = !std::exchange(tries.corrected_clock, true)};
    if (result.remedy == Remedy::None) return {};
    const AttemptFailure failure{result.error.kind == ErrorKind::Throttled, result.retry_after};
    const auto verdict = tries.retry.failed(failure, random);
    Next next{.again = verdict.again};
    if (verdict.again || (verdict.out_of_tokens && operation.in_a_loop)) next.pause = verdict.pause;
    if (verdict.again) return next;
    result.error.detail += " (attempt " + std::to_string(tries.retry.attempt()) +
                           (verdict.out_of_tokens ? ", and too many calls fail to try again)" : ")");
    return next;
}

std::string_view Client::Impl::outcome_of(const Attempt& failed) {
    if (failed.timed_out) return "timeout";
    return failed.error.kind == ErrorKind::Throttled ? "throttled" : "error";
}

// Nearly every call has its queue's URL in common with the one before.
std::shared_ptr<const std::string> Client::Impl::subject_of(std::string_view queue_url) {
    if (!last_subject || *last_subject != queue_url) last_subject = std::make_shared<const std::string>(queue_url);
    return last_subject;
}

template <class T>
awaitable<Result<T>> Client::Impl::perform(Operation operation, Result<T> (*decode)(std::string& body)) {
    Tries tries{.retry = StandardRetry(tokens, options.max_attempts)};
    for (;;) {
        std::optional<Attempt> failed;
        auto keys = credentials.at_hand();
        if (!keys) {
            auto fetched = co_await credentials.credentials();
            if (fetched) {
                keys = std::make_shared<const aws::Credentials>(std::move(*fetched));
            } else {
                failed = without_credentials(operation, std::move(fetched.error()));
            }
        }
        if (keys) {
            const auto signed_at_ms = clock.wall_ms() + clock_offset_ms;
            auto sending = send(operation, *keys, tries.retry.attempt(), signed_at_ms);
            keys.reset();
            const auto began = clock.now();
            auto reply = co_await std::move(sending);
            if (reply && reply->status >= 200 && reply->status < 300) {
                observe(operation, "ok", began);
                tries.retry.succeeded();
                co_return decoded(decode(reply->body), operation);
            }
            failed = judge_failure(operation, reply, signed_at_ms);
            observe(operation, outcome_of(*failed), began);
        }
        const auto next = after_failure(operation, *failed, tries);
        if (next.pause) co_await clock.sleep_for(*next.pause);
        if (!next.again) co_return fail(std::move(failed->error));
    }
}

Client::Client(ClientOptions options, net::HttpClient& http, aws::CredentialsProvider& credentials, Clock& clock,
               RequestObserver observer) {
    auto region = options.endpoint.region;
    impl_.reset(new Impl{// NOLINT(modernize-make-unique): an aggregate by names
                         .options = std::move(options),
                         .http = http,
                         .credentials = credentials,
                         .clock = clock,
                         .observer = std::move(observer),
                         .signer = aws::Signer(std::move(region), "sqs")});
    auto& request = impl_->request;
    request.url = impl_->options.endpoint.url;
    request.only_body_of_success = true;
    request.headers.resize(kOwnHeaders);
    request.headers[kHost] = {"Host", request.url.host_header()};
    request.headers[kType] = {"Content-Type", std::string(kContentType)};
    request.headers[kTarget].first = "X-Amz-Target";
    request.headers[kQueryMode] = {"x-amzn-query-mode", "true"};  // asks for x-amzn-query-error
}

Client::~Client() = default;

const aws::Endpoint& Client::endpoint() const noexcept { return impl_->options.endpoint; }

std::int64_t Client::clock_offset_ms() const noexcept { return impl_->clock_offset_ms; }

awaitable<Result<std::string>> Client::get_queue_url(std::string queue) {
    const auto arn = aws::parse_queue_arn(queue);
    const auto& endpoint = impl_->options.endpoint;
    if (arn && !endpoint.overridden) co_return endpoint.url.origin() + "/" + arn->account + "/" + arn->name;
    auto queue_name = arn ? arn->name : queue;
    auto body = encode_get_queue_url(queue_name, arn ? arn->account : std::string());
    Operation operation{
        "GetQueueUrl", std::move(body), impl_->subject_of("queue \"" + queue_name + "\""), Stage::Start, {}};
    auto reply = co_await impl_->perform(std::move(operation), decode_queue_url);
    co_return reply;
}

awaitable<Result<std::string>> Client::create_queue(const std::string& queue_name,
                                                    const std::map<std::string, std::string>& attributes) {
    auto body = encode_create_queue(queue_name, attributes);
    Operation operation{
        "CreateQueue", std::move(body), impl_->subject_of("queue \"" + queue_name + "\""), Stage::Start, {}};
    return impl_->perform(std::move(operation), decode_queue_url);
}

awaitable<Status> Client::delete_queue(std::string_view queue_url) {
    auto body = encode_delete_queue(queue_url);
    Operation operation{"DeleteQueue", std::move(body), impl_->subject_of(queue_url), Stage::Start, {}};
    return impl_->perform(std::move(operation), decode_nothing);
}

awaitable<Result<ReceiveReply>> Client::receive(const ReceiveCall& call) {
    auto body = encode_receive(call);
    Operation operation{"ReceiveMessage",
                        std::move(body),
                        impl_->subject_of(call.queue_url),
                        Stage::Receive,
                        std::chrono::seconds(call.wait_seconds),
                        true};
    return impl_->perform(std::move(operation), decode_receive);
}

awaitable<Result<BatchReply>> Client::delete_batch(std::string_view queue_url,
                                                   const std::vector<DeleteEntry>& entries) {
    auto body = encode_delete_batch(queue_url, entries);
    Operation operation{"DeleteMessageBatch", std::move(body), impl_->subject_of(queue_url), Stage::Settle, {}};
    return impl_->perform(std::move(operation), decode_batch);
}

awaitable<Result<BatchReply>> Client::change_visibility_batch(std::string_view queue_url,
                                                              const std::vector<VisibilityEntry>& entries) {
    auto body = encode_change_visibility_batch(queue_url, entries);
    Operation operation{"ChangeMessageVisibilityBatch", std::move(body), impl_->subject_of(queue_url), Stage::Keep, {}};
    return impl_->perform(std::move(operation), decode_batch);
}

awaitable<Result<BatchReply>> Client::send_batch(std::string_view queue_url, const std::vector<SendEntry>& entries) {
    auto body = encode_send_batch(queue_url, entries);
    Operation operation{"SendMessageBatch", std::move(body), impl_->subject_of(queue_url), Stage::Start, {}};
    return impl_->perform(std::move(operation), decode_batch);
}

awaitable<Result<std::map<std::string, std::string>>> Client::get_queue_attributes(
    std::string_view queue_url, const std::vector<std::string>& names) {
    auto body = encode_get_queue_attributes(queue_url, names);
    Operation operation{"GetQueueAttributes", std::move(body), impl_->subject_of(queue_url), Stage::Start, {}};
    return impl_->perform(std::move(operation), decode_attributes);
}

}  // namespace sqs2pg::sqs
