// The ops port over a real socket on loopback.
#include "ops/server.h"

#include <sstream>

#include <gtest/gtest.h>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "telemetry/events.h"

namespace sqs2pg::ops {
namespace {

namespace asio = boost::asio;

std::string get(std::uint16_t port, const std::string& path) {
    asio::io_context context;
    asio::ip::tcp::socket socket(context);
    socket.connect({asio::ip::make_address("127.0.0.1"), port});
    const std::string request = "GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    asio::write(socket, asio::buffer(request));
    std::string reply;
    boost::system::error_code end;
    asio::read(socket, asio::dynamic_buffer(reply), end);
    return reply;
}

Sources sources_of(telemetry::Telemetry& telemetry) {
    return {[] {
                ProcessView view;
                view.version = "0.1.0";
                return view;
            },
            [&telemetry] { return telemetry.prometheus_text(); }};
}

telemetry::LogOptions silent() {
    telemetry::LogOptions options;
    options.level = telemetry::LogLevel::Off;
    return options;
}

TEST(Server, ServesMetricsOverASocket) {
    telemetry::Telemetry telemetry(silent());
    telemetry::PipelineEvents events(telemetry, "logins");
    events.received(3);
    events.in_flight(3);
    auto server = Server::start({"127.0.0.1", 0}, sources_of(telemetry));
    ASSERT_TRUE(server.has_value()) << describe(server.error());
    const auto reply = get((*server)->port(), "/metrics");
    EXPECT_TRUE(reply.starts_with("HTTP/1.1 200")) << reply;
    EXPECT_NE(reply.find("sqs2pg_messages_received_total{pipeline=\"logins\"} 3\n"), std::string::npos) << reply;
    EXPECT_TRUE(get((*server)->port(), "/readyz").starts_with("HTTP/1.1 503"));
    EXPECT_TRUE(get((*server)->port(), "/nothing").starts_with("HTTP/1.1 404"));
}

TEST(Server, ABusyPortIsOneSentenceWithTheRemedy) {
    telemetry::Telemetry telemetry(silent());
    auto first = Server::start({"127.0.0.1", 0}, sources_of(telemetry));
    ASSERT_TRUE(first.has_value());
    auto second = Server::start({"127.0.0.1", (*first)->port()}, sources_of(telemetry));
    ASSERT_FALSE(second.has_value());
    EXPECT_NE(second.error().detail.find("cannot listen on 127.0.0.1:"), std::string::npos) << second.error().detail;
    EXPECT_NE(second.error().detail.find("--ops off"), std::string::npos) << second.error().detail;
}

TEST(Server, EndsWhileAConnectionIsOpen) {
    telemetry::Telemetry telemetry(silent());
    asio::io_context context;
    asio::ip::tcp::socket socket(context);
    auto server = Server::start({"127.0.0.1", 0}, sources_of(telemetry));
    ASSERT_TRUE(server.has_value());
    socket.connect({asio::ip::make_address("127.0.0.1"), (*server)->port()});
    server->reset();
    std::string rest;
    boost::system::error_code end;
    asio::read(socket, asio::dynamic_buffer(rest), end);
    EXPECT_TRUE(end) << "the connection is closed with the server";
}

}  // namespace
}  // namespace sqs2pg::ops
