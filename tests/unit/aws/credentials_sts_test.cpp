// Roles from STS: web identity, chains of profiles, and the role of our own configuration.
#include <gtest/gtest.h>

#include "aws/credentials_sts.h"
#include "unit/aws/aws_fixture.h"

namespace sqs2pg::aws {
namespace {

struct Sts : Aws {
    Sts() { variables["AWS_ENDPOINT_URL_STS"] = server.origin(); }
    std::string sent(std::size_t i) { return server.requests.at(i).body; }
};

TEST_F(Sts, AWebIdentityTokenIsExchangedUnsignedAndReadAnewEachTime) {
    write("token", "first-token\n");
    variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = path("token");
    variables["AWS_ROLE_ARN"] = "arn:aws:iam::1:role/app";
    variables["AWS_ROLE_SESSION_NAME"] = "pod";
    sts("WEB");
    auto found = credentials();
    ASSERT_TRUE(found) << describe(found.error());
    EXPECT_EQ(found->access_key_id, "WEB");
    EXPECT_EQ(found->secret_access_key.reveal(), "secret-of-WEB");
    EXPECT_EQ(found->session_token.reveal(), "token-of-WEB");
    EXPECT_EQ(found->expires_at_ms, clock.wall_ms() + 3'600'000);
    EXPECT_EQ(found->source, "role arn:aws:iam::1:role/app with the token in " + path("token"));
    EXPECT_EQ(sent(0),
              "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fapp"
              "&RoleSessionName=pod&WebIdentityToken=first-token");
    EXPECT_EQ(server.requests[0].header("authorization"), "");
    write("token", "second-token");
    sts("WEB2");
    ASSERT_TRUE(credentials());
    EXPECT_TRUE(contains(sent(1), "WebIdentityToken=second-token"));
}

TEST_F(Sts, AWebIdentityThatIsHalfConfiguredOrRefusedSaysWhatToDoAndNeverTheToken) {
    variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = path("token");
    EXPECT_TRUE(contains(refusal(), "AWS_WEB_IDENTITY_TOKEN_FILE is set but AWS_ROLE_ARN is not"));
    variables["AWS_ROLE_ARN"] = "app";
    EXPECT_TRUE(contains(refusal(), "\"app\" is no role's ARN"));
    variables["AWS_ROLE_ARN"] = "arn:aws:iam::1:role/app";
    EXPECT_TRUE(contains(refusal(), "cannot read " + path("token") + ": No such file"));
    write("token", " \n");
    EXPECT_TRUE(contains(refusal(), path("token") + " is empty"));
    write("token", "PRIVATE");
    server.answer(400, "<E><Error><Code>ExpiredTokenException</Code><Message>PRIVATE</Message></Error></E>");
    auto found = credentials();
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().kind, ErrorKind::Credentials);
    EXPECT_EQ(found.error().detail,
              "no AWS credentials. Tried: 1. environment: AWS_ACCESS_KEY_ID is not set; 2. web identity: role "
              "arn:aws:iam::1:role/app: AssumeRoleWithWebIdentity at " +
                  server.origin() +
                  " was answered with HTTP 400 ExpiredTokenException: the access key is refused: check which "
                  "credentials are in use, and whether they expired; the token has expired: look at what renews its "
                  "file (it is configured, so that nothing behind it was tried)");
}

TEST_F(Sts, AnUnreachableStsIsWorthAnotherTry) {
    write("token", "t");
    variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = path("token");
    variables["AWS_ROLE_ARN"] = "arn:aws:iam::1:role/app";
    server.always(503);
    auto found = credentials();
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().kind, ErrorKind::Retry);
    EXPECT_EQ(server.requests.size(), 3u);
}

