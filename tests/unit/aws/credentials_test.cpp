// Credentials, region and endpoint from environment and files, in the order of the AWS SDKs; the cache on them.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include <gtest/gtest.h>

#include "aws/credentials_cache.h"
#include "aws/credentials_chain.h"
#include "aws/endpoint_inputs.h"
#include "aws/shared_config.h"
#include "unit/net/on_loop.h"

namespace sqs2pg::aws {
namespace {

namespace fs = std::filesystem;

// A home folder with files of its own, and an environment that points to it.
struct Aws : testing::Test {
    Aws() {
        std::string pattern = (fs::temp_directory_path() / "sqs2pg-aws-XXXXXX").string();
        home = mkdtemp(pattern.data());
        fs::create_directory(home / ".aws");
        variables["HOME"] = home.string();
    }
    ~Aws() override { fs::remove_all(home); }

    void write(const std::string& name, const std::string& text) { std::ofstream(home / name) << text; }

    Environment environment() {
        return [this](const std::string& name) -> std::optional<std::string> {
            auto found = variables.find(name);
            if (found == variables.end() || found->second.empty()) return std::nullopt;
            return found->second;
        };
    }

    Result<Credentials> credentials(std::string profile = {}) {
        CredentialsChain chain(ChainInputs{environment(), std::move(profile)});
        boost::asio::io_context loop;
        return test::run(loop, chain.credentials());
    }

    fs::path home;
    std::map<std::string, std::string> variables;
};

TEST_F(Aws, TheEnvironmentComesFirst) {
    write(".aws/credentials", "[default]\naws_access_key_id = FILE\naws_secret_access_key = s\n");
    variables["AWS_ACCESS_KEY_ID"] = "ENV";
    variables["AWS_SECRET_ACCESS_KEY"] = "secret";
    variables["AWS_SESSION_TOKEN"] = "token";
    auto found = credentials();
    ASSERT_TRUE(found) << describe(found.error());
    EXPECT_EQ(found->access_key_id, "ENV");
    EXPECT_EQ(found->secret_access_key.reveal(), "secret");
    EXPECT_EQ(found->session_token.reveal(), "token");
    EXPECT_EQ(found->source, "environment");
}

TEST_F(Aws, HalfAKeyIsAnErrorAndNotPassedOver) {
    write(".aws/credentials", "[default]\naws_access_key_id = FILE\naws_secret_access_key = s\n");
    variables["AWS_ACCESS_KEY_ID"] = "ENV";
    auto found = credentials();
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().kind, ErrorKind::Credentials);
    EXPECT_EQ(found.error().code, "partial_credentials");
}

TEST_F(Aws, ProfilesAreChosenByConfigurationThenEnvironmentThenDefault) {
    write(".aws/credentials",
          "[default]\naws_access_key_id=D\naws_secret_access_key=d\n"
          "[dev]\naws_access_key_id=V\naws_secret_access_key=v\naws_session_token=t\n");
    write(".aws/config", "[profile ops]\naws_access_key_id=O\naws_secret_access_key=o\n");
    EXPECT_EQ(credentials()->access_key_id, "D");
    variables["AWS_PROFILE"] = "dev";
    EXPECT_EQ(credentials()->access_key_id, "V");
    EXPECT_EQ(credentials()->session_token.reveal(), "t");
    EXPECT_EQ(credentials("ops")->access_key_id, "O");
}

TEST_F(Aws, FilesMayStandElsewhere) {
    write("c", "[default]\naws_access_key_id=C\naws_secret_access_key=c\n");
    variables["AWS_SHARED_CREDENTIALS_FILE"] = "~/c";
    EXPECT_EQ(credentials()->access_key_id, "C");
}

TEST_F(Aws, AProfileAskedForByNameMustBeThere) {
    auto found = credentials("absent");
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().kind, ErrorKind::Credentials);
    EXPECT_NE(found.error().detail.find("no profile \"absent\""), std::string::npos) << found.error().detail;
}

TEST_F(Aws, WithNothingAnywhereTheErrorTellsWhatWasTriedInWhichOrder) {
    auto found = credentials();
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().kind, ErrorKind::Credentials);
    EXPECT_EQ(found.error().detail,
              "no AWS credentials found. Tried: 1. environment: AWS_ACCESS_KEY_ID is not set; "
              "2. profile: there is no profile \"default\" in " +
                  home.string() + "/.aws/credentials and " + home.string() + "/.aws/config");
}

TEST_F(Aws, AProfileWithoutStaticKeysSaysWhatIsMissing) {
    write(".aws/config", "[default]\nrole_arn = arn:aws:iam::1:role/x\n");
    auto found = credentials();
    ASSERT_FALSE(found);
    EXPECT_NE(found.error().detail.find("role_arn is not supported"), std::string::npos) << found.error().detail;
}

