// Opening a connection for the HTTP client: the name's addresses, the first that answers, the proxy's CONNECT, TLS;
// each phase with its own limit. Included only by the client's files.
#pragma once

#include <memory>
#include <string>

#include "net/http_client.h"
#include "net/http_connection.h"
#include "net/proxy.h"
#include "net/resolve_cache.h"

namespace sqs2pg::net {

// One an HTTP client; not thread-safe.
class Dialer {
   public:
    Dialer(const boost::asio::any_io_executor& executor, const HttpClientOptions& options);

    // A connection on which requests to `url` can be sent: through `proxy` unless that is nullptr (to an http:// URL it
    // leads to the proxy itself). All arguments outlive the call. Errors: as HttpClient::send tells them.
    awaitable<Result<std::shared_ptr<Connection>>> open(HttpCall& call, const Url& url, const Proxy* proxy);

   private:
    awaitable<Result<std::shared_ptr<Connection>>> connect(HttpCall& call, const Url& url, const std::string& place);
    awaitable<Status> secure(HttpCall& call, std::shared_ptr<Connection> connection, const Url& url,
                             const std::string& place);
    awaitable<Status> tunnel(HttpCall& call, std::shared_ptr<Connection> connection, const Url& url,
                             const Proxy& proxy);
    Result<std::shared_ptr<TlsClient>> tls();

    boost::asio::any_io_executor executor_;
    HttpClientOptions options_;
    std::shared_ptr<ResolveCache> names_;
    std::shared_ptr<TlsClient> tls_;
};

// The error of a proxy that answered `status` and not with a connection to `target`: what to do about it.
tl::unexpected<Error> proxy_refusal(const Proxy& proxy, int status, const std::string& target);

}  // namespace sqs2pg::net
