// Where an AWS service is: region and endpoint from what the configuration, the environment, the profile and a queue's
// URL or ARN say (endpoint_inputs.h gathers it). Pure. Source: AWS SDKs and Tools Reference Guide, "Service-specific
// endpoints", "Dual-stack and FIPS endpoints"; AWS General Reference, SQS endpoints.
#pragma once

#include <string>

#include "aws/service.h"
#include "base/result.h"
#include "net/url.h"

namespace sqs2pg::aws {

struct Endpoint {
    net::Url url;
    std::string region{};     // of the signature
    bool overridden = false;  // given by configuration, AWS_ENDPOINT_URL_SQS, AWS_ENDPOINT_URL or a profile
    std::string reason{};     // where URL and region come from, for people: "region eu-west-1 from AWS_REGION"
    std::string doubt{};      // about the region, where nothing of that name is known; else empty
};

struct EndpointInputs {
    std::string region{};        // configuration, AWS_REGION, AWS_DEFAULT_REGION, profile; the first that is set
    std::string endpoint_url{};  // configuration, AWS_ENDPOINT_URL_SQS, AWS_ENDPOINT_URL, profile
    std::string queue_url{};     // a queue given as a URL or ARN: tells region and endpoint when nothing else does
    Service service = Service::Sqs;
    Variants variants{};
    std::string region_from{};    // "AWS_REGION"; for people
    std::string endpoint_from{};  // "AWS_ENDPOINT_URL_SQS"
    std::string fips_from{};      // "AWS_USE_FIPS_ENDPOINT"
    std::string dualstack_from{};
    std::string mistake{};  // of what was gathered: refused with this sentence
};

// Configuration error when no region can be told for an AWS endpoint: what to set. With an endpoint override the region
// defaults to us-east-1, and FIPS or dualstack is refused, as the SDKs do: nobody could say whether it holds.
// The queue's own region wins over another one (a signature for that would be refused there). The SDKs' old names for a
// region, "fips-us-east-1" and "us-east-1-fips", ask for its FIPS endpoint.
Result<Endpoint> resolve_endpoint(const EndpointInputs& inputs);

// S3: where a bucket's objects are: BUCKET.s3.REGION… where the certificate covers that, else ENDPOINT/BUCKET (with an
// endpoint override, and for names with dots or capitals). `target` ends in '/'; append the object's encoded key.
// Error (BadMessage: it may come from one): no name that S3 has ever allowed.
Result<net::Url> bucket_url(const Endpoint& endpoint, const std::string& bucket);

}  // namespace sqs2pg::aws
