// Credentials of IAM Identity Center: cached sign-ins that are good, renewable, expired and broken.
#include <gtest/gtest.h>

#include "aws/sso_token.h"
#include "unit/aws/aws_fixture.h"

namespace sqs2pg::aws {
namespace {

struct Sso : Aws {
    Sso() {
        variables["AWS_ENDPOINT_URL_SSO"] = server.origin();
        variables["AWS_ENDPOINT_URL_SSO_OIDC"] = server.origin();
        write(".aws/config",
              "[profile dev]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Dev Ops\n"
              "[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = eu-central-1\n"
              "[profile old]\nsso_start_url = https://old.awsapps.com/start\nsso_region = us-east-1\n"
              "sso_account_id = 1\nsso_role_name = R\n");
    }
    void cache(const SsoPlace& place, const std::string& text) {
        std::ofstream(sso_cache_file(environment(), place)) << text;
    }
    void signed_in(const std::string& expires, const std::string& more = {}) {
        cache(corp, R"({"accessToken":"access","expiresAt":")" + expires + "\"" + more + "}");
    }
    void role_credentials() {
        server.answer(200, R"({"roleCredentials":{"accessKeyId":"SSO","secretAccessKey":"s","sessionToken":"t",)"
                           R"("expiration":1795604400000}})");
    }
    const SsoPlace corp{.session = "corp", .start_url = "", .region = "", .profile = "dev"};
    const std::string renewable = R"(,"refreshToken":"refresh","clientId":"client","clientSecret":"PRIVATE",)"
                                  R"("registrationExpiresAt":"2027-01-01T00:00:00Z")";
};

TEST_F(Sso, TheCacheIsFoundByTheHashThatTheAwsCliUses) {
    // printf corp | sha1sum
    EXPECT_EQ(sso_cache_file(environment(), corp),
              path(".aws/sso/cache/") + "ee0bfd2552fbd840c02cc48b6e823320543c450f.json");
}

TEST_F(Sso, ACachedSignInIsExchangedForCredentialsOfThePermissionSet) {
    signed_in("2026-11-25T18:00:00Z");
    role_credentials();
    auto found = credentials("dev");
    ASSERT_TRUE(found) << describe(found.error());
    EXPECT_EQ(found->access_key_id, "SSO");
    EXPECT_EQ(found->expires_at_ms, clock.wall_ms() + 3'600'000);
    EXPECT_TRUE(contains(found->source, "IAM Identity Center, Dev Ops of account 123456789012")) << found->source;
    const auto& request = server.requests.at(0);
    EXPECT_EQ(request.method, "GET");
    EXPECT_EQ(request.target, "/federation/credentials?role_name=Dev%20Ops&account_id=123456789012");
    EXPECT_EQ(request.header("x-amz-sso_bearer_token"), "access");
    EXPECT_EQ(request.header("authorization"), "");
}

TEST_F(Sso, ProfilesOfTheOldFormSignInByTheirStartUrl) {
    SsoPlace old{.session = "", .start_url = "https://old.awsapps.com/start", .region = "", .profile = "old"};
    cache(old, R"({"accessToken":"a","expiresAt":"2026-11-25T18:00:00UTC"})");
    role_credentials();
    EXPECT_EQ(credentials("old")->access_key_id, "SSO");
    cache(old, R"({"accessToken":"a","expiresAt":"2026-11-25T09:00:00UTC"})");
    EXPECT_TRUE(contains(refusal("old"), "has expired: sign in again with `aws sso login --profile old`"));
}

TEST_F(Sso, ASignInThatEndsIsRenewedAndWrittenBackForOthers) {
    signed_in("2026-11-25T09:00:00Z", renewable);
    server.answer(200, R"({"accessToken":"fresh","expiresIn":28800,"refreshToken":"next","tokenType":"Bearer"})");
    role_credentials();
    ASSERT_TRUE(credentials("dev"));
    EXPECT_EQ(server.requests.at(0).target, "/token");
    EXPECT_EQ(server.requests.at(0).body,
              R"({"grantType":"refresh_token","clientId":"client","clientSecret":"PRIVATE","refreshToken":"refresh"})");
    EXPECT_EQ(server.requests.at(1).header("x-amz-sso_bearer_token"), "fresh");
    auto file = sso_cache_file(environment(), corp);
    std::ifstream in(file);
    auto kept = JsonReply::parse(std::string{std::istreambuf_iterator<char>(in), {}});
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->text("accessToken"), "fresh");
    EXPECT_EQ(kept->text("refreshToken"), "next");
    EXPECT_EQ(kept->text("expiresAt"), "2026-11-25T18:00:00Z");
    EXPECT_EQ(kept->text("registrationExpiresAt"), "2027-01-01T00:00:00Z");
    EXPECT_EQ(kept->text("region"), "eu-central-1");
    EXPECT_EQ(fs::status(file).permissions(), fs::perms::owner_read | fs::perms::owner_write);
    role_credentials();
    ASSERT_TRUE(credentials("dev"));
    EXPECT_EQ(server.requests.size(), 3u) << "the renewed sign-in serves on";
}

