// Endpoint and port of objects, see object_access.h.
#include "cli/object_access.h"

#include <algorithm>
#include <utility>

#include "aws/endpoint_inputs.h"
#include "aws/environment.h"
#include "aws/http_options.h"
#include "cli/queue_access.h"
#include "net/url.h"

namespace sqs2pg::cli {

namespace {

constexpr std::size_t kErrorReply = 64u << 10;  // room for what S3 says of an object that is refused

Result<aws::Endpoint> endpoint_in(const config::PipelineSettings& pipeline, const std::string& region) {
    if (pipeline.s3.endpoint_url.empty()) {
        return aws::service_endpoint(aws::Service::S3, configured_aws(pipeline.aws), aws::process_environment(),
                                     region);
    }
    auto url = net::parse_url(pipeline.s3.endpoint_url);
    if (!url) {
        return fail(ErrorKind::Configuration, Stage::Configure, "endpoint",
                    "`s3.endpoint_url` is no URL: " + url.error().detail);
    }
    aws::Endpoint endpoint;
    endpoint.url = std::move(*url);
    endpoint.region = region.empty() ? "us-east-1" : region;
    endpoint.overridden = true;
    endpoint.reason = "s3.endpoint_url";
    return endpoint;
}

adapters::S3Options options_of(const config::PipelineSettings& pipeline, const aws::Endpoint& endpoint) {
    using enum config::S3Settings::Addressing;
    adapters::S3Options options;
    options.endpoint = endpoint;
    options.buckets = pipeline.objects.buckets;
    if (pipeline.s3.addressing == Path) options.addressing = adapters::S3Options::Addressing::Path;
    if (pipeline.s3.addressing == VirtualHost) options.addressing = adapters::S3Options::Addressing::VirtualHost;
    if (!endpoint.overridden) {
        options.endpoint_in = [aws = configured_aws(pipeline.aws)](const std::string& region) {
            return aws::service_endpoint(aws::Service::S3, aws, aws::process_environment(), region);
        };
    }
    return options;
}

net::HttpClientOptions http_options_of(const config::PipelineSettings& pipeline) {
    auto options = aws::http_options(configured_aws(pipeline.aws), aws::process_environment());
    options.max_reply_bytes = std::max(pipeline.max_unwrapped_bytes, kErrorReply);
    return options;
}

}  // namespace

bool has_objects(const config::PipelineSettings& pipeline) {
    return pipeline::has_step(pipeline.unwrap, pipeline::Unwrap::S3Pointer);
}

Result<aws::Endpoint> object_endpoint_of(const config::PipelineSettings& pipeline, const std::string& queue_region) {
    return endpoint_in(pipeline, pipeline.s3.region.empty() ? queue_region : pipeline.s3.region);
}

ObjectAccess::ObjectAccess(boost::asio::any_io_executor executor, const config::PipelineSettings& pipeline,
                           const aws::Endpoint& endpoint, aws::CredentialsProvider& credentials, Clock& clock,
                           adapters::S3Observer observer)
    : http(std::move(executor), http_options_of(pipeline)),
      service(http, &credentials, clock),
      objects(options_of(pipeline, endpoint), service, std::move(observer)) {}

}  // namespace sqs2pg::cli
