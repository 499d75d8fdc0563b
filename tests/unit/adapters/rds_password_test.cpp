// Tokens of RDS: for whom, of which region, and what a refusal leads to.
#include "adapters/rds_password.h"

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "aws/presign.h"

namespace sqs2pg::adapters {
namespace {

class At final : public Clock {
   public:
    Steady now() const override { return {}; }
    std::int64_t wall_ms() const override { return 1'795'600'800'000; }
    awaitable<void> sleep_until(Steady) override { co_return; }
};

class Keys final : public aws::CredentialsProvider {
   public:
    explicit Keys(int& refusals) : refusals_(refusals) {}
    awaitable<Result<aws::Credentials>> credentials() override {
        if (refusals_ > 1) co_return fail(ErrorKind::Credentials, Stage::Receive, "no_credentials", "none anywhere");
        aws::Credentials keys;
        keys.access_key_id = refusals_ == 0 ? "OLD" : "NEW";
        keys.secret_access_key = Secret("secret");
        co_return keys;
    }
    void invalidate() override { ++refusals_; }

   private:
    int& refusals_;
};

struct RdsPasswordTest : ::testing::Test {
    Result<Secret> ask(RdsPassword& source, std::string host, std::string port = "5432") {
        boost::asio::io_context io;
        pg::PasswordFor whom{std::move(host), std::move(port), "app"};
        auto work = source.password(io.get_executor(), std::move(whom));
        auto result = boost::asio::co_spawn(io, std::move(work), boost::asio::use_future);
        io.run();
        return result.get();
    }
    At clock;
    int refusals = 0;
};

TEST_F(RdsPasswordTest, TheRegionIsTheConfiguredOneOrTheHostsOrTheOneOfTheQueue) {
    const std::string host = "db.abc.eu-west-1.rds.amazonaws.com";
    RdsPassword plain(std::make_unique<Keys>(refusals), {"", "us-east-1"}, clock);
    EXPECT_NE(ask(plain, host)->reveal().find("%2Feu-west-1%2Frds-db"), std::string::npos);
    EXPECT_NE(ask(plain, "db.internal")->reveal().find("%2Fus-east-1%2Frds-db"), std::string::npos);
    RdsPassword told(std::make_unique<Keys>(refusals), {"eu-central-1", "us-east-1"}, clock);
    auto token = ask(told, host);
    ASSERT_TRUE(token);
    EXPECT_TRUE(token->reveal().starts_with(host + ":5432/?Action=connect&DBUser=app&")) << "of the connection";
    EXPECT_NE(token->reveal().find("%2Feu-central-1%2Frds-db"), std::string::npos);
    RdsPassword lost(std::make_unique<Keys>(refusals), {}, clock);
    auto none = ask(lost, "db.internal");
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, "rds_region");
    EXPECT_EQ(none.error().kind, ErrorKind::Configuration);
}

TEST_F(RdsPasswordTest, ARefusedTokenIsMadeAnewWithOtherCredentials) {
    RdsPassword source(std::make_unique<Keys>(refusals), {"eu-west-1", ""}, clock);
    EXPECT_TRUE(source.demands_tls());
    EXPECT_NE(ask(source, "db.internal")->reveal().find("Credential=OLD"), std::string::npos);
    EXPECT_TRUE(source.refused());
    EXPECT_NE(ask(source, "db.internal")->reveal().find("Credential=NEW"), std::string::npos);
    EXPECT_TRUE(source.refused());
    auto none = ask(source, "db.internal");
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().kind, ErrorKind::Credentials);
    EXPECT_EQ(none.error().stage, Stage::Start);
    EXPECT_EQ(none.error().detail, "no token for RDS: none anywhere");
}

TEST(RdsRegionOf, IsTakenFromHostsOfRdsOnly) {
    using aws::rds_region_of;
    EXPECT_EQ(rds_region_of("db.abc.eu-west-1.rds.amazonaws.com"), "eu-west-1");
    EXPECT_EQ(rds_region_of("app.cluster-abc.us-gov-west-1.rds.amazonaws.com"), "us-gov-west-1");
    EXPECT_EQ(rds_region_of("app.proxy-abc.cn-north-1.rds.amazonaws.com.cn"), "cn-north-1");
    for (const auto* other : {"", "localhost", "db.abc.eu-west-1.rds.example.com", "rds.amazonaws.com",
                              "x.rds.amazonaws.com", "db.EU.rds.amazonaws.com"}) {
        EXPECT_EQ(rds_region_of(other), "") << other;
    }
}

}  // namespace
}  // namespace sqs2pg::adapters
