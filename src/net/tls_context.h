// OpenSSL's contexts of the client and the server: which CAs are trusted, TLS 1.2 or newer, sessions that are resumed,
// and sentences for what was refused.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

using SSL = struct ssl_st;
using SSL_CTX = struct ssl_ctx_st;
using SSL_SESSION = struct ssl_session_st;

namespace sqs2pg::net {

namespace detail {
struct FreeContext {
    void operator()(SSL_CTX* context) const noexcept;
};
struct FreeSession {
    void operator()(SSL_SESSION* session) const noexcept;
};
}  // namespace detail

using TlsContext = std::unique_ptr<SSL_CTX, detail::FreeContext>;

// A file of PEM certificates (or a folder of them, prepared by `openssl rehash`) that is trusted instead of the
// system's store.
struct CaBundle {
    std::string path;  // empty: the system's store
    std::string from;  // who names it, for people: "AWS_CA_BUNDLE"
};

class TlsClient;

// What a handshake is about; belongs to the connection and outlives its TLS layers.
struct TlsPeer {
    std::shared_ptr<TlsClient> client;
    std::string host;
    std::string session_key;  // sessions are resumed among connections of one key: one host and port
    std::string refusal;      // why its certificate was refused; a sentence, filled in by the handshake
};

// One an HTTP client; not thread-safe.
class TlsClient : public std::enable_shared_from_this<TlsClient> {
   public:
    // Configuration error, code "tls_failed": a bundle that is absent, empty or holds no certificate.
    static Result<std::shared_ptr<TlsClient>> make(CaBundle bundle);

    SSL_CTX* context() const noexcept { return context_.get(); }

    // Sets server name, host name check and a session to resume. `peer` outlives `ssl`. False: the name is none.
    bool prepare(SSL* ssl, TlsPeer& peer);

    // Kept for a later connection of that peer.
    void keep_session(const std::string& key, SSL_SESSION* session);

    // What to do about a CA that is not trusted, for people.
    std::string trust_hint() const;

   private:
    using Session = std::unique_ptr<SSL_SESSION, detail::FreeSession>;

    explicit TlsClient(CaBundle bundle) : bundle_(std::move(bundle)) {}
    Status load();
    Session take_session(const std::string& key);

    CaBundle bundle_;
    TlsContext context_;
    std::map<std::string, std::deque<Session>> sessions_;
};

// The error of a handshake that failed with `ec`: Configuration where the certificate was refused, Retry otherwise.
// `place`: "sqs.eu-west-1.amazonaws.com:443".
tl::unexpected<Error> tls_error(const TlsPeer& peer, std::string_view place, const boost::system::error_code& ec);

// A server's: certificate chain and key, both PEM. Configuration error naming the file.
Result<TlsContext> make_server_context(const std::string& certificate_file, const std::string& key_file);

}  // namespace sqs2pg::net
