// The SQS operations that a consumer and a sender need, signed and retried ("standard" mode), on net/http_client.
// Facts and limits: Amazon SQS API Reference. One a worker; not thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aws/credentials.h"
#include "aws/endpoint.h"
#include "base/clock.h"
#include "base/result.h"
#include "net/http_client.h"
#include "sqs/protocol.h"

namespace sqs2pg::sqs {

struct ClientOptions {
    aws::Endpoint endpoint;  // where every request goes, whatever host a queue's URL names, and the signing region
    int max_attempts = 3;
    std::chrono::milliseconds request_deadline{10000};  // of one attempt, beyond the long poll's own wait
};

// One HTTP attempt, for metrics: operation ("ReceiveMessage"), outcome ("ok", "error", "throttled", "timeout"),
// seconds.
using RequestObserver = std::function<void(std::string_view operation, std::string_view outcome, double seconds)>;

class Client {
   public:
    // Borrowed: http, credentials and clock outlive the client.
    Client(ClientOptions options, net::HttpClient& http, aws::CredentialsProvider& credentials, Clock& clock,
           RequestObserver observer = {});
    ~Client();

    // What is borrowed, is so until the call returns its awaitable: the request is made by then.
    // Result kinds: Retry (attempts used up), Throttled (also OverLimit), Credentials, Configuration (AccessDenied,
    // QueueDoesNotExist: code "QueueDoesNotExist"), Stopping.
    // `queue`: a name, or an ARN. An ARN makes the URL that AWS gives that queue, without asking (reading another
    // account's queue URL is a right of its own); behind an endpoint of one's own it is asked for, with the account.
    awaitable<Result<std::string>> get_queue_url(std::string queue);
    awaitable<Result<std::string>> create_queue(const std::string& queue_name,
                                                const std::map<std::string, std::string>& attributes);
    awaitable<Status> delete_queue(std::string_view queue_url);
    awaitable<Result<ReceiveReply>> receive(const ReceiveCall& call);
    awaitable<Result<BatchReply>> delete_batch(std::string_view queue_url, const std::vector<DeleteEntry>& entries);
    awaitable<Result<BatchReply>> change_visibility_batch(std::string_view queue_url,
                                                          const std::vector<VisibilityEntry>& entries);
    awaitable<Result<BatchReply>> send_batch(std::string_view queue_url, const std::vector<SendEntry>& entries);
    awaitable<Result<std::map<std::string, std::string>>> get_queue_attributes(std::string_view queue_url,
                                                                               const std::vector<std::string>& names);

    // What the client was made with.
    const aws::Endpoint& endpoint() const noexcept;

    // The service's clock minus this machine's, where a signature was refused for it and corrected; else 0.
    std::int64_t clock_offset_ms() const noexcept;

   private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace sqs2pg::sqs
