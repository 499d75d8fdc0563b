// Credentials shared by the threads of a process.
#include "aws/credentials_pool.h"

#include <atomic>
#include <latch>
#include <thread>

#include <gtest/gtest.h>
#include <boost/asio/executor_work_guard.hpp>

#include "unit/aws/aws_fixture.h"

namespace sqs2pg::aws {
namespace {

struct Pool : Aws {
    Pool() {
        variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = server.origin() + "/creds";
        server.otherwise = [this](const net::ServerRequest&) {
            net::ServerReply reply;
            reply.body = R"({"AccessKeyId":"K)" + std::to_string(server.requests.size()) +
                         R"(","SecretAccessKey":"s","Token":"t","Expiration":"2099-01-01T00:00:00Z"})";
            return reply;
        };
        serving = std::thread([this] { loop.run(); });
    }
    ~Pool() override {
        guard.reset();
        loop.stop();
        serving.join();
    }
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard{loop.get_executor()};
    std::thread serving;
};

TEST_F(Pool, ManyWorkersOfOneIdentityAskOnce) {
    server.delay = std::chrono::milliseconds(50);
    CredentialsPool pool(environment());
    std::atomic<int> told = 0;
    pool.observe([&](const std::string&, const Result<Credentials>& fetched, bool) { told += fetched ? 1 : 1000; });
    constexpr int kWorkers = 6;
    std::vector<std::string> keys(kWorkers);
    std::latch ready(kWorkers);
    std::latch done(kWorkers);
    std::vector<std::thread> workers;
    for (int i = 0; i < kWorkers; ++i) {
        workers.emplace_back([&, i] {
            boost::asio::io_context own{1};
            auto provider = pool.provider({});
            ready.arrive_and_wait();
            for (int turn = 0; turn < 50; ++turn) {
                auto found = test::run(own, provider->credentials());
                keys[static_cast<std::size_t>(i)] = found ? found->access_key_id : describe(found.error());
            }
            done.arrive_and_wait();
        });
    }
    for (auto& worker : workers) worker.join();
    for (const auto& key : keys) EXPECT_EQ(key, "K1");
    EXPECT_EQ(told, 1);
}

TEST_F(Pool, OtherIdentitiesAreAskedForThemselvesAndALastUserEndsTheSharing) {
    CredentialsPool pool(environment());
    auto key = [&](const Identity& identity) {
        boost::asio::io_context own{1};
        auto provider = pool.provider(identity);
        auto found = test::run(own, provider->credentials());
        return found ? found->access_key_id : describe(found.error());
    };
    auto held = pool.provider({});
    EXPECT_EQ(key({}), "K1");
    EXPECT_EQ(key({}), "K1");
    Identity other;
    other.configured.region = "eu-west-1";
    EXPECT_EQ(key(other), "K2");
    held.reset();
    EXPECT_EQ(key({}), "K3");
}

TEST_F(Pool, AWorkerThatEndsWhileItWaitsLeavesNothingBehind) {
    server.delay = std::chrono::milliseconds(100);
    CredentialsPool pool(environment());
    auto held = pool.provider({});
    {
        boost::asio::io_context own{1};
        auto provider = pool.provider({});
        boost::asio::co_spawn(own, provider->credentials(), [](std::exception_ptr, Result<Credentials>) {});
        own.poll();
    }
    boost::asio::io_context own{1};
    auto found = test::run(own, held->credentials());
    ASSERT_TRUE(found);
    EXPECT_EQ(found->access_key_id, "K1");
}

TEST_F(Pool, EndingDoesNotWaitForAServiceThatHangs) {
    server.silent = true;
    auto began = std::chrono::steady_clock::now();
    {
        CredentialsPool pool(environment());
        boost::asio::io_context own{1};
        auto provider = pool.provider({});
        boost::asio::co_spawn(own, provider->credentials(), [](std::exception_ptr, Result<Credentials>) {});
        own.run_for(std::chrono::milliseconds(100));
    }
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(1));
}

}  // namespace
}  // namespace sqs2pg::aws