TEST_F(Sts, RolesAreAssumedFromTheBottomOfAChainOfProfilesUpwards) {
    write(".aws/credentials", "[base]\naws_access_key_id=BASE\naws_secret_access_key=base-secret\n");
    write(".aws/config",
          "[profile app]\nrole_arn=arn:aws:iam::1:role/app\nsource_profile=hub\nexternal_id=x y\n"
          "role_session_name=me\nduration_seconds=900\nregion=eu-west-1\n"
          "[profile hub]\nrole_arn=arn:aws:iam::2:role/hub\nsource_profile=base\n");
    sts("HUB");
    sts("APP");
    auto found = credentials("app");
    ASSERT_TRUE(found) << describe(found.error());
    EXPECT_EQ(found->access_key_id, "APP");
    EXPECT_EQ(verdict_of(server.requests.at(0), "BASE", "base-secret"), SignatureVerdict::Valid);
    EXPECT_TRUE(contains(sent(0), "RoleArn=arn%3Aaws%3Aiam%3A%3A2%3Arole%2Fhub&RoleSessionName=sqs2pg"));
    EXPECT_FALSE(contains(sent(0), "ExternalId"));
    EXPECT_EQ(verdict_of(server.requests.at(1), "HUB", "secret-of-HUB"), SignatureVerdict::Valid);
    EXPECT_EQ(server.requests[1].header("x-amz-security-token"), "token-of-HUB");
    EXPECT_TRUE(contains(sent(1), "RoleSessionName=me&DurationSeconds=900&ExternalId=x%20y"));
    EXPECT_TRUE(contains(found->source, "profile \"app <- hub <- base\": role arn:aws:iam::1:role/app, assumed with"));
    EXPECT_NE(server.requests[1].header("authorization").find("/eu-west-1/sts/"), std::string_view::npos);
}

TEST_F(Sts, AProfileMayAssumeItsRoleWithItsOwnKeys) {
    write(".aws/credentials",
          "[self]\naws_access_key_id=SELF\naws_secret_access_key=s\nrole_arn=arn:aws:iam::1:role/x\n"
          "source_profile=self\n");
    sts("ROLE");
    EXPECT_EQ(credentials("self")->access_key_id, "ROLE");
    EXPECT_EQ(verdict_of(server.requests.at(0), "SELF", "s"), SignatureVerdict::Valid);
}

