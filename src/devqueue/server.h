// The embedded queue over HTTP: POST / with X-Amz-Target, true long polling, faults on demand. One executor, one
// thread. GET /healthz is answered while it serves. Signatures are checked when there are keys to check them against.
// Queues are kept in memory and end with the server.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "aws/sigv4.h"
#include "base/clock.h"
#include "base/result.h"
#include "devqueue/account.h"

namespace sqs2pg::devqueue {

struct ServerOptions {
    std::string host = "127.0.0.1";
    std::uint16_t port = 9324;  // 0: any free one, see url()
    bool faults = false;        // serve /_faults
    AccountOptions account;
    // Only what one of these signed is carried out; empty: everything, signed or not. /_faults asks for no signature.
    std::vector<aws::Credentials> accepted_keys{};
    // PEM files: HTTPS instead of HTTP. Both or neither.
    std::string tls_certificate{};
    std::string tls_key{};
};

class Server {
   public:
    // `executor` runs on one thread. `clock` is borrowed; it outlives the server.
    Server(boost::asio::any_io_executor executor, ServerOptions options, const Clock& clock);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    // Binds and begins to serve. Configuration error when the address cannot be listened on.
    Status start();
    // Closes everything; waiting receives end empty.
    void stop();

    std::uint16_t port() const;
    std::string url() const;  // "http://127.0.0.1:9324", or https

    // Makes a queue, as CreateQueue does; before start(), or on the executor's thread. Configuration error.
    Status create_queue(const std::string& name, const AttributeMap& attributes = {});

    // Receives that wait for a message; on the executor's thread.
    std::size_t waiting_receives() const;

   private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace sqs2pg::devqueue