TEST(SharedConfig, CommentsBlanksAndNestedSettingsAreRead) {
    auto file = parse_config_file(
        "# comment\n; another\n\n[default]\nregion = eu-west-1 # here\r\nOUTPUT=json\ns3 =\n  max_concurrent = 10\n"
        "\tsigv = x\nempty =\nno equals sign\n[profile  a b ]\nregion=x\n[profile open\nregion=lost\n"
        "[sso-session s]\nregion=y\n[services local]\nsqs =\n  endpoint_url = http://localhost:9324\n"
        "[default]\nextra=1\n",
        FileKind::Config);
    ASSERT_EQ(file.profiles.size(), 2u);
    Settings expected{
        {"region", "eu-west-1"}, {"output", "json"}, {"s3.max_concurrent", "10"}, {"s3.sigv", "x"}, {"extra", "1"}};
    EXPECT_EQ(file.profiles["default"], expected);
    EXPECT_EQ(file.profiles["a b"], (Settings{{"region", "x"}}));
    EXPECT_EQ(file.services["local"], (Settings{{"sqs.endpoint_url", "http://localhost:9324"}}));
}

TEST_F(Aws, RegionAndEndpointFollowTheOrderOfTheSdks) {
    write(".aws/config",
          "[default]\nregion = from-profile\nendpoint_url = http://profile\nservices = local\n"
          "[services local]\nsqs =\n  endpoint_url = http://services\n");
    auto gathered = [&](ConfiguredAws configured = {}) {
        return gather_endpoint_inputs(configured, environment(), "queue");
    };
    EXPECT_EQ(gathered().region, "from-profile");
    EXPECT_EQ(gathered().endpoint_url, "http://services");
    EXPECT_EQ(gathered().queue_url, "");
    variables["AWS_DEFAULT_REGION"] = "from-default";
    variables["AWS_ENDPOINT_URL"] = "http://general";
    EXPECT_EQ(gathered().region, "from-default");
    EXPECT_EQ(gathered().endpoint_url, "http://general");
    variables["AWS_REGION"] = "from-env";
    variables["AWS_ENDPOINT_URL_SQS"] = "http://sqs";
    EXPECT_EQ(gathered().region, "from-env");
    EXPECT_EQ(gathered().endpoint_url, "http://sqs");
    EXPECT_EQ(gathered({"conf", "http://conf", ""}).region, "conf");
    EXPECT_EQ(gathered({"conf", "http://conf", ""}).endpoint_url, "http://conf");
    variables["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "true";
    EXPECT_EQ(gathered().endpoint_url, "");
    EXPECT_EQ(gathered({"", "http://conf", ""}).endpoint_url, "http://conf");
    EXPECT_EQ(gather_endpoint_inputs({}, environment(), "http://h/1/q").queue_url, "http://h/1/q");
}

// Hands out what it is told to, and counts.
struct Scripted final : CredentialsProvider {
    struct State {
        Result<Credentials> next = Credentials{};
        int fetched = 0;
        int invalidated = 0;
    };
    explicit Scripted(State& state_in) : state(state_in) {}
    awaitable<Result<Credentials>> credentials() override {
        ++state.fetched;
        co_return state.next;
    }
    void invalidate() override { ++state.invalidated; }
    State& state;
};

struct WallClock final : Clock {
    Steady now() const override { return {}; }
    std::int64_t wall_ms() const override { return wall; }
    awaitable<void> sleep_until(Steady) override { co_return; }
    std::int64_t wall = 1'000'000'000'000;
};

struct Cache : testing::Test {
    Result<Credentials> get() {
        boost::asio::io_context loop;
        return test::run(loop, cache.credentials());
    }
    void answer_with(const std::string& key, std::optional<std::int64_t> expires) {
        Credentials credentials;
        credentials.access_key_id = key;
        credentials.expires_at_ms = expires;
        state.next = credentials;
    }
    WallClock clock;
    Scripted::State state;
    CredentialsCache cache{std::make_unique<Scripted>(state), clock};
};

TEST_F(Cache, StaticKeysAreFetchedOnceAndAgainAfterInvalidate) {
    answer_with("A", std::nullopt);
    EXPECT_EQ(get()->access_key_id, "A");
    EXPECT_EQ(get()->access_key_id, "A");
    EXPECT_EQ(state.fetched, 1);
    answer_with("B", std::nullopt);
    cache.invalidate();
    EXPECT_EQ(get()->access_key_id, "B");
    EXPECT_EQ(state.fetched, 2);
    EXPECT_EQ(state.invalidated, 1);
}

TEST_F(Cache, KeysAreRefreshedBeforeTheirEndAndAFailedRefreshKeepsValidOnes) {
    answer_with("A", clock.wall + 3'600'000);
    EXPECT_EQ(get()->access_key_id, "A");
    clock.wall += 3'000'001;  // less than 10 minutes are left
    state.next = fail(ErrorKind::Credentials, Stage::Start, "down", "");
    EXPECT_EQ(get()->access_key_id, "A");
    EXPECT_EQ(state.fetched, 2);
    answer_with("B", clock.wall + 3'600'000);
    EXPECT_EQ(get()->access_key_id, "B");
    clock.wall += 3'600'000;
    state.next = fail(ErrorKind::Credentials, Stage::Start, "down", "");
    EXPECT_FALSE(get());
}

}  // namespace
}  // namespace sqs2pg::aws
