// A request to a service of the machine itself: the container's credentials, EC2's metadata. Never through a proxy,
// with a short deadline, and told without its body.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "aws/canonical_request.h"
#include "aws/credentials_source.h"
#include "net/url.h"

namespace sqs2pg::aws {

struct MetadataCall {
    std::string method = "GET";
    net::Url url{};
    std::vector<Header> headers{};
    std::chrono::milliseconds deadline{1000};  // of one attempt
    int attempts = 1;                          // repeated after silence, a lost connection, 429 and 5xx
};

// Any status is a value, with at most 64 KiB. Error kind Retry: "timeout", "connection_refused" …
awaitable<Result<net::HttpReply>> metadata_call(SourceContext context, MetadataCall call);

// An http or https origin or URL as a setting gives it, with `path` in place of its own when that is "/".
Result<net::Url> metadata_url(const std::string& origin, const std::string& path);

}  // namespace sqs2pg::aws
