// A pipeline's way to its queue: endpoint and credentials as the configuration and the AWS environment name them, and a
// client of them on one event loop. Used by start-up, by each worker, by the progress and by `check`.
#pragma once

#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "aws/credentials.h"
#include "aws/endpoint.h"
#include "aws/endpoint_inputs.h"
#include "base/clock.h"
#include "base/result.h"
#include "config/settings.h"
#include "net/http_client.h"
#include "sqs/client.h"

namespace sqs2pg::cli {

// What the configuration says about AWS, as the endpoints and the HTTP client take it.
aws::ConfiguredAws configured_aws(const config::AwsSettings& settings);

// The process's credentials for these settings; one an event loop.
std::unique_ptr<aws::CredentialsProvider> credentials_of(const config::AwsSettings& settings);

// `queue` is the pipeline's: a name, a URL or an ARN. Configuration error: what to set.
Result<aws::Endpoint> endpoint_of(const config::AwsSettings& settings, const std::string& queue);

// One text a queue, however it was named: the endpoint that is asked, account and name.
std::string whereabouts(const aws::Endpoint& endpoint, const std::string& queue_url);

bool is_url(const std::string& queue);

// The error of a call about `queue` at `endpoint`, with its name in the sentence, and what to do where it does not
// exist there or may not be used.
Error queue_error(Error error, const std::string& queue, const aws::Endpoint& endpoint);

// Members borrow from those above them. Not thread-safe: one an event loop.
struct QueueAccess {
    QueueAccess(boost::asio::any_io_executor executor, const config::AwsSettings& settings,
                const aws::Endpoint& endpoint, Clock& clock, sqs::RequestObserver observer = {});

    net::HttpClient http;
    std::unique_ptr<aws::CredentialsProvider> credentials;
    sqs::Client client;
};

}  // namespace sqs2pg::cli
