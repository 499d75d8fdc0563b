// TLS contexts, see tls_context.h.
#include "net/tls_context.h"

#include <cstdlib>
#include <filesystem>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/error.hpp>

#include "net/ca_bundle.h"
#include "net/certificate_text.h"

namespace sqs2pg::net {
namespace {

constexpr std::size_t kSessionsAKey = 4;
constexpr std::size_t kMostKeys = 256;

tl::unexpected<Error> refused(std::string detail) {
    return fail(ErrorKind::Configuration, Stage::Start, "tls_failed", std::move(detail));
}

// Where an SSL keeps its TlsPeer.
int peer_index() {
    static const int kIndex = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return kIndex;
}

TlsPeer* peer_of(SSL* ssl) { return static_cast<TlsPeer*>(SSL_get_ex_data(ssl, peer_index())); }

int new_session(SSL* ssl, SSL_SESSION* session) {
    auto* peer = peer_of(ssl);
    if (peer == nullptr || !peer->client) return 0;
    peer->client->keep_session(peer->session_key, session);
    return 1;  // the reference is ours now
}

// Keeps a sentence about the first thing that is wrong: OpenSSL tells only a number later, and no longer of which
// certificate.
int verified(int good, X509_STORE_CTX* store) {
    if (good == 1) return 1;
    auto* ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
    auto* peer = ssl == nullptr ? nullptr : peer_of(ssl);
    if (peer != nullptr && peer->refusal.empty()) {
        peer->refusal = certificate_problem(X509_STORE_CTX_get_error(store), X509_STORE_CTX_get_current_cert(store),
                                            peer->client->trust_hint());
    }
    return 0;
}

void set_common(SSL_CTX* context) {
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_mode(context,
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_read_ahead(context, 1);  // one system call a record, not two
}

bool is_empty_store() {
    std::error_code ec;
    const char* file = std::getenv(X509_get_default_cert_file_env());
    const char* folder = std::getenv(X509_get_default_cert_dir_env());
    if (std::filesystem::exists(file ? file : X509_get_default_cert_file(), ec)) return false;
    const char* named = folder ? folder : X509_get_default_cert_dir();
    return !std::filesystem::is_directory(named, ec) || std::filesystem::is_empty(named, ec);
}

}  // namespace

void detail::FreeContext::operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
void detail::FreeSession::operator()(SSL_SESSION* session) const noexcept { SSL_SESSION_free(session); }

Result<std::shared_ptr<TlsClient>> TlsClient::make(CaBundle bundle) {
    std::shared_ptr<TlsClient> made(new TlsClient(std::move(bundle)));
    auto loaded = made->load();
    if (!loaded) return fail(std::move(loaded.error()));
    return made;
}

Status TlsClient::load() {
    context_.reset(SSL_CTX_new(TLS_client_method()));
    if (!context_) return refused("OpenSSL cannot be set up for TLS");
    auto* context = context_.get();
    set_common(context);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, verified);
    // Trusting an intermediate CA, or one server's own certificate, is enough.
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), X509_V_FLAG_PARTIAL_CHAIN);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, new_session);
    if (bundle_.path.empty()) {
        SSL_CTX_set_default_verify_paths(context);
        ERR_clear_error();
        return {};
    }
    auto added = add_ca_bundle(SSL_CTX_get_cert_store(context), bundle_.path);
    if (added) return added;
    auto from = bundle_.from.empty() ? std::string() : " (" + bundle_.from + ")";
    return refused("cannot use the CA bundle " + bundle_.path + from + ": " + added.error().detail);
}

std::string TlsClient::trust_hint() const {
    if (!bundle_.path.empty()) {
        return "add the CA that signed it to the CA bundle " + bundle_.path +
               (bundle_.from.empty() ? "" : " (" + bundle_.from + ")");
    }
    if (is_empty_store()) {
        return "this system has no CA certificates at all: install the package ca-certificates, or let AWS_CA_BUNDLE "
               "name a PEM file of them";
    }
    return "let AWS_CA_BUNDLE (or `aws.ca_bundle`) name a PEM file with the CA that signed it";
}

