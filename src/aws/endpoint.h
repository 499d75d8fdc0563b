// Where SQS is: region and endpoint from the configuration, the environment and the profile, in the AWS CLI's order.
// Pure. Source: AWS SDKs and Tools Reference Guide, "Service-specific endpoints"; AWS General Reference, SQS endpoints.
#pragma once

#include <string>

#include "base/result.h"
#include "net/url.h"

namespace sqs2pg::aws {

struct Endpoint {
    net::Url url;
    std::string region;       // of the signature
    bool overridden = false;  // given by configuration, AWS_ENDPOINT_URL_SQS, AWS_ENDPOINT_URL or a profile
};

struct EndpointInputs {
    std::string region;        // configuration, AWS_REGION, AWS_DEFAULT_REGION, profile; the first that is set
    std::string endpoint_url;  // configuration, AWS_ENDPOINT_URL_SQS, AWS_ENDPOINT_URL, profile
    std::string queue_url;     // a queue given as a URL: its host tells region and endpoint when nothing else does
};

// Configuration error when no region can be told for an AWS endpoint: what to set. With an endpoint override the region
// defaults to us-east-1.
Result<Endpoint> resolve_endpoint(const EndpointInputs& inputs);

}  // namespace sqs2pg::aws
