// Calls of AWS services, see service_call.h.
#include "aws/service_call.h"

#include <map>
#include <optional>
#include <random>

#include <fmt/format.h>

#include "aws/service_error.h"
#include "aws/sigv4.h"
#include "base/retry.h"
#include "net/http_date.h"

namespace sqs2pg::aws {
namespace {

constexpr std::int64_t kNoticeableSkewMs = 4 * 60 * 1000;
constexpr std::size_t kMaxSigners = 16;

std::int64_t distance(std::int64_t a, std::int64_t b) { return a > b ? a - b : b - a; }

SigningOptions signing_of(Service service) {
    if (service != Service::S3) return {};
    return {.normalize_path = false, .double_encode_path = false, .send_content_sha256 = true};
}

}  // namespace

ServiceRequest json_request(Service service, const Endpoint& endpoint, const std::string& target, std::string body) {
    ServiceRequest request;
    request.service = service;
    request.url = endpoint.url;
    request.region = endpoint.region;
    request.operation = target.substr(target.find('.') + 1);
    request.headers = {{"Content-Type", "application/x-amz-json-1.1"}, {"X-Amz-Target", target}};
    request.body = std::move(body);
    return request;
}

ServiceRequest query_request(Service service, const Endpoint& endpoint, const std::string& action,
                             const std::string& version,
                             const std::vector<std::pair<std::string, std::string>>& parameters) {
    ServiceRequest request;
    request.service = service;
    request.url = endpoint.url;
    request.region = endpoint.region;
    request.operation = action;
    request.headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}};
    request.body = "Action=" + action + "&Version=" + version;
    for (const auto& [name, value] : parameters) {
        request.body += '&';
        append_uri_encoded(request.body, name, false);
        request.body += '=';
        append_uri_encoded(request.body, value, false);
    }
    return request;
}

struct ServiceClient::Impl {
    // What one attempt came to.
    struct Attempt {
        bool ok = false;
        ServiceReply reply;
        Error error;  // when not ok
        ServiceRemedy remedy = ServiceRemedy::None;
        std::optional<std::chrono::milliseconds> retry_after{};
    };

    awaitable<Result<ServiceReply>> perform(ServiceRequest request);
    awaitable<Attempt> attempt(const ServiceRequest& request, int number);  // `request` is perform's, which waits
    awaitable<Status> sign(const ServiceRequest& request, net::HttpRequest& out, std::int64_t now_ms);  // as attempt
    void judge_network(const ServiceRequest& request, Error error, Attempt& result);
    void judge_reply(const ServiceRequest& request, const net::HttpReply& reply, std::int64_t signed_at_ms,
                     Attempt& result);
    Signer& signer_of(const ServiceRequest& request);

    net::HttpClient& http;
    CredentialsProvider* credentials;
    Clock& clock;
    ServiceClientOptions options;
    std::map<std::pair<Service, std::string>, Signer> signers{};
    std::int64_t clock_offset_ms = 0;  // the services' clock minus ours, when ours is off
    RetryTokens tokens{};
    std::minstd_rand random{std::random_device{}()};
};

Signer& ServiceClient::Impl::signer_of(const ServiceRequest& request) {
    auto key = std::make_pair(request.service, request.region);
    if (auto found = signers.find(key); found != signers.end()) return found->second;
    if (signers.size() >= kMaxSigners) signers.clear();
    Signer signer(request.region, std::string(names_of(request.service).signing), signing_of(request.service));
    return signers.emplace(std::move(key), std::move(signer)).first->second;
}

void ServiceClient::Impl::judge_network(const ServiceRequest& request, Error error, Attempt& result) {
    bool again = error.kind == ErrorKind::Retry && error.code != "reply_too_large";
    result.remedy = again ? ServiceRemedy::Again : ServiceRemedy::None;
    error.stage = request.stage;
    error.detail = request.operation + ": " + error.detail;
    result.error = std::move(error);
}

void ServiceClient::Impl::judge_reply(const ServiceRequest& request, const net::HttpReply& reply,
                                      std::int64_t signed_at_ms, Attempt& result) {
    const auto* region = reply.header("x-amz-bucket-region");
    if (region != nullptr && request.bucket_region != nullptr) *request.bucket_region = *region;
    auto fault = judge_service_reply(reply);
    result.remedy = fault.remedy;
    if (const auto* after = reply.header("x-amz-retry-after")) result.retry_after = parse_retry_after(*after);
    auto code = fault.code.starts_with("http_") ? std::string() : " " + fault.code;
    result.error =
        Error{fault.kind, request.stage, std::move(fault.code),
              fmt::format("{} at {} was answered with HTTP {}{}{}{}", request.operation, request.url.origin(),
                          reply.status, code, fault.advice.empty() ? "" : ": ", fault.advice)};
    if (fault.remedy != ServiceRemedy::CheckClock) return;
    const auto* date = reply.header("date");
    auto server_ms = date != nullptr ? net::parse_http_date(*date) : std::nullopt;
    if (server_ms && distance(*server_ms, signed_at_ms) >= kNoticeableSkewMs) {
        clock_offset_ms = *server_ms - clock.wall_ms();
    } else {
        result.remedy = ServiceRemedy::None;
    }
}

