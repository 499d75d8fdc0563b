// TLS of the HTTP client against a server whose CA is made here: the right host, another host, an unknown CA, an old
// version.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "net/http_client.h"
#include "unit/net/on_loop.h"

namespace sqs2pg::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

using Key = std::shared_ptr<EVP_PKEY>;
using Certificate = std::shared_ptr<X509>;

Key make_key() { return {EVP_EC_gen("P-256"), EVP_PKEY_free}; }

void add_extension(X509* certificate, int nid, const std::string& value) {
    auto* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str());
    if (extension == nullptr) throw std::runtime_error("bad extension " + value);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

// Valid for a day. Without an issuer it signs itself and is a CA.
Certificate make_certificate(const std::string& name, const Key& key, const std::string& alternative_names,
                             const Certificate& issuer, const Key& issuer_key) {
    Certificate made(X509_new(), X509_free);
    X509_set_version(made.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), issuer ? 2 : 1);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), 86400);
    auto* subject = X509_get_subject_name(made.get());
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(name.c_str()), -1,
                               -1, 0);
    X509_set_issuer_name(made.get(), issuer ? X509_get_subject_name(issuer.get()) : subject);
    X509_set_pubkey(made.get(), key.get());
    add_extension(made.get(), NID_basic_constraints, issuer ? "CA:FALSE" : "critical,CA:TRUE");
    if (!alternative_names.empty()) add_extension(made.get(), NID_subject_alt_name, alternative_names);
    if (X509_sign(made.get(), issuer_key.get(), EVP_sha256()) == 0) throw std::runtime_error("cannot sign");
    return made;
}

struct Tls : testing::Test {
    Tls() {
        std::string pattern = (std::filesystem::temp_directory_path() / "sqs2pg-tls-XXXXXX").string();
        folder = mkdtemp(pattern.data());
        ca_key = make_key();
        ca = make_certificate("test CA", ca_key, "", nullptr, ca_key);
        std::unique_ptr<BIO, int (*)(BIO*)> out(BIO_new_file(ca_file().c_str(), "w"), BIO_free);
        PEM_write_bio_X509(out.get(), ca.get());
    }
    ~Tls() override { std::filesystem::remove_all(folder); }

    std::string ca_file() const { return (folder / "ca.pem").string(); }

    // Serves TLS until the loop ends, with a certificate for `alternative_names`; each connection gets one answer.
    void serve(const std::string& alternative_names, int highest_version = TLS1_3_VERSION) {
        auto key = make_key();
        auto certificate = make_certificate("server", key, alternative_names, ca, ca_key);
        SSL_CTX_use_certificate(context.native_handle(), certificate.get());
        SSL_CTX_use_PrivateKey(context.native_handle(), key.get());
        SSL_CTX_set_security_level(context.native_handle(), 0);  // so that TLS 1.1 can be offered at all
        SSL_CTX_set_max_proto_version(context.native_handle(), highest_version);
        asio::co_spawn(loop, accept(this), asio::detached);
    }

    static awaitable<void> accept(Tls* self) {
        for (;;) {
            auto socket = co_await self->acceptor.async_accept(asio::use_awaitable);
            asio::co_spawn(self->loop, answer(self, std::move(socket)), asio::detached);
        }
    }

    static awaitable<void> answer(Tls* self, tcp::socket socket) {
        error_code ec;
        asio::ssl::stream<tcp::socket> stream(std::move(socket), self->context);
        co_await stream.async_handshake(asio::ssl::stream_base::server, asio::redirect_error(asio::use_awaitable, ec));
        if (ec) co_return;
        ++self->handshakes;
        const char* name = SSL_get_servername(stream.native_handle(), TLSEXT_NAMETYPE_host_name);
        std::string body = name ? name : "(no SNI)";
        std::string text = "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
        while (!ec) {
            std::string seen;
            auto buffer = asio::dynamic_buffer(seen);
            co_await asio::async_read_until(stream, buffer, "\r\n\r\n", asio::redirect_error(asio::use_awaitable, ec));
            if (ec) co_return;
            co_await asio::async_write(stream, asio::buffer(text), asio::redirect_error(asio::use_awaitable, ec));
        }
    }

