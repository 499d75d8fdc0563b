// Objects of S3, see objects_on_s3.h. Source: Amazon S3 API Reference, GetObject, DeleteObject and "Error responses".
#include "adapters/objects_on_s3.h"

#include <algorithm>
#include <utility>

#include "adapters/object_checks.h"
#include "aws/canonical_request.h"

namespace sqs2pg::adapters {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kSmallReply = 64u << 10;
constexpr std::size_t kSlowestBytesASecond = 1u << 20;
constexpr std::size_t kMostBucketsElsewhere = 1000;

struct Verdict {
    std::string_view code;
    std::string_view place;  // of the dead letter
};

// What no retry and nobody mends: this one message points at nothing that could be read.
constexpr Verdict kNothingThere[] = {
    {"NoSuchKey", "the object is absent"},
    {"NoSuchVersion", "the object is absent"},
    {"InvalidObjectState", "the object is archived"},
    {"KeyTooLongError", "s3Key is too long"},
    {"InvalidURI", "s3Key is no object's key"},
    {"InvalidBucketName", "s3BucketName is no bucket's name"},
};

bool is_of_another_region(const Error& error) {
    return error.code == "PermanentRedirect" || error.code == "AuthorizationHeaderMalformed" ||
           error.code == "TemporaryRedirect" || error.code == "http_301" || error.code == "http_400";
}

Error too_large() {
    return {ErrorKind::BadMessage, Stage::Receive, std::string(pipeline::kObjectTooLarge),
            "the object is larger than max_unwrapped_bytes"};
}

}  // namespace

Result<aws::ServiceRequest> ObjectsOnS3::request_for(const std::string& method, const std::string& bucket,
                                                     const std::string& key) const {
    auto elsewhere = elsewhere_.find(bucket);
    auto endpoint = elsewhere == elsewhere_.end() ? options_.endpoint : elsewhere->second;
    aws::ServiceRequest request;
    request.region = endpoint.region;
    if (options_.addressing != S3Options::Addressing::Auto) {
        endpoint.overridden = options_.addressing == S3Options::Addressing::Path;
    }
    auto url = aws::bucket_url(endpoint, bucket);
    if (!url) return fail(std::move(url.error()));
    request.service = aws::Service::S3;
    request.url = std::move(*url);
    aws::append_uri_encoded(request.url.target, key, true);
    request.method = method;
    request.stage = Stage::Receive;
    return request;
}

awaitable<Result<aws::ServiceReply>> ObjectsOnS3::call(std::string method, std::string operation, std::string bucket,
                                                       std::string key, std::size_t most_bytes) {
    for (bool moved = false;; moved = true) {
        auto request = request_for(method, bucket, key);
        if (!request) co_return fail(std::move(request.error()));
        std::string region;
        request->operation = operation;
        request->bucket_region = &region;
        request->max_reply_bytes = std::max(most_bytes, kSmallReply);  // a refusal needs its room
        request->deadline = 10s + std::chrono::seconds(most_bytes / kSlowestBytesASecond);
        if (method == "GET") request->headers = {{"x-amz-checksum-mode", "ENABLED"}};
        auto asked_region = request->region;
        auto reply = co_await service_.call(std::move(*request));
        if (observer_) {
            const bool throttled = !reply && reply.error().kind == ErrorKind::Throttled;
            observer_(operation, reply ? "ok" : throttled ? "throttled" : "error");
        }
        if (reply) co_return reply;
        const bool wrong_region = is_of_another_region(reply.error()) && !region.empty() && region != asked_region;
        if (!wrong_region || moved || !options_.endpoint_in) {
            co_return fail(judged(std::move(reply.error()), operation, bucket));
        }
        auto endpoint = options_.endpoint_in(region);
        if (!endpoint) co_return fail(std::move(endpoint.error()));
        if (elsewhere_.size() >= kMostBucketsElsewhere) elsewhere_.clear();
        elsewhere_.insert_or_assign(bucket, std::move(*endpoint));
    }
}

// An error in words without a name that came in a message.
Error ObjectsOnS3::judged(Error error, const std::string& operation, const std::string& bucket) const {
    const bool ours = std::ranges::find(options_.buckets, bucket) != options_.buckets.end();
    const auto which = ours ? "the bucket \"" + bucket + "\"" : std::string("a bucket that a message names");
    error.stage = Stage::Receive;
    if (error.code == "reply_too_large") return too_large();
    for (const auto& known : kNothingThere) {
        if (error.code != known.code) continue;
        return {ErrorKind::BadMessage, Stage::Receive, error.code, std::string(known.place)};
    }
    if (error.code == "NoSuchBucket") {
        if (!ours) return {ErrorKind::BadMessage, Stage::Receive, error.code, "the bucket is absent"};
        error.kind = ErrorKind::Configuration;
    }
    const bool answered = error.kind == ErrorKind::Configuration || error.code.starts_with("http_");
    if (answered) error.detail = operation + " in " + which + " was refused: " + error.code;
    if (error.kind == ErrorKind::Retry && !answered)
        error.detail = operation + " in " + which + " failed: " + error.code;
    return error;
}

awaitable<Result<std::string>> ObjectsOnS3::fetch(pipeline::ObjectRef object, std::size_t most_bytes) {
    auto reply = co_await call("GET", "GetObject", std::move(object.bucket), std::move(object.key), most_bytes);
    if (!reply) co_return fail(std::move(reply.error()));
    if (reply->body.size() > most_bytes) co_return fail(too_large());
    if (!is_intact(reply->headers, reply->body)) {
        co_return fail(ErrorKind::Retry, Stage::Receive, "bad_checksum",
                       "GetObject: an object's bytes do not match its checksum");
    }
    co_return std::move(reply->body);
}

awaitable<Status> ObjectsOnS3::remove(pipeline::ObjectRef object) {
    auto reply = co_await call("DELETE", "DeleteObject", std::move(object.bucket), std::move(object.key), kSmallReply);
    if (reply || reply.error().kind == ErrorKind::BadMessage) co_return Status{};
    reply.error().stage = Stage::Settle;
    co_return fail(std::move(reply.error()));
}

awaitable<Status> ObjectsOnS3::look_at(std::string bucket) {
    auto reply = co_await call("HEAD", "HeadBucket", std::move(bucket), "", kSmallReply);
    if (reply) co_return Status{};
    co_return fail(std::move(reply.error()));
}

}  // namespace sqs2pg::adapters
