// Servers that answer rubbish, trickle, never end, or are not there: each a sentence within the deadline. And the race
// among several addresses.
#include <chrono>
#include <string>

#include <gtest/gtest.h>
#include <boost/asio/detached.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "net/connect_race.h"
#include "net/http_client.h"
#include "unit/net/on_loop.h"

namespace sqs2pg::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using std::chrono::milliseconds;

#define EXPECT_SAYS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)

tcp::endpoint any_port() { return {asio::ip::make_address("127.0.0.1"), 0}; }

// Says `first`, then `again` every `pause`, until the client has enough.
struct Trickle {
    std::string first;
    std::string again;
    milliseconds pause{0};
    std::size_t sent = 0;
};

awaitable<void> trickle(tcp::acceptor* listening, Trickle* what) {
    boost::system::error_code ec;
    auto token = asio::redirect_error(asio::use_awaitable, ec);
    auto socket = co_await listening->async_accept(token);
    std::string seen;
    auto buffer = asio::dynamic_buffer(seen);
    co_await asio::async_read_until(socket, buffer, "\r\n\r\n", token);
    co_await asio::async_write(socket, asio::buffer(what->first), token);
    asio::steady_timer timer(socket.get_executor());
    while (!ec && !what->again.empty()) {
        co_await asio::async_write(socket, asio::buffer(what->again), token);
        what->sent += what->again.size();
        timer.expires_after(what->pause);
        boost::system::error_code ignored;
        auto waited = asio::redirect_error(asio::use_awaitable, ignored);
        if (what->pause.count() > 0) co_await timer.async_wait(waited);
    }
    if (ec) co_return;
    co_await socket.async_wait(tcp::socket::wait_error, token);
}

struct Bad : testing::Test {
    Error failure(HttpClientOptions options, int deadline_ms) {
        asio::co_spawn(loop, trickle(&acceptor, &what), asio::detached);
        HttpClient client(loop.get_executor(), std::move(options));
        HttpRequest request;
        request.method = "GET";
        request.url = Url{false, "127.0.0.1", acceptor.local_endpoint().port(), "/"};
        request.deadline = milliseconds(deadline_ms);
        auto began = std::chrono::steady_clock::now();
        auto reply = test::run(loop, client.send(std::move(request)));
        took = std::chrono::steady_clock::now() - began;
        EXPECT_FALSE(reply);
        return reply ? Error{} : reply.error();
    }

    asio::io_context loop{1};
    tcp::acceptor acceptor{loop, any_port()};
    Trickle what;
    std::chrono::steady_clock::duration took{};
};

TEST_F(Bad, AServerThatSaysNothingIsATimeoutThatNamesThePhase) {
    auto error = failure({}, 200);
    EXPECT_EQ(error.code, "timeout");
    EXPECT_SAYS(error.detail, "(waiting for the reply, 0.2 s)");
}

TEST_F(Bad, TheFirstByteMayHaveALimitOfItsOwn) {
    HttpClientOptions options;
    options.timeouts.first_byte = milliseconds(150);
    auto error = failure(options, 20000);
    EXPECT_SAYS(error.detail, "(waiting for the reply, 0.15 s)");
    EXPECT_LT(took, std::chrono::seconds(10));
}

TEST_F(Bad, AServerThatTricklesBytesIsHeldToTheDeadline) {
    what = {"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", "x", milliseconds(20)};
    auto error = failure({}, 300);
    EXPECT_EQ(error.code, "timeout");
    EXPECT_SAYS(error.detail, "(reading the reply, ");
    EXPECT_GT(what.sent, 1u);
    EXPECT_LT(took, std::chrono::seconds(10));
}

TEST_F(Bad, HeadersWithoutEndAreRefusedLongBeforeTheDeadline) {
    what = {"HTTP/1.1 200 OK\r\n", "X-More: " + std::string(1000, 'a') + "\r\n", milliseconds(0)};
    auto error = failure({}, 20000);
    EXPECT_EQ(error.code, "reply_too_large");
    EXPECT_SAYS(error.detail, "more header lines than any server sends");
}

TEST_F(Bad, OneHeaderWithoutEndIsRefusedToo) {
    what = {"HTTP/1.1 200 OK\r\nX: ", std::string(1000, 'a'), milliseconds(0)};
    EXPECT_EQ(failure({}, 20000).code, "reply_too_large");
}

