// A pooled HTTP/1.1 client on one executor: keep-alive connections an origin, TLS with the system's CA store, SNI and
// hostname check, a deadline a call, bounded replies. One of the two places that use Beast (behind an implementation
// pointer: this header stays cheap to include). Not thread-safe: one a worker.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "base/result.h"
#include "net/url.h"

namespace sqs2pg::net {

struct HttpRequest {
    std::string method = "POST";
    Url url;                                                   // origin to connect to, and target
    std::vector<std::pair<std::string, std::string>> headers;  // Host and Content-Length are added when absent
    std::string body;
    std::chrono::milliseconds deadline{30000};  // connect, TLS, send and the whole reply together
    bool direct = false;                        // never through a proxy: metadata and container services
};

struct HttpReply {
    int status = 0;
    std::vector<std::pair<std::string, std::string>> headers;  // names as received
    std::string body;

    // Case-insensitive; nullptr when absent.
    const std::string* header(std::string_view name) const;
};

struct HttpClientOptions {
    std::size_t max_reply_bytes = 64 * 1024 * 1024;
    std::size_t max_idle_connections = 64;  // an origin
    std::chrono::seconds max_idle{50};      // an idle connection is closed after this
    std::chrono::seconds max_age{300};      // …and any after this, so that DNS changes are followed
    std::string ca_file{};                  // empty: the system's store
};

class HttpClient {
   public:
    HttpClient(boost::asio::any_io_executor executor, HttpClientOptions options = {});
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    // Any HTTP status is a value. Errors (kind Retry, stage of the caller): code "connection_refused",
    // "resolve_failed", "connect_failed", "tls_failed" (Configuration if the certificate was refused), "timeout",
    // "connection_closed", "reply_too_large", "bad_reply". A request that met a stale pooled connection before any byte
    // of a reply is sent again once on a fresh one. `request` is taken by value: it lives as long as the call.
    awaitable<Result<HttpReply>> send(HttpRequest request);

    // Closes idle connections; calls under way end with "connection_closed".
    void close();

   private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace sqs2pg::net
