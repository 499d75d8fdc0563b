// How the HTTP client reaches AWS: CA bundle and proxies, from the configuration, the environment and the profile.
// Source: AWS SDKs and Tools Reference Guide, "CA bundle"; AWS CLI User Guide, "Using an HTTP proxy".
#pragma once

#include "aws/endpoint_inputs.h"
#include "aws/environment.h"
#include "net/http_client.h"

namespace sqs2pg::aws {

// CA bundle: configuration, AWS_CA_BUNDLE, the profile's ca_bundle. Proxies: https_proxy or HTTPS_PROXY for https://
// endpoints, http_proxy or HTTP_PROXY for http:// ones, but for the hosts of no_proxy or NO_PROXY; the lower-case name
// wins, and HTTP_PROXY is not looked at beside REQUEST_METHOD (in a CGI program it is a request's header). Mistakes in
// them are errors of the requests that they concern. Reads the profile's files.
net::HttpClientOptions http_options(const ConfiguredAws& configured, const Environment& environment);

}  // namespace sqs2pg::aws
