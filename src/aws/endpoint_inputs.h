// Gathers what resolve_endpoint (endpoint.h) decides on: configuration first, then environment, then profile.
// Source: AWS SDKs and Tools Reference Guide, "AWS Region", "Service-specific endpoints".
#pragma once

#include <optional>
#include <string>

#include "aws/endpoint.h"
#include "aws/environment.h"

namespace sqs2pg::aws {

// What the configuration file says; empty: nothing.
struct ConfiguredAws {
    std::string region{};
    std::string endpoint_url{};  // of SQS only
    std::string profile{};
    std::optional<bool> use_fips_endpoint{};
    std::optional<bool> use_dualstack_endpoint{};
    std::string ca_bundle{};
};

// endpoint_url: configuration, AWS_ENDPOINT_URL_SQS, AWS_ENDPOINT_URL, the profile's `services` section, its
// endpoint_url. AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true (or the profile's ignore_configured_endpoint_urls) leaves the
// configuration's only. FIPS and dualstack: configuration, AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT, the
// profile's use_fips_endpoint and use_dualstack_endpoint. Reads the profile's files. `queue`: a name, a URL or an ARN.
EndpointInputs gather_endpoint_inputs(const ConfiguredAws& configured, const Environment& environment,
                                      const std::string& queue);

// The endpoint of any service: as above, with AWS_ENDPOINT_URL_<SERVICE> and the service's entry of the `services`
// section, and without the configuration's endpoint_url, unless the service is SQS. `region`: in place of all others,
// when not empty.
Result<Endpoint> service_endpoint(Service service, const ConfiguredAws& configured, const Environment& environment,
                                  const std::string& region = {});

}  // namespace sqs2pg::aws
