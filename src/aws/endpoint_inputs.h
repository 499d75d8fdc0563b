// Gathers what resolve_endpoint (endpoint.h) decides on: configuration first, then environment, then profile.
// Source: AWS SDKs and Tools Reference Guide, "AWS Region", "Service-specific endpoints".
#pragma once

#include <string>

#include "aws/endpoint.h"
#include "aws/environment.h"

namespace sqs2pg::aws {

// What the configuration file says; empty: nothing.
struct ConfiguredAws {
    std::string region;
    std::string endpoint_url;
    std::string profile;
};

// endpoint_url: configuration, AWS_ENDPOINT_URL_SQS, AWS_ENDPOINT_URL, the profile's `services` section, its
// endpoint_url. AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true leaves the configuration's only. Reads the profile's files.
// `queue`: a name or a URL.
EndpointInputs gather_endpoint_inputs(const ConfiguredAws& configured, const Environment& environment,
                                      const std::string& queue);

}  // namespace sqs2pg::aws
