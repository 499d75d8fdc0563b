// TLS of the HTTP client against a server whose CA is made here: the right host, another host, an unknown CA, an old
// version, certificates out of their time, bundles of every kind, sessions that are resumed.
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "net/http_client.h"
#include "unit/net/on_loop.h"
#include "unit/net/tls_server.h"

namespace sqs2pg::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using test::Wish;

struct Tls : testing::Test {
    Tls() : ca(test::make_identity({.name = "test CA", .is_ca = true})), server(loop) { folder.write("ca.pem", ca); }

    std::string ca_file() const { return folder.path("ca.pem"); }

    void serve(const std::string& alternative_names, int highest_version = TLS1_3_VERSION) {
        server.serve(test::make_identity({.alternative_names = alternative_names}, &ca), highest_version);
    }

    Result<HttpReply> get(const std::string& host, HttpClient& client) {
        HttpRequest request;
        request.method = "GET";
        request.url = Url{true, host, server.port(), "/"};
        request.deadline = std::chrono::milliseconds(20000);
        return test::run(loop, client.send(std::move(request)));
    }
    Result<HttpReply> get(const std::string& host, std::string authority) {
        HttpClient client(loop.get_executor(), HttpClientOptions{.ca_file = std::move(authority)});
        return get(host, client);
    }

    // The sentence with which the certificate or the bundle is refused.
    std::string refusal(const std::string& host, std::string authority) {
        auto reply = get(host, std::move(authority));
        if (reply) return "accepted";
        EXPECT_EQ(reply.error().kind, ErrorKind::Configuration) << reply.error().detail;
        EXPECT_EQ(reply.error().code, "tls_failed");
        return reply.error().detail;
    }

    asio::io_context loop{1};
    test::PemFolder folder;
    test::Identity ca;
    test::TlsServer server;
};

#define EXPECT_SAYS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)

TEST_F(Tls, ACertificateOfTheCaForTheHostIsAcceptedAndTheConnectionIsKept) {
    serve("DNS:localhost");
    HttpClient client(loop.get_executor(), HttpClientOptions{.ca_file = ca_file()});
    for (int i = 0; i < 3; ++i) {
        auto reply = get("localhost", client);
        ASSERT_TRUE(reply) << describe(reply.error());
        EXPECT_EQ(reply->body, "localhost") << "the name of SNI";
    }
    EXPECT_EQ(server.handshakes, 1);
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
    EXPECT_EQ(server.handshakes, 0);
}

TEST_F(Tls, AMissingCaFileIsAConfigurationError) {
    serve("DNS:localhost");
    auto reply = get("localhost", folder.path("absent.pem"));
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().kind, ErrorKind::Configuration);
    EXPECT_NE(reply.error().detail.find("absent.pem"), std::string::npos);
}

TEST_F(Tls, ARefusedCertificateIsASentenceThatSaysWhatToDo) {
    serve("DNS:other.example,DNS:second.example");
    EXPECT_SAYS(refusal("localhost", ca_file()), "it is for other.example, second.example; correct the URL");
    EXPECT_SAYS(refusal("localhost", ""), "let AWS_CA_BUNDLE");
    auto another = test::make_identity({.name = "another CA", .is_ca = true});
    EXPECT_SAYS(refusal("localhost", folder.write("another.pem", another)),
                "add the CA that signed it to the CA bundle " + folder.path("another.pem"));
}

TEST_F(Tls, ACertificateOutOfItsTimeSaysWhen) {
    const std::string name = "DNS:localhost";
    server.serve(test::make_identity({.alternative_names = name, .valid_from = -7200, .valid_to = -3600}, &ca));
    EXPECT_SAYS(refusal("localhost", ca_file()), "it expired on 20");
    server.serve(test::make_identity({.alternative_names = name, .valid_from = 3600}, &ca));
    EXPECT_SAYS(refusal("localhost", ca_file()), " only; correct this machine's clock");
}

TEST_F(Tls, ASelfSignedCertificateIsRefusedUntilItIsInTheBundle) {
    auto own = test::make_identity({.alternative_names = "DNS:localhost"});
    server.serve(own);
    EXPECT_SAYS(refusal("localhost", ca_file()), "it is self-signed; add the CA");
    EXPECT_EQ(refusal("localhost", folder.write("own.pem", own)), "accepted");
}

TEST_F(Tls, ABundleThatCannotBeUsedSaysWhy) {
    serve("DNS:localhost");
    auto write = [&](const std::string& name, const std::string& text) {
        std::ofstream(folder.path(name), std::ios::binary) << text;
        return folder.path(name);
    };
    EXPECT_SAYS(refusal("localhost", folder.path("absent.pem")), "absent.pem: there is no such file");
    EXPECT_SAYS(refusal("localhost", write("empty.pem", "\n")), "empty.pem: the file is empty");
    EXPECT_SAYS(refusal("localhost", write("words.pem", "not a certificate\n")), "holds no certificate in PEM form");
    EXPECT_SAYS(refusal("localhost", write("a.der", "\x30\x82\x01\x0a")), "it is DER, not PEM");
    EXPECT_SAYS(refusal("localhost", write("cut.pem", "-----BEGIN CERTIFICATE-----\nMIIB\n")),
                "its certificate number 1 cannot be read");
    EXPECT_SAYS(refusal("localhost", folder.write_key("key.pem", ca)), "holds no certificate in PEM form");
}

TEST_F(Tls, ASessionIsResumedByTheNextConnection) {
    server.close_after_reply = true;
    for (int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        serve("DNS:localhost", version);
        HttpClient client(loop.get_executor(), HttpClientOptions{.ca_file = ca_file()});
        server.handshakes = server.resumed = 0;
        for (int i = 0; i < 3; ++i) {
            auto reply = get("localhost", client);
            ASSERT_TRUE(reply) << describe(reply.error());
        }
        EXPECT_EQ(server.handshakes, 3);
        EXPECT_EQ(server.resumed, 2) << std::hex << version;
    }
}

TEST_F(Tls, AServerThatSpeaksInClearIsToldAsThat) {
    tcp::acceptor plain(loop, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0));
    auto answer = [](tcp::acceptor* listening) -> awaitable<void> {
        boost::system::error_code ec;
        auto token = asio::redirect_error(asio::use_awaitable, ec);
        auto socket = co_await listening->async_accept(token);
        co_await asio::async_write(socket, asio::buffer(std::string_view("HTTP/1.1 400 Bad Request\r\n\r\n")), token);
    };
    asio::co_spawn(loop, answer(&plain), asio::detached);
    HttpClient client(loop.get_executor(), HttpClientOptions{.ca_file = ca_file()});
    HttpRequest request;
    request.url = Url{true, "127.0.0.1", plain.local_endpoint().port(), "/"};
    auto reply = test::run(loop, client.send(std::move(request)));
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, "tls_failed");
    EXPECT_SAYS(reply.error().detail, "it does not speak TLS");
}

TEST(TlsDeadline, AServerThatNeverShakesHandsIsATimeout) {
    asio::io_context loop{1};
    tcp::acceptor acceptor(loop, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0));
    // The phase's own limit: what is left of the call's depends on how long connecting took.
    HttpClientOptions options;
    options.timeouts.tls = std::chrono::milliseconds(200);
    HttpClient client(loop.get_executor(), options);
    HttpRequest request;
    request.url = Url{true, "127.0.0.1", acceptor.local_endpoint().port(), "/"};
    auto reply = test::run(loop, client.send(std::move(request)));
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, "timeout");
    EXPECT_SAYS(reply.error().detail, "(TLS handshake, 0.2 s)");
}

}  // namespace
}  // namespace sqs2pg::net
