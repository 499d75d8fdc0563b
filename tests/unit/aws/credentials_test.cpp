// Credentials, region and endpoint from environment and files, in the order of the AWS SDKs.
#include <gtest/gtest.h>

#include "aws/endpoint_inputs.h"
#include "aws/shared_config.h"
#include "unit/aws/aws_fixture.h"

namespace sqs2pg::aws {
namespace {

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

TEST_F(Aws, AProfileOfTheConfigurationGoesBeforeTheEnvironment) {
    write(".aws/credentials", "[dev]\naws_access_key_id=V\naws_secret_access_key=v\n");
    variables["AWS_ACCESS_KEY_ID"] = "ENV";
    variables["AWS_SECRET_ACCESS_KEY"] = "secret";
    EXPECT_EQ(credentials("dev")->access_key_id, "V");
    variables["AWS_PROFILE"] = "dev";
    EXPECT_EQ(credentials()->access_key_id, "ENV");
}

TEST_F(Aws, KeysOfTheEnvironmentEndWhenItSaysSo) {
    variables["AWS_ACCESS_KEY_ID"] = "ENV";
    variables["AWS_SECRET_ACCESS_KEY"] = "secret";
    variables["AWS_CREDENTIAL_EXPIRATION"] = "2026-11-25T10:30:00+00:00";
    EXPECT_EQ(credentials()->expires_at_ms, clock.wall_ms() + 1'800'000);
    variables["AWS_CREDENTIAL_EXPIRATION"] = "2026-11-25T09:59:59Z";
    EXPECT_TRUE(contains(refusal(), "ended at 2026-11-25T09:59:59Z: export new ones"));
    variables["AWS_CREDENTIAL_EXPIRATION"] = "tomorrow";
    EXPECT_TRUE(contains(refusal(), "is no time such as"));
}

TEST_F(Aws, WithNothingAnywhereTheErrorTellsWhatWasTriedInWhichOrder) {
    auto found = credentials();
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().kind, ErrorKind::Credentials);
    EXPECT_EQ(found.error().detail,
              "no AWS credentials found. Tried: 1. environment: AWS_ACCESS_KEY_ID is not set; "
              "2. web identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set; "
              "3. profile: there is no profile \"default\" in " +
                  path(".aws/credentials") + " and " + path(".aws/config") +
                  "; 4. container: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and …_FULL_URI are not set; "
                  "5. EC2 metadata: AWS_EC2_METADATA_DISABLED is true. "
                  "Set one of them up (docs/credentials.md), or the variables of 1");
}

TEST_F(Aws, AProfileThatIsThereForItsRegionOnlyIsPassedOverUnlessTheConfigurationNamesIt) {
    write(".aws/config", "[profile app]\nregion = eu-west-1\n");
    variables["AWS_PROFILE"] = "app";
    variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = server.origin() + "/creds";
    metadata("POD");
    EXPECT_EQ(credentials()->access_key_id, "POD");
    EXPECT_TRUE(contains(refusal("app"), "has none of aws_access_key_id, role_arn"));
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
    EXPECT_EQ(file.sso_sessions["s"], (Settings{{"region", "y"}}));
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

}  // namespace
}  // namespace sqs2pg::aws