TEST_F(Sso, ARenewalThatFailsUsesWhatIsStillGoodAndElseSaysWhatToRun) {
    signed_in("2026-11-25T10:04:00Z", renewable);
    server.answer(400, R"({"error":"invalid_grant","error_description":"PRIVATE"})");
    role_credentials();
    EXPECT_TRUE(credentials("dev"));
    signed_in("2026-11-25T10:00:00Z", renewable);
    server.answer(400, R"({"error":"invalid_grant","error_description":"PRIVATE"})");
    auto told = refusal("dev");
    EXPECT_TRUE(contains(told, "has expired (its renewal: CreateToken at")) << told;
    EXPECT_TRUE(contains(told, "sign in again with `aws sso login --sso-session corp`")) << told;
    EXPECT_FALSE(contains(told, "PRIVATE")) << told;
}

TEST_F(Sso, WhatIsMissingIsNamedWithTheCommandThatMakesIt) {
    EXPECT_TRUE(contains(refusal("dev"), "No such file or directory: sign in with `aws sso login --sso-session corp`"));
    for (const auto* broken : {"rubbish", "{}", R"({"accessToken":"a","expiresAt":"later"})"}) {
        cache(corp, broken);
        EXPECT_TRUE(contains(refusal("dev"), "is no token of the AWS CLI: sign in again")) << broken;
    }
    write(".aws/config",
          "[profile dev]\nsso_session = corp\n[profile nosession]\nsso_session = gone\nsso_account_id = 1\n"
          "sso_role_name = R\n[sso-session corp]\nsso_region = eu-central-1\n"
          "[profile norole]\nsso_start_url = https://x\nsso_region = us-east-1\nsso_account_id = 1\n");
    EXPECT_TRUE(contains(refusal("dev"), "[sso-session corp] has no sso_start_url: run `aws configure sso`"));
    EXPECT_TRUE(contains(refusal("nosession"), "names [sso-session gone], which is not in"));
    EXPECT_TRUE(contains(refusal("norole"), "profile \"norole\" has no sso_role_name"));
    EXPECT_TRUE(server.requests.empty());
}

TEST_F(Sso, ARefusalTellsWhetherToSignInOrToAskForTheRole) {
    signed_in("2026-11-25T18:00:00Z");
    server.answer(401, R"({"__type":"UnauthorizedException","message":"Session token not found or invalid"})");
    EXPECT_TRUE(contains(refusal("dev"), "sign in again with `aws sso login --sso-session corp`"));
    server.answer(403, R"({"__type":"ForbiddenException","message":"No access"})");
    EXPECT_TRUE(contains(refusal("dev"), "it has to be assigned to you in IAM Identity Center"));
}

}  // namespace
}  // namespace sqs2pg::aws
