// A pooled HTTP/1.1 client on one executor: keep-alive connections an origin, TLS (SNI, chain and host name checked,
// sessions resumed), proxies, IPv4 and IPv6, a deadline a call and a limit a phase, bounded replies. One of the two
// places that use Beast (behind an implementation pointer: this header stays cheap to include). Not thread-safe: one a
// worker.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "base/result.h"
#include "net/proxy.h"
#include "net/url.h"

namespace sqs2pg::net {

struct HttpRequest {
    std::string method = "POST";
    Url url;                                                   // origin to connect to, and target
    std::vector<std::pair<std::string, std::string>> headers;  // Host and Content-Length are added when absent
    std::string body;
    std::size_t max_reply_bytes = 0;            // 0: the client's, which is never exceeded
    std::chrono::milliseconds deadline{30000};  // name, connect, TLS, send and the whole reply together
    bool direct = false;                        // never through a proxy: metadata and container services
    bool only_body_of_success = false;          // a reply of 2xx comes without its headers
};

struct HttpReply {
    int status = 0;
    std::vector<std::pair<std::string, std::string>> headers;  // names as received
    std::string body;

    // Case-insensitive; nullptr when absent.
    const std::string* header(std::string_view name) const;
};

// Limits of the phases of a call, all within its deadline; 0: that only.
struct HttpTimeouts {
    std::chrono::milliseconds resolve{10000};
    std::chrono::milliseconds connect{10000};  // all addresses together
    std::chrono::milliseconds proxy{10000};    // each: sending CONNECT, and its answer
    std::chrono::milliseconds tls{10000};
    std::chrono::milliseconds send{30000};
    std::chrono::milliseconds first_byte{0};
    std::chrono::milliseconds reply{0};  // from the first byte to the last
};

struct HttpClientOptions {
    std::size_t max_reply_bytes = 64 * 1024 * 1024;
    std::size_t max_idle_connections = 1024;      // an origin: a worker's receives and deletes at their most
    std::chrono::seconds max_idle{50};            // an idle connection is closed after this
    std::chrono::seconds max_age{300};            // …and any after this, so that DNS changes are followed
    std::string ca_file{};                        // PEM, trusted instead of the system's store; empty: that
    std::string ca_file_from{};                   // who names it, for people: "AWS_CA_BUNDLE"
    std::shared_ptr<const ProxyRules> proxies{};  // nullptr: every request goes directly
    HttpTimeouts timeouts{};
};

class HttpClient {
   public:
    HttpClient(boost::asio::any_io_executor executor, HttpClientOptions options = {});
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    // Any HTTP status is a value, but the refusals of a proxy. Errors (kind Retry, stage of the caller): code
    // "connection_refused", "resolve_failed", "connect_failed", "tls_failed" (Configuration if the certificate was
    // refused or the CA bundle cannot be used), "timeout", "connection_closed", "reply_too_large", "bad_reply",
    // "proxy_failed"; Configuration: "bad_proxy", "proxy_refused", "proxy_authentication". A request that met a stale
    // pooled connection before any byte of a reply is sent again once on a fresh one. `request` is read before this
    // returns.
    awaitable<Result<HttpReply>> send(const HttpRequest& request);

    // Closes idle connections; calls under way end with "connection_closed".
    void close();

   private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace sqs2pg::net
