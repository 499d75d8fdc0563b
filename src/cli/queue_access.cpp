// Endpoint, credentials and client of a queue, see queue_access.h.
#include "cli/queue_access.h"

#include "aws/credentials_pool.h"
#include "aws/endpoint_inputs.h"
#include "aws/environment.h"
#include "aws/http_options.h"
#include "aws/queue_name.h"
#include "aws/retry_settings.h"
#include "sqs/protocol.h"

namespace sqs2pg::cli {

namespace {

sqs::ClientOptions options_of(const config::AwsSettings& settings, const aws::Endpoint& endpoint) {
    sqs::ClientOptions options{endpoint};
    options.max_attempts = aws::gather_retry_settings(aws::process_environment(), settings.profile).max_attempts;
    return options;
}

}  // namespace

std::unique_ptr<aws::CredentialsProvider> credentials_of(const config::AwsSettings& settings) {
    aws::Identity identity;
    identity.configured = configured_aws(settings);
    identity.role = {
        .role_arn = settings.role_arn, .session_name = settings.role_session_name, .external_id = settings.external_id};
    return aws::CredentialsPool::process().provider(identity);
}

bool is_url(const std::string& queue) { return queue.starts_with("http://") || queue.starts_with("https://"); }

Error queue_error(Error error, const std::string& queue, const aws::Endpoint& endpoint) {
    const bool named = !is_url(queue) && !aws::parse_queue_arn(queue);
    const auto place = endpoint.url.origin() + (endpoint.reason.empty() ? "" : " (" + endpoint.reason + ")");
    if (error.code == "QueueDoesNotExist") {
        error.detail = "the queue \"" + queue + "\" does not exist at " + place + ": create it, or correct `queue:`";
        if (named) error.detail += " (a queue of another account or region is named by its URL or ARN)";
        return error;
    }
    if (error.detail.find(queue) == std::string::npos) error.detail = "queue \"" + queue + "\": " + error.detail;
    if (error.code.starts_with("AccessDenied") && !named) {
        error.detail += "; a queue of another account must allow it in its own access policy too";
    }
    return error;
}

aws::ConfiguredAws configured_aws(const config::AwsSettings& settings) {
    return {settings.region,
            settings.endpoint_url,
            settings.profile,
            settings.use_fips_endpoint,
            settings.use_dualstack_endpoint,
            settings.ca_bundle};
}

Result<aws::Endpoint> endpoint_of(const config::AwsSettings& settings, const std::string& queue) {
    return aws::resolve_endpoint(
        aws::gather_endpoint_inputs(configured_aws(settings), aws::process_environment(), queue));
}

std::string whereabouts(const aws::Endpoint& endpoint, const std::string& queue_url) {
    return endpoint.url.origin() + "/" + sqs::queue_identity(queue_url);
}

QueueAccess::QueueAccess(boost::asio::any_io_executor executor, const config::AwsSettings& settings,
                         const aws::Endpoint& endpoint, Clock& clock, sqs::RequestObserver observer)
    : http(std::move(executor), aws::http_options(configured_aws(settings), aws::process_environment())),
      credentials(credentials_of(settings)),
      client(options_of(settings, endpoint), http, *credentials, clock, std::move(observer)) {}

}  // namespace sqs2pg::cli
