// Certificates made on the spot, and a server of TLS that answers each request with the name that SNI told it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "base/result.h"

namespace sqs2pg::test {

namespace asio = boost::asio;

struct Identity {
    std::shared_ptr<EVP_PKEY> key;
    std::shared_ptr<X509> certificate;
};

struct Wish {
    std::string name = "server";
    std::string alternative_names{};  // "DNS:localhost,IP:127.0.0.1"
    bool is_ca = false;
    long valid_from = -3600;  // seconds from now
    long valid_to = 86400;
};

// Without an issuer it signs itself.
inline Identity make_identity(const Wish& wish, const Identity* issuer = nullptr) {
    Identity made{{EVP_EC_gen("P-256"), EVP_PKEY_free}, {X509_new(), X509_free}};
    auto* x509 = made.certificate.get();
    static long serial = 1;
    X509_set_version(x509, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), serial++);
    X509_gmtime_adj(X509_getm_notBefore(x509), wish.valid_from);
    X509_gmtime_adj(X509_getm_notAfter(x509), wish.valid_to);
    auto* subject = X509_get_subject_name(x509);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(wish.name.c_str()),
                               -1, -1, 0);
    X509_set_issuer_name(x509, issuer ? X509_get_subject_name(issuer->certificate.get()) : subject);
    X509_set_pubkey(x509, made.key.get());
    auto extend = [&](int nid, const std::string& value) {
        auto* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str());
        if (extension == nullptr) throw std::runtime_error("bad extension " + value);
        X509_add_ext(x509, extension, -1);
        X509_EXTENSION_free(extension);
    };
    extend(NID_basic_constraints, wish.is_ca ? "critical,CA:TRUE" : "CA:FALSE");
    if (!wish.alternative_names.empty()) extend(NID_subject_alt_name, wish.alternative_names);
    if (X509_sign(x509, issuer ? issuer->key.get() : made.key.get(), EVP_sha256()) == 0) {
        throw std::runtime_error("cannot sign");
    }
    return made;
}

// A folder of PEM files that goes away.
class PemFolder {
   public:
    PemFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "sqs2pg-tls-XXXXXX").string();
        folder_ = mkdtemp(pattern.data());
    }
    ~PemFolder() { std::filesystem::remove_all(folder_); }
    PemFolder(const PemFolder&) = delete;
    PemFolder& operator=(const PemFolder&) = delete;

    std::string path(const std::string& name) const { return (folder_ / name).string(); }

    std::string write(const std::string& name, const Identity& identity) const {
        std::unique_ptr<BIO, int (*)(BIO*)> out(BIO_new_file(path(name).c_str(), "w"), BIO_free);
        PEM_write_bio_X509(out.get(), identity.certificate.get());
        return path(name);
    }
    std::string write_key(const std::string& name, const Identity& identity) const {
        std::unique_ptr<BIO, int (*)(BIO*)> out(BIO_new_file(path(name).c_str(), "w"), BIO_free);
        PEM_write_bio_PrivateKey(out.get(), identity.key.get(), nullptr, nullptr, 0, nullptr, nullptr);
        return path(name);
    }

   private:
    std::filesystem::path folder_;
};

// Serves until the loop ends.
class TlsServer {
   public:
    explicit TlsServer(asio::io_context& loop) : loop_(loop) {}

    void serve(const Identity& identity, int highest_version = TLS1_3_VERSION) {
        SSL_CTX_use_certificate(context_.native_handle(), identity.certificate.get());
        SSL_CTX_use_PrivateKey(context_.native_handle(), identity.key.get());
        SSL_CTX_set_security_level(context_.native_handle(), 0);  // so that TLS 1.1 can be offered at all
        SSL_CTX_set_max_proto_version(context_.native_handle(), highest_version);
        asio::co_spawn(loop_, accept(this), asio::detached);
    }

    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

    int handshakes = 0;
    int resumed = 0;
    bool close_after_reply = false;

   private:
    static awaitable<void> accept(TlsServer* self) {
        for (;;) {
            auto socket = co_await self->acceptor_.async_accept(asio::use_awaitable);
            asio::co_spawn(self->loop_, answer(self, std::move(socket)), asio::detached);
        }
    }

    static awaitable<void> answer(TlsServer* self, asio::ip::tcp::socket socket) {
        boost::system::error_code ec;
        auto token = asio::redirect_error(asio::use_awaitable, ec);
        asio::ssl::stream<asio::ip::tcp::socket> stream(std::move(socket), self->context_);
        co_await stream.async_handshake(asio::ssl::stream_base::server, token);
        if (ec) co_return;
        ++self->handshakes;
        self->resumed += SSL_session_reused(stream.native_handle());
        const char* name = SSL_get_servername(stream.native_handle(), TLSEXT_NAMETYPE_host_name);
        std::string body = name ? name : "(no SNI)";
        std::string text = "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
                           (self->close_after_reply ? "Connection: close\r\n" : "") + "\r\n" + body;
        while (!ec) {
            std::string seen;
            auto buffer = asio::dynamic_buffer(seen);
            co_await asio::async_read_until(stream, buffer, "\r\n\r\n", token);
            if (ec) co_return;
            co_await asio::async_write(stream, asio::buffer(text), token);
            if (self->close_after_reply) co_return;
        }
    }

    asio::io_context& loop_;
    asio::ssl::context context_{asio::ssl::context::tls_server};
    asio::ip::tcp::acceptor acceptor_{loop_, asio::ip::tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0)};
};

}  // namespace sqs2pg::test
