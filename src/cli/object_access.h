// A pipeline's way to the objects of `unwrap: s3-pointer`: S3's endpoint as the configuration and the AWS environment
// name it, and the port on it, on one event loop. Used by each worker, by the replay and by `check`.
#pragma once

#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "adapters/objects_on_s3.h"
#include "aws/credentials.h"
#include "aws/endpoint.h"
#include "base/clock.h"
#include "base/result.h"
#include "config/settings.h"
#include "net/http_client.h"

namespace sqs2pg::cli {

// Whether any message of the pipeline may be a pointer.
bool has_objects(const config::PipelineSettings& pipeline);

// `queue_region`: of the queue, for buckets of which nothing else is said. Configuration error: what to set.
Result<aws::Endpoint> object_endpoint_of(const config::PipelineSettings& pipeline, const std::string& queue_region);

// Members borrow from those above them; `credentials`, the queue's, and `clock` outlive it. Not thread-safe: one an
// event loop.
struct ObjectAccess {
    ObjectAccess(boost::asio::any_io_executor executor, const config::PipelineSettings& pipeline,
                 const aws::Endpoint& endpoint, aws::CredentialsProvider& credentials, Clock& clock,
                 adapters::S3Observer observer = {});

    net::HttpClient http;
    aws::ServiceClient service;
    adapters::ObjectsOnS3 objects;
};

}  // namespace sqs2pg::cli
