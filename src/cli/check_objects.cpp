// Whether the objects that messages point at can be fetched, as far as that can be told without one. See check.h.
#include <boost/asio/this_coro.hpp>

#include <fmt/format.h>

#include "cli/check.h"
#include "cli/object_access.h"

namespace sqs2pg::cli {

namespace {

void judge_bucket(const std::string& bucket, const Status& seen, Findings& findings) {
    const auto place = "bucket " + bucket;
    if (seen) return findings.ok("bucket", place, "reachable");
    const auto& error = seen.error();
    if (error.code == "http_403" || error.code.starts_with("AccessDenied")) {
        findings.warning("bucket", place,
                         "it is another account's, or s3:ListBucket is not allowed: then an absent object looks like a "
                         "denied one, and pauses the pipeline");
    } else if (error.code == "http_404" || error.code == "NoSuchBucket") {
        findings.error("bucket", place, "there is no such bucket here; correct `s3.buckets` or `s3.endpoint_url`");
    } else {
        findings.error("bucket", place, error);
    }
}

}  // namespace

awaitable<void> check_objects(const config::PipelineSettings& pipeline, const aws::Endpoint& queue,
                              aws::CredentialsProvider& credentials, Clock& clock, Findings& findings) {
    if (!has_objects(pipeline)) co_return;
    if (pipeline.objects.buckets.empty()) {
        findings.warning("buckets_open", pipeline.place,
                         "messages may point at any bucket; name those that they may in `s3.buckets`");
    }
    auto endpoint = object_endpoint_of(pipeline, queue.region);
    if (!endpoint) {
        findings.error("endpoint", pipeline.place, endpoint.error());
        co_return;
    }
    auto executor = co_await boost::asio::this_coro::executor;
    ObjectAccess access(executor, pipeline, *endpoint, credentials, clock);
    for (const auto& bucket : pipeline.objects.buckets) {
        const auto seen = co_await access.objects.look_at(bucket);
        judge_bucket(bucket, seen, findings);
    }
    access.http.close();
}

}  // namespace sqs2pg::cli