    Result<HttpReply> get(const std::string& host, HttpClient& client) {
        HttpRequest request;
        request.method = "GET";
        request.url = Url{true, host, acceptor.local_endpoint().port(), "/"};
        request.deadline = std::chrono::milliseconds(20000);
        return test::run(loop, client.send(std::move(request)));
    }
    Result<HttpReply> get(const std::string& host, std::string authority) {
        HttpClient client(loop.get_executor(), HttpClientOptions{.ca_file = std::move(authority)});
        return get(host, client);
    }

    std::filesystem::path folder;
    Key ca_key;
    Certificate ca;
    asio::io_context loop{1};
    asio::ssl::context context{asio::ssl::context::tls_server};
    tcp::acceptor acceptor{loop, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0)};
    int handshakes = 0;
};

TEST_F(Tls, ACertificateOfTheCaForTheHostIsAcceptedAndTheConnectionIsKept) {
    serve("DNS:localhost");
    HttpClient client(loop.get_executor(), HttpClientOptions{.ca_file = ca_file()});
    for (int i = 0; i < 3; ++i) {
        auto reply = get("localhost", client);
        ASSERT_TRUE(reply) << describe(reply.error());
        EXPECT_EQ(reply->body, "localhost") << "the name of SNI";
    }
    EXPECT_EQ(handshakes, 1);
}

TEST_F(Tls, ACertificateForAnAddressIsAcceptedForThatAddress) {
    serve("IP:127.0.0.1");
    auto reply = get("127.0.0.1", ca_file());
    ASSERT_TRUE(reply) << describe(reply.error());
    EXPECT_EQ(reply->body, "(no SNI)") << "an address is no server name";
}

TEST_F(Tls, ACertificateForAnotherHostIsRefused) {
    serve("DNS:elsewhere.example,IP:127.0.0.2");
    for (const auto* host : {"localhost", "127.0.0.1"}) {
        auto reply = get(host, ca_file());
        ASSERT_FALSE(reply) << host;
        EXPECT_EQ(reply.error().kind, ErrorKind::Configuration);
        EXPECT_EQ(reply.error().code, "tls_failed");
        EXPECT_NE(reply.error().detail.find("mismatch"), std::string::npos) << reply.error().detail;
    }
}

TEST_F(Tls, ACertificateOfAnUnknownCaIsRefusedByTheSystemsStore) {
    serve("DNS:localhost");
    auto reply = get("localhost", std::string());
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().kind, ErrorKind::Configuration);
    EXPECT_EQ(reply.error().code, "tls_failed");
    EXPECT_NE(reply.error().detail.find("its issuer \"test CA\" is not trusted"), std::string::npos)
        << reply.error().detail;
}

TEST_F(Tls, VersionsBelow12AreRefused) {
    serve("DNS:localhost", TLS1_1_VERSION);
    auto reply = get("localhost", ca_file());
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, "tls_failed");
    EXPECT_EQ(handshakes, 0);
}

TEST_F(Tls, AMissingCaFileIsAConfigurationError) {
    serve("DNS:localhost");
    auto reply = get("localhost", (folder / "absent.pem").string());
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().kind, ErrorKind::Configuration);
    EXPECT_NE(reply.error().detail.find("absent.pem"), std::string::npos);
}

TEST(TlsDeadline, AServerThatNeverShakesHandsIsATimeout) {
    asio::io_context loop{1};
    tcp::acceptor acceptor(loop, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0));
    HttpClient client(loop.get_executor());
    HttpRequest request;
    request.url = Url{true, "127.0.0.1", acceptor.local_endpoint().port(), "/"};
    request.deadline = std::chrono::milliseconds(200);
    auto reply = test::run(loop, client.send(std::move(request)));
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, "timeout");
}

}  // namespace
}  // namespace sqs2pg::net