TEST_F(Sts, CredentialSourceNamesEnvironmentContainerOrInstance) {
    write(".aws/config",
          "[profile env]\nrole_arn=arn:aws:iam::1:role/x\ncredential_source=Environment\n"
          "[profile ecs]\nrole_arn=arn:aws:iam::1:role/x\ncredential_source=EcsContainer\n"
          "[profile odd]\nrole_arn=arn:aws:iam::1:role/x\ncredential_source=environment\n");
    EXPECT_TRUE(contains(refusal("env"), "credential_source = Environment: AWS_ACCESS_KEY_ID is not set"));
    variables["AWS_ACCESS_KEY_ID"] = "ENV";
    variables["AWS_SECRET_ACCESS_KEY"] = "s";
    sts("ROLE");
    EXPECT_EQ(credentials("env")->access_key_id, "ROLE");
    variables["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/task";
    metadata("TASK");
    sts("ROLE2");
    EXPECT_EQ(credentials("ecs")->access_key_id, "ROLE2");
    EXPECT_EQ(verdict_of(server.requests.back(), "TASK", "secret"), SignatureVerdict::Valid);
    EXPECT_TRUE(contains(refusal("odd"), "credential_source is one of Environment, EcsContainer and"));
}

TEST_F(Sts, ProfilesThatAreHalfConfiguredOrLeadInACircleAreToldAndAskNobody) {
    write(".aws/config",
          "[profile a]\nrole_arn=arn:aws:iam::1:role/a\nsource_profile=b\n"
          "[profile b]\nrole_arn=arn:aws:iam::1:role/b\nsource_profile=c\n"
          "[profile c]\nrole_arn=arn:aws:iam::1:role/c\nsource_profile=a\n"
          "[profile self]\nrole_arn=arn:aws:iam::1:role/c\nsource_profile=self\n"
          "[profile alone]\nrole_arn=arn:aws:iam::1:role/c\n"
          "[profile both]\nrole_arn=arn:aws:iam::1:role/c\nsource_profile=a\ncredential_source=Environment\n"
          "[profile mfa]\nrole_arn=arn:aws:iam::1:role/c\nsource_profile=a\nmfa_serial=arn:aws:iam::1:mfa/x\n"
          "[profile lost]\nrole_arn=arn:aws:iam::1:role/c\nsource_profile=nowhere\n"
          "[profile empty]\nrole_arn=arn:aws:iam::1:role/c\nsource_profile=bare\n[profile bare]\nregion=x\n"
          "[profile half]\naws_access_key_id=x\n"
          "[profile web]\nweb_identity_token_file=/x\n"
          "[profile long]\nrole_arn=arn:aws:iam::1:role/c\nsource_profile=keys\nduration_seconds=99999\n"
          "[profile keys]\naws_access_key_id=x\naws_secret_access_key=y\n"
          "[profile login]\nlogin_session=arn:aws:iam::1:user/x\n");
    const std::pair<const char*, const char*> rows[] = {
        {"a", "lead in a circle by their source_profile: a -> b -> c -> a"},
        {"self", "lead in a circle by their source_profile: self -> self"},
        {"alone", "has role_arn, but neither source_profile, credential_source nor web_identity_token_file"},
        {"both", "has both source_profile and credential_source"},
        {"mfa", "a code of an MFA device (mfa_serial), which nobody is here to type"},
        {"lost", "there is no profile \"nowhere\" in"},
        {"empty", "profile \"bare\", the source_profile of \"empty\", has no credentials"},
        {"half", "has one of aws_access_key_id and aws_secret_access_key but not the other"},
        {"web", "has web_identity_token_file but no role_arn"},
        {"long", "duration_seconds of role arn:aws:iam::1:role/c must be 900 to 43200"},
        {"login", "aws configure export-credentials --profile login"},
    };
    for (const auto& [profile, told] : rows) {
        auto found = credentials(profile);
        ASSERT_FALSE(found) << profile;
        EXPECT_EQ(found.error().kind, ErrorKind::Credentials) << profile;
        EXPECT_TRUE(contains(found.error().detail, told)) << found.error().detail;
    }
    EXPECT_TRUE(server.requests.empty());
}

TEST_F(Sts, ARoleThatMayNotBeAssumedIsToldInAwsWordsWithWhatHasToAllowIt) {
    write(".aws/config",
          "[profile app]\nrole_arn=arn:aws:iam::1:role/app\nsource_profile=base\n"
          "[profile base]\naws_access_key_id=BASE\naws_secret_access_key=PRIVATE\n");
    server.answer(403,
                  "<E><Error><Code>AccessDenied</Code><Message>User: arn:aws:iam::2:user/me is not authorized to "
                  "perform: sts:AssumeRole on resource: arn:aws:iam::1:role/app</Message></Error></E>");
    auto told = refusal("app");
    EXPECT_TRUE(contains(told, "profile \"app <- base\": role arn:aws:iam::1:role/app: AssumeRole at")) << told;
    EXPECT_TRUE(contains(told, "User: arn:aws:iam::2:user/me is not authorized")) << told;
    EXPECT_TRUE(contains(told, "the role's trust policy has to allow it to this identity")) << told;
    EXPECT_FALSE(contains(told, "PRIVATE")) << told;
}

TEST_F(Sts, TheRoleOfOurConfigurationIsAssumedWithWhateverThereIs) {
    variables["AWS_ACCESS_KEY_ID"] = "ENV";
    variables["AWS_SECRET_ACCESS_KEY"] = "s";
    sts("CROSS");
    auto provider = make_provider(context(), {.role_arn = "arn:aws:iam::9:role/queue", .external_id = "ours"});
    auto found = test::run(loop, provider->credentials());
    ASSERT_TRUE(found) << describe(found.error());
    EXPECT_EQ(found->access_key_id, "CROSS");
    EXPECT_TRUE(contains(sent(0), "ExternalId=ours"));
    EXPECT_EQ(found->source, "role arn:aws:iam::9:role/queue (`aws.role_arn`), assumed with environment");
}

TEST_F(Sts, WhoseCredentialsTheyAreIsAskedOnce) {
    Credentials keys;
    keys.access_key_id = "K";
    keys.secret_access_key = Secret("s");
    server.answer(200,
                  "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::1:user/me</Arn>"
                  "</GetCallerIdentityResult></GetCallerIdentityResponse>");
    EXPECT_EQ(*test::run(loop, caller_identity(context(), keys, std::chrono::seconds(2))), "arn:aws:iam::1:user/me");
    server.silent = true;
    auto silence = test::run(loop, caller_identity(context(), keys, std::chrono::milliseconds(50)));
    ASSERT_FALSE(silence);
    EXPECT_EQ(silence.error().code, "timeout");
    EXPECT_EQ(server.requests.size(), 2u);
}

}  // namespace
}  // namespace sqs2pg::aws
