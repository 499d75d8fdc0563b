// Passwords that AWS keeps: when they are read again, and what counts while AWS does not answer.
#include "adapters/secret_password.h"

#include <gtest/gtest.h>

#include "unit/aws/scripted_service.h"

namespace sqs2pg::adapters {
namespace {

struct SecretPasswordTest : testing::Test {
    std::unique_ptr<SecretPassword> source() {
        secrets::ReaderOptions options;
        options.configured.region = "eu-west-1";
        options.environment = [this](const std::string& name) -> std::optional<std::string> {
            if (name == "AWS_ENDPOINT_URL") return server.origin();
            return std::nullopt;
        };
        auto reader =
            std::make_unique<secrets::Reader>(std::move(options), std::make_unique<test::FixedKeys>(), cache, clock);
        return std::make_unique<SecretPassword>(std::move(reader),
                                                secrets::Reference{secrets::Keeper::SecretsManager, "db", ""});
    }
    void is_now(const std::string& password) {
        server.answer(200, R"({"VersionId":"v","SecretString":")" + password + "\"}");
    }
    std::string ask(SecretPassword& of) {
        pg::PasswordFor whom{"db.internal", "5432", "app"};
        auto password = test::run(loop, of.password(loop.get_executor(), std::move(whom)));
        return password ? std::string(password->reveal()) : "error " + password.error().code;
    }

    boost::asio::io_context loop{1};
    test::ScriptedService server{loop};
    test::SwiftClock clock;
    secrets::Cache cache;
};

TEST_F(SecretPasswordTest, IsReadOnceForAllConnectionsAndAgainAfterFiveMinutes) {
    auto one = source(), two = source();
    is_now("old");
    EXPECT_EQ(ask(*one), "old");
    EXPECT_EQ(ask(*two), "old");
    EXPECT_EQ(server.requests.size(), 1u);
    clock.passed += std::chrono::minutes(6);
    is_now("new");
    EXPECT_EQ(ask(*two), "new");
    EXPECT_EQ(ask(*one), "new");
    EXPECT_EQ(server.requests.size(), 2u);
}

TEST_F(SecretPasswordTest, ARefusedOneIsReadAgainOnceInTenSecondsForAll) {
    auto one = source(), two = source();
    is_now("old");
    EXPECT_EQ(ask(*one), "old");
    EXPECT_EQ(ask(*two), "old");
    EXPECT_FALSE(one->refused()) << "it was read a moment ago";
    clock.passed += std::chrono::seconds(11);
    EXPECT_TRUE(one->refused());
    is_now("new");
    EXPECT_EQ(ask(*one), "new");
    EXPECT_TRUE(two->refused()) << "there is a newer one by now";
    EXPECT_EQ(ask(*two), "new");
    EXPECT_FALSE(two->refused());
    EXPECT_EQ(server.requests.size(), 2u);
}

TEST_F(SecretPasswordTest, WhileAwsDoesNotAnswerTheLastOneCountsUnlessItWasRefused) {
    auto one = source();
    is_now("good");
    EXPECT_EQ(ask(*one), "good");
    clock.passed += std::chrono::minutes(6);
    server.always(503);
    EXPECT_EQ(ask(*one), "good");
    clock.passed += std::chrono::seconds(11);
    EXPECT_TRUE(one->refused());
    EXPECT_EQ(ask(*one), "error http_503");
    clock.passed += std::chrono::seconds(11);
    is_now("better");
    EXPECT_EQ(ask(*one), "better");
}

TEST_F(SecretPasswordTest, ADeniedSecretIsAnErrorEvenWhileAnOldOneIsThere) {
    auto one = source();
    is_now("good");
    EXPECT_EQ(ask(*one), "good");
    clock.passed += std::chrono::minutes(6);
    server.answer(400, R"({"__type":"AccessDeniedException"})");
    EXPECT_EQ(ask(*one), "error AccessDeniedException");
}

}  // namespace
}  // namespace sqs2pg::adapters
