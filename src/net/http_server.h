// A small HTTP/1.1 server for the embedded queue and the ops port: coroutines on one executor, bounded connections,
// request sizes and idle times. The other place that uses Beast.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "base/result.h"

namespace sqs2pg::net {

struct ServerRequest {
    std::string method;
    std::string target;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    std::string remote_address;

    // Case-insensitive; empty when absent.
    std::string_view header(std::string_view name) const;
};

struct ServerReply {
    int status = 200;
    std::string content_type = "text/plain; charset=utf-8";
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    bool close = false;            // close the connection after this reply
    bool drop_connection = false;  // fault: close without any reply
};

// Set when the client went away or the server is stopping, while a handler still waits (long poll).
class RequestContext {
   public:
    virtual ~RequestContext() = default;
    virtual bool gone() const = 0;
    // Called once, when the client disconnects or the server stops; replaces an earlier callback. May be empty.
    virtual void on_gone(std::function<void()> callback) = 0;
};

// Request and context outlive the handler's coroutine. The request may be moved from; what is left of it is used again
// for the connection's next one, so that a request makes no strings of its own.
using Handler = std::function<awaitable<ServerReply>(ServerRequest& request, RequestContext& context)>;

struct HttpServerOptions {
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;  // 0: any free one, see port()
    std::size_t max_connections = 1024;
    std::size_t max_body_bytes = 16 * 1024 * 1024;
    std::chrono::seconds idle_timeout{75};
    // PEM files of a certificate (with its chain) and its key: HTTPS instead of HTTP. Both or neither.
    std::string tls_certificate{};
    std::string tls_key{};
};

class HttpServer {
   public:
    HttpServer(boost::asio::any_io_executor executor, HttpServerOptions options, Handler handler);
    ~HttpServer();

    // Binds and starts accepting. Configuration error: "cannot listen on HOST:PORT: …", or which TLS file is unfit.
    Status start();
    std::uint16_t port() const;
    bool has_tls() const;
    // Stops accepting and closes connections.
    void stop();

   private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace sqs2pg::net