awaitable<Status> ServiceClient::Impl::sign(const ServiceRequest& request, net::HttpRequest& out, std::int64_t now_ms) {
    if (!request.sign) co_return Status{};
    if (credentials == nullptr) {
        co_return fail(ErrorKind::Credentials, request.stage, "no_credentials",
                       request.operation + " has to be signed, and there are no credentials");
    }
    auto keys = co_await credentials->credentials();
    if (!keys) {
        keys.error().stage = request.stage;
        co_return fail(std::move(keys.error()));
    }
    signer_of(request).sign(*keys, out.method, out.url.target, out.headers, out.body, now_ms);
    co_return Status{};
}

awaitable<ServiceClient::Impl::Attempt> ServiceClient::Impl::attempt(const ServiceRequest& request, int number) {
    Attempt result;
    net::HttpRequest out;
    out.method = request.method;
    out.url = request.url;
    out.deadline = request.deadline;
    out.body = request.body;
    out.max_reply_bytes = request.max_reply_bytes;
    out.headers.reserve(request.headers.size() + 8);
    out.headers.emplace_back("Host", request.url.host_header());
    out.headers.insert(out.headers.end(), request.headers.begin(), request.headers.end());
    auto signed_at_ms = clock.wall_ms() + clock_offset_ms;
    auto ready = co_await sign(request, out, signed_at_ms);
    if (!ready) {
        result.error = std::move(ready.error());
        if (result.error.kind == ErrorKind::Retry) result.remedy = ServiceRemedy::Again;
        co_return result;
    }
    // Not signed: a proxy on the way may change it.
    out.headers.emplace_back("User-Agent", "sqs2pg");
    out.headers.emplace_back("amz-sdk-request", fmt::format("attempt={}; max={}", number, options.max_attempts));
    auto reply = co_await http.send(out);
    if (!reply) {
        judge_network(request, std::move(reply.error()), result);
    } else if (reply->body.size() > request.max_reply_bytes) {
        result.error =
            Error{ErrorKind::Retry, request.stage, "reply_too_large",
                  fmt::format("{}: the reply is larger than {} bytes", request.operation, request.max_reply_bytes)};
    } else if (reply->status >= 200 && reply->status < 300) {
        result.ok = true;
        result.reply = ServiceReply{reply->status, std::move(reply->headers), std::move(reply->body)};
    } else {
        judge_reply(request, *reply, signed_at_ms, result);
    }
    co_return result;
}

awaitable<Result<ServiceReply>> ServiceClient::Impl::perform(ServiceRequest request) {
    bool renewed_credentials = false;
    bool corrected_clock = false;
    StandardRetry retry(tokens, options.max_attempts);
    for (;;) {
        auto result = co_await attempt(request, retry.attempt());
        if (result.ok) {
            retry.succeeded();
            co_return std::move(result.reply);
        }
        // These two repair the request itself: at once, and beside the count of attempts.
        if (result.remedy == ServiceRemedy::NewCredentials) {
            if (credentials == nullptr || !request.sign) co_return fail(std::move(result.error));
            credentials->invalidate();
            if (std::exchange(renewed_credentials, true)) co_return fail(std::move(result.error));
            continue;
        }
        if (result.remedy == ServiceRemedy::CheckClock) {
            if (std::exchange(corrected_clock, true)) co_return fail(std::move(result.error));
            continue;
        }
        if (result.remedy == ServiceRemedy::None) co_return fail(std::move(result.error));
        const AttemptFailure failure{result.error.kind == ErrorKind::Throttled, result.retry_after};
        const auto verdict = retry.failed(failure, random);
        if (!verdict.again) {
            if (retry.attempt() > 1) result.error.detail += fmt::format(" ({} attempts)", retry.attempt());
            co_return fail(std::move(result.error));
        }
        co_await clock.sleep_for(verdict.pause);
    }
}

ServiceClient::ServiceClient(net::HttpClient& http, CredentialsProvider* credentials, Clock& clock,
                             ServiceClientOptions options) {
    impl_.reset(new Impl{// NOLINT(modernize-make-unique): an aggregate by names
                         .http = http,
                         .credentials = credentials,
                         .clock = clock,
                         .options = options});
}

ServiceClient::~ServiceClient() = default;

awaitable<Result<ServiceReply>> ServiceClient::call(ServiceRequest request) {
    auto reply = co_await impl_->perform(std::move(request));
    co_return reply;
}

}  // namespace sqs2pg::aws
