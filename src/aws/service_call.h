// One call of any AWS service over HTTPS: signed (or not), judged, and repeated as the SDKs' "standard" mode does.
// Where the service is: service_endpoint() in endpoint_inputs.h. Used for STS, SSO, Secrets Manager, SSM, KMS and S3;
// SQS has a client of its own, whose requests are worth more tuning.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "aws/canonical_request.h"
#include "aws/credentials.h"
#include "aws/endpoint.h"
#include "aws/service.h"
#include "base/clock.h"
#include "base/result.h"
#include "net/http_client.h"

namespace sqs2pg::aws {

struct ServiceRequest {
    Service service = Service::Sts;  // S3 is signed in S3's way
    net::Url url{};                  // origin, path and query as on the wire (percent-encoded)
    std::string region{};            // of the signature
    std::string operation{};         // for people: "GetSecretValue"
    std::string method = "POST";
    std::vector<Header> headers{};  // Host is added
    std::string body{};
    bool sign = true;
    std::chrono::milliseconds deadline{5000};  // of one attempt
    std::size_t max_reply_bytes = 1024 * 1024;
    std::string* bucket_region = nullptr;  // S3: set to the region that a refusal names; outlives the call
    Stage stage = Stage::Start;            // of errors
};

struct ServiceReply {
    int status = 0;  // 200 to 299
    std::vector<Header> headers;
    std::string body;  // may hold a secret: move it into one
};

struct ServiceClientOptions {
    int max_attempts = 3;
};

// A request of the JSON protocol: `target` is what X-Amz-Target says, "secretsmanager.GetSecretValue". `body` is JSON.
ServiceRequest json_request(Service service, const Endpoint& endpoint, const std::string& target, std::string body);

// A request of the Query protocol (STS): the parameters as a form.
ServiceRequest query_request(Service service, const Endpoint& endpoint, const std::string& action,
                             const std::string& version,
                             const std::vector<std::pair<std::string, std::string>>& parameters);

// Not thread-safe: one an event loop. Shares one token bucket and one correction of the clock among its calls.
class ServiceClient {
   public:
    // Borrowed: http, credentials (nullptr: unsigned requests only) and clock outlive the client, which outlives its
    // calls.
    ServiceClient(net::HttpClient& http, CredentialsProvider* credentials, Clock& clock,
                  ServiceClientOptions options = {});
    ~ServiceClient();

    // Lasts at most max_attempts deadlines and the pauses between them (base/retry.h), and the credentials' own.
    // Errors: of credentials; Retry (attempts used up; "timeout", "connection_refused" …), Throttled, Credentials,
    // Configuration; `code` is AWS's, "ResourceNotFoundException". No error holds a secret or a body.
    awaitable<Result<ServiceReply>> call(ServiceRequest request);

   private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace sqs2pg::aws