TEST_F(Bad, ABodyWithoutEndIsCutAtTheLimit) {
    what = {"HTTP/1.1 200 OK\r\n\r\n", std::string(1000, 'a'), milliseconds(0)};
    auto error = failure(HttpClientOptions{.max_reply_bytes = 100000}, 20000);
    EXPECT_EQ(error.code, "reply_too_large");
    EXPECT_SAYS(error.detail, "larger than the limit of 100000 bytes");
}

TEST_F(Bad, InterimRepliesWithoutEndAreRefused) {
    what = {"", "HTTP/1.1 102 Processing\r\n\r\n", milliseconds(0)};
    auto error = failure({}, 20000);
    EXPECT_EQ(error.code, "bad_reply");
    EXPECT_SAYS(error.detail, "interim replies");
}

TEST_F(Bad, RubbishNamesTheServer) {
    what = {"220 mail.example.com ESMTP\r\n\r\n", "", milliseconds(0)};
    auto error = failure({}, 20000);
    EXPECT_EQ(error.code, "bad_reply");
    EXPECT_SAYS(error.detail, "http://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port()) + " answered");
}

// Connections to it hang: its queue of connections is full, and nobody accepts.
struct FullListener {
    explicit FullListener(asio::io_context& loop) : acceptor(loop) {
        acceptor.open(tcp::v4());
        acceptor.bind(any_port());
        acceptor.listen(0);
        for (int i = 0; i < 4; ++i) {
            waiting.emplace_back(loop, tcp::v4());
            waiting.back().async_connect(acceptor.local_endpoint(), [](boost::system::error_code) {});
        }
    }
    tcp::acceptor acceptor;
    std::vector<tcp::socket> waiting;
};

TEST(Race, ADeadAddressCostsAQuarterOfASecond) {
    asio::io_context loop{1};
    FullListener dead(loop);
    tcp::acceptor alive(loop, any_port());
    auto race = std::make_shared<ConnectRace>(
        loop.get_executor(), std::vector<tcp::endpoint>{dead.acceptor.local_endpoint(), alive.local_endpoint()});
    auto began = std::chrono::steady_clock::now();
    auto connection = test::run(loop, race->run());
    auto took = std::chrono::steady_clock::now() - began;
    ASSERT_TRUE(connection);
    EXPECT_EQ(race->winner(), alive.local_endpoint());
    EXPECT_GE(took, milliseconds(200));
    EXPECT_LT(took, std::chrono::seconds(10));
}

TEST(Race, ARefusalGoesOnAtOnceAndAllAreTold) {
    asio::io_context loop{1};
    std::vector<tcp::endpoint> addresses;
    for (int i = 0; i < 6; ++i) {
        tcp::acceptor gone(loop, any_port());
        addresses.push_back(gone.local_endpoint());
    }
    auto race = std::make_shared<ConnectRace>(loop.get_executor(), addresses);
    EXPECT_FALSE(test::run(loop, race->run()));
    EXPECT_TRUE(race->all_refused());
    EXPECT_SAYS(race->attempts(), "127.0.0.1:" + std::to_string(addresses[0].port()) + " (Connection refused), ");
    EXPECT_SAYS(race->attempts(), " and 2 more");
}

TEST(Race, AbortedItEndsWithoutAConnection) {
    asio::io_context loop{1};
    FullListener dead(loop);
    auto race =
        std::make_shared<ConnectRace>(loop.get_executor(), std::vector<tcp::endpoint>{dead.acceptor.local_endpoint()});
    asio::steady_timer timer(loop, milliseconds(50));
    timer.async_wait([&](boost::system::error_code) { race->abort(); });
    EXPECT_FALSE(test::run(loop, race->run()));
    EXPECT_SAYS(race->attempts(), "(no answer)");
}

TEST(Race, AConnectThatHangsIsATimeoutOfThatPhaseWithWhatWasTried) {
    asio::io_context loop{1};
    FullListener dead(loop);
    HttpClientOptions options;
    options.timeouts.connect = milliseconds(200);
    HttpClient client(loop.get_executor(), options);
    HttpRequest request;
    request.url = Url{false, "127.0.0.1", dead.acceptor.local_endpoint().port(), "/"};
    auto reply = test::run(loop, client.send(std::move(request)));
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, "timeout");
    EXPECT_SAYS(reply.error().detail, "(connecting, 0.2 s); tried 127.0.0.1:");
}

}  // namespace
}  // namespace sqs2pg::net
