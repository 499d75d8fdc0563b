// Credentials of containers and of EC2 instances, from services that answer, refuse, lie and hang.
#include <gtest/gtest.h>

#include "aws/credentials_container.h"
#include "aws/metadata_call.h"
#include "unit/aws/aws_fixture.h"

namespace sqs2pg::aws {
namespace {

struct Container : Aws {};

TEST_F(Container, ATaskOfEcsIsAskedByItsRelativeUri) {
    variables["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/v2/credentials/id?x=1";
    metadata("TASK");
    auto found = credentials();
    ASSERT_TRUE(found) << describe(found.error());
    EXPECT_EQ(found->access_key_id, "TASK");
    EXPECT_EQ(found->session_token.reveal(), "token");
    EXPECT_EQ(found->expires_at_ms, clock.wall_ms() + 6 * 3'600'000);
    EXPECT_EQ(server.requests.at(0).target, "/v2/credentials/id?x=1");
    EXPECT_EQ(server.requests.at(0).header("authorization"), "");
}

TEST_F(Container, ThePodsTokenIsReadAnewForEachFetch) {
    variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = server.origin() + "/v1/credentials";
    variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = path("pod");
    variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "from the variable";
    write("pod", "one\n");
    metadata("A");
    ASSERT_TRUE(credentials());
    write("pod", "two");
    metadata("B");
    EXPECT_EQ(credentials()->access_key_id, "B");
    EXPECT_EQ(server.requests.at(0).header("authorization"), "one");
    EXPECT_EQ(server.requests.at(1).header("authorization"), "two");
    variables.erase("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    metadata("C");
    ASSERT_TRUE(credentials());
    EXPECT_EQ(server.requests.at(2).header("authorization"), "from the variable");
}

TEST_F(Container, PlainHttpIsAskedOfThisMachineAndTheAgentsOnlyAndHostsAreComparedWhole) {
    for (const auto* good : {"http://127.0.0.1/", "http://127.9.8.7:80/x", "http://localhost:81/", "http://[::1]/",
                             "http://169.254.170.2/", "http://169.254.170.23/v1", "http://[fd00:ec2::23]/",
                             "http://[fd00:ec2:0:0::23]/", "https://example.com/x"}) {
        EXPECT_TRUE(may_be_asked(*net::parse_url(good))) << good;
    }
    for (const auto* bad : {"http://127.0.0.1.example.com/", "http://localhost.example.com/", "http://169.254.170.22/",
                            "http://169.254.170.2.example/", "http://169.254.169.254/", "http://[fd00:ec2::2]/",
                            "http://0.0.0.0/", "http://127.1/", "http://2130706433/", "http://example.com/"}) {
        EXPECT_FALSE(may_be_asked(*net::parse_url(bad))) << bad;
    }
    variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://169.254.170.2.example/steal";
    EXPECT_TRUE(contains(refusal(), "names http://169.254.170.2.example, and credentials are fetched by plain http"));
}

TEST_F(Container, WhatIsHalfConfiguredOrRefusedIsToldWithoutTheToken) {
    variables["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "no-slash";
    EXPECT_TRUE(contains(refusal(), "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI must begin with '/'"));
    variables["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/x";
    variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = path("absent");
    EXPECT_TRUE(contains(refusal(), "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: cannot read " + path("absent")));
    write("pod", "PRI\r\nVATE");
    variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = path("pod");
    EXPECT_TRUE(contains(refusal(), "holds a line break"));
    EXPECT_TRUE(server.requests.empty());
    write("pod", "PRIVATE");
    server.answer(400, R"({"code":"ExpiredTokenException","message":"PRIVATE"})");
    auto told = refusal();
    EXPECT_TRUE(contains(told, "answers with HTTP 400 ExpiredTokenException: has the task or pod a role")) << told;
    for (const auto* rubbish : {"", "PRIVATE", "[]", R"({"AccessKeyId":"PRIVATE"})",
                                R"({"AccessKeyId":"a","SecretAccessKey":"PRIVATE","Token":"t","Expiration":"soon"})"}) {
        server.answer(200, rubbish);
        told = refusal();
        EXPECT_TRUE(contains(told, "4. container: " + server.origin())) << told;
        EXPECT_FALSE(contains(told, "PRIVATE")) << told;
    }
}

TEST_F(Container, ATroubledServiceIsAskedThreeTimesAndThenWorthWaitingFor) {
    variables["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/x";
    server.answer(500, "");
    server.answer(429, "");
    metadata("LATE");
    EXPECT_EQ(credentials()->access_key_id, "LATE");
    server.always(0);
    auto lost = credentials();
    ASSERT_FALSE(lost);
    EXPECT_EQ(lost.error().kind, ErrorKind::Retry);
}

TEST_F(Container, CredentialsPastTheirEndServeOnWhileTheServiceHasNoNewerOnes) {
    variables["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/x";
    metadata("OLD", "2026-11-25T09:00:00Z");
    auto found = credentials();
    ASSERT_TRUE(found);
    EXPECT_EQ(found->expires_at_ms, clock.wall_ms() + 600'000);
    EXPECT_TRUE(contains(found->source, "past their end"));
}

struct Imds : Aws {
    Imds() { variables.erase("AWS_EC2_METADATA_DISABLED"); }
};

TEST_F(Imds, AnInstanceIsAskedForATokenThenItsRoleThenItsCredentials) {
    server.answer(200, "session-token");
    server.answer(200, "app-role\n");
    metadata("EC2");
    auto found = credentials();
    ASSERT_TRUE(found) << describe(found.error());
    EXPECT_EQ(found->access_key_id, "EC2");
    EXPECT_EQ(found->source, "role app-role of this EC2 instance");
    ASSERT_EQ(server.requests.size(), 3u);
    EXPECT_EQ(server.requests[0].method + server.requests[0].target, "PUT/latest/api/token");
    EXPECT_EQ(server.requests[0].header("x-aws-ec2-metadata-token-ttl-seconds"), "21600");
    EXPECT_EQ(server.requests[1].target, "/latest/meta-data/iam/security-credentials/");
    EXPECT_EQ(server.requests[2].target, "/latest/meta-data/iam/security-credentials/app-role");
    EXPECT_EQ(server.requests[2].header("x-aws-ec2-metadata-token"), "session-token");
}

TEST_F(Imds, TheEnvironmentAndTheProfileMayNameAnotherEndpoint) {
    auto nobody = context();
    nobody.metadata_origin = "http://127.0.0.1:1";
    nobody.metadata_origin_ipv6 = server.origin();
    auto ask = [&] {
        CredentialsChain chain(nobody);
        return test::run(loop, chain.credentials());
    };
    auto serve = [&] {
        server.answer(200, "t");
        server.answer(200, "r");
        metadata("EC2");
    };
    EXPECT_TRUE(contains(ask().error().detail, "cannot be reached (connection_refused)"));
    variables["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"] = "IPv6";
    serve();
    EXPECT_TRUE(ask());
    variables["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"] = "IPv7";
    EXPECT_TRUE(contains(ask().error().detail, "must be IPv4 or IPv6"));
    variables.erase("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");
    write(".aws/config", "[default]\nec2_metadata_service_endpoint = " + server.origin() + "/base/\n");
    serve();
    EXPECT_TRUE(ask());
    EXPECT_EQ(server.requests.back().target, "/base/latest/meta-data/iam/security-credentials/r");
}

TEST_F(Imds, SilenceEndsAfterASecondAndNamesTheHopLimit) {
    server.silent = true;
    auto began = std::chrono::steady_clock::now();
    auto told = refusal();
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(2500));
    EXPECT_TRUE(contains(told, "5. EC2 metadata: the metadata service at " + server.origin() +
                                   " did not answer within 1 s; in a container on EC2 the instance's hop limit of 1"))
        << told;
    EXPECT_EQ(server.requests.size(), 1u);
    variables["AWS_METADATA_SERVICE_NUM_ATTEMPTS"] = "2";
    refusal();
    EXPECT_EQ(server.requests.size(), 3u);
}

TEST_F(Imds, RefusalsAndRubbishAreToldForWhatTheyAre) {
    auto told_after = [&](std::vector<std::pair<int, std::string>> replies) {
        server.answers.clear();
        for (auto& [status, body] : replies) server.answer(status, body);
        return refusal();
    };
    EXPECT_TRUE(contains(told_after({{403, ""}}), "it is turned off for this instance"));
    EXPECT_TRUE(contains(told_after({{200, "<html>\n"}}), "is no metadata service"));
    EXPECT_TRUE(contains(told_after({{200, "t"}, {404, ""}}), "the instance has no IAM role"));
    EXPECT_TRUE(contains(told_after({{200, "t"}, {200, "<html>"}}), "names no IAM role"));
    EXPECT_TRUE(contains(told_after({{200, "t"}, {200, "r"}, {200, "rubbish"}}), "the reply is no JSON object"));
    EXPECT_TRUE(contains(told_after({{200, "t"}, {200, "r"}, {200, R"({"Code":"Failed"})"}}),
                         "there are none for the role now"));
    variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = "nonsense";
    EXPECT_TRUE(contains(told_after({}), "AWS_EC2_METADATA_SERVICE_ENDPOINT:"));
}

}  // namespace
}  // namespace sqs2pg::aws