bool TlsClient::prepare(SSL* ssl, TlsPeer& peer) {
    peer.client = shared_from_this();
    peer.refusal.clear();
    SSL_set_ex_data(ssl, peer_index(), &peer);
    boost::system::error_code is_name;
    boost::asio::ip::make_address(peer.host, is_name);
    if (is_name) {
        auto name = peer.host.ends_with('.') ? peer.host.substr(0, peer.host.size() - 1) : peer.host;
        if (SSL_set_tlsext_host_name(ssl, name.c_str()) != 1 || SSL_set1_host(ssl, name.c_str()) != 1) return false;
    } else if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), peer.host.c_str()) != 1) {
        return false;
    }
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (auto session = take_session(peer.session_key)) SSL_set_session(ssl, session.get());
    return true;
}

void TlsClient::keep_session(const std::string& key, SSL_SESSION* session) {
    Session kept(session);
    if (!sessions_.contains(key) && sessions_.size() >= kMostKeys) sessions_.erase(sessions_.begin());
    auto& sessions = sessions_[key];
    sessions.push_back(std::move(kept));
    if (sessions.size() > kSessionsAKey) sessions.pop_front();
}

TlsClient::Session TlsClient::take_session(const std::string& key) {
    auto found = sessions_.find(key);
    if (found == sessions_.end()) return nullptr;
    auto& sessions = found->second;
    while (!sessions.empty()) {
        auto session = std::move(sessions.back());
        sessions.pop_back();
        if (SSL_SESSION_is_resumable(session.get()) != 1) continue;
        // A ticket of TLS 1.3 is for one use: used again it would let an onlooker link the connections.
        if (SSL_SESSION_get_protocol_version(session.get()) < TLS1_3_VERSION) {
            SSL_SESSION_up_ref(session.get());
            sessions.emplace_back(session.get());
        }
        return session;
    }
    return nullptr;
}

tl::unexpected<Error> tls_error(const TlsPeer& peer, std::string_view place, const boost::system::error_code& ec) {
    std::string where(place);
    if (!peer.refusal.empty()) return refused("the certificate of " + where + " was refused: " + peer.refusal);
    auto why = ec.message();
    bool by_openssl = ec.category() == boost::asio::error::get_ssl_category();
    auto reason = by_openssl ? ERR_GET_REASON(static_cast<unsigned long>(ec.value())) : 0;
    if (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST) {
        why = "it does not speak TLS (" + why + "); is the port right, or should the URL begin with http://?";
    } else if (reason == SSL_R_UNSUPPORTED_PROTOCOL || reason == SSL_R_TLSV1_ALERT_PROTOCOL_VERSION) {
        why = "it offers no version of TLS from 1.2 on (" + why + ")";
    }
    return fail(ErrorKind::Retry, Stage::Start, "tls_failed", "the TLS handshake with " + where + " failed: " + why);
}

Result<TlsContext> make_server_context(const std::string& certificate_file, const std::string& key_file) {
    TlsContext context(SSL_CTX_new(TLS_server_method()));
    auto unfit = [](const std::string& what, const std::string& file) {
        const char* reason = ERR_reason_error_string(ERR_peek_last_error());
        std::string why = reason == nullptr ? "" : reason;
        ERR_clear_error();
        return fail(ErrorKind::Configuration, Stage::Serve, "cannot_listen",
                    "cannot use " + file + " as the TLS " + what + (why.empty() ? "" : ": " + why));
    };
    if (!context) return unfit("context", "OpenSSL");
    set_common(context.get());
    if (SSL_CTX_use_certificate_chain_file(context.get(), certificate_file.c_str()) != 1) {
        return unfit("certificate (PEM)", certificate_file);
    }
    if (SSL_CTX_use_PrivateKey_file(context.get(), key_file.c_str(), SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(context.get()) != 1) {
        return unfit("key (PEM) of that certificate", key_file);
    }
    return context;
}

}  // namespace sqs2pg::net
