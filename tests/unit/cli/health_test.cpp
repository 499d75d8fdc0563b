// Asking a process for its health: what it says, what it does not say in time, and when nobody is there.
#include "cli/health.h"

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <atomic>

namespace sqs2pg::cli {
namespace {

using boost::asio::ip::tcp;
using std::chrono::milliseconds;

class AskHealth : public ::testing::Test {
   protected:
    void SetUp() override {
        ops::Sources sources;
        sources.look = [this] {
            ops::ProcessView view;
            if (stuck_) view.stuck_loops = {"logins worker 1", "logins worker 2"};
            return view;
        };
        sources.metrics = [] { return std::string(); };
        auto started = ops::Server::start({"127.0.0.1", 0}, std::move(sources));
        ASSERT_TRUE(started);
        server_ = std::move(*started);
    }

    Health ask(const std::string& host = "127.0.0.1", const std::string& path = "/healthz") {
        return ask_health({host, server_->port()}, path, milliseconds(5000));
    }

    std::atomic<bool> stuck_{false};
    std::unique_ptr<ops::Server> server_;
};

TEST_F(AskHealth, AProcessWhoseLoopsTurnIsWell) {
    const auto health = ask();
    EXPECT_TRUE(health.good);
    EXPECT_NE(health.sentence.find("ok"), std::string::npos) << health.sentence;
}

TEST_F(AskHealth, EveryAddressIsAskedOverLoopback) { EXPECT_TRUE(ask("0.0.0.0").good); }

TEST_F(AskHealth, AStuckLoopIsNamedInOneLine) {
    stuck_ = true;
    const auto health = ask();
    EXPECT_FALSE(health.good);
    EXPECT_NE(health.sentence.find("answers 503: logins worker 1"), std::string::npos) << health.sentence;
    EXPECT_NE(health.sentence.find("logins worker 2"), std::string::npos) << health.sentence;
    EXPECT_EQ(health.sentence.find('\n'), std::string::npos);
}

TEST_F(AskHealth, AProcessWithoutAPipelineIsWellButNotReady) {
    EXPECT_TRUE(ask().good);
    EXPECT_FALSE(ask("127.0.0.1", "/readyz").good);
}

TEST_F(AskHealth, WhereNothingListensTheSentenceSaysSo) {
    const auto port = server_->port();
    server_.reset();
    const auto health = ask_health({"127.0.0.1", port}, "/healthz", milliseconds(5000));
    EXPECT_FALSE(health.good);
    EXPECT_NE(health.sentence.find("nothing listens on"), std::string::npos) << health.sentence;
}

TEST(AskHealthOfTheSilent, TheDeadlineEndsTheWait) {
    boost::asio::io_context loop;
    const tcp::acceptor silent(loop, {boost::asio::ip::make_address("127.0.0.1"), 0});  // accepts, never answers
    const auto begun = std::chrono::steady_clock::now();
    const auto health = ask_health({"127.0.0.1", silent.local_endpoint().port()}, "/healthz", milliseconds(200));
    EXPECT_FALSE(health.good);
    EXPECT_NE(health.sentence.find("did not answer within 200 ms"), std::string::npos) << health.sentence;
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(5));
}

}  // namespace
}  // namespace sqs2pg::cli
