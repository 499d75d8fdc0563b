// Calls of AWS services: signed as AWS checks it, judged, repeated within bounds, and never telling a secret.
#include "aws/service_call.h"

#include <ctime>

#include <gtest/gtest.h>

#include "aws/sigv4.h"
#include "unit/aws/scripted_service.h"

namespace sqs2pg::aws {
namespace {

class TwoKeys final : public CredentialsProvider {
   public:
    awaitable<Result<Credentials>> credentials() override {
        Credentials keys;
        keys.access_key_id = invalidated == 0 ? "FIRST" : "SECOND";
        keys.secret_access_key = Secret("the-secret");
        keys.session_token = Secret("the-token");
        co_return keys;
    }
    void invalidate() override { ++invalidated; }
    int invalidated = 0;
};

std::string http_date(std::int64_t wall_ms) {
    auto seconds = static_cast<std::time_t>(wall_ms / 1000);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char text[40];
    std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    return text;
}

struct ServiceCall : testing::Test {
    Result<ServiceReply> call(ServiceRequest request) { return test::run(loop, client.call(std::move(request))); }
    Result<ServiceReply> get_secret() {
        return call(json_request(Service::SecretsManager, server.endpoint(), "secretsmanager.GetSecretValue",
                                 R"({"SecretId":"db"})"));
    }
    SignatureVerdict verdict_of(const net::ServerRequest& request, SigningOptions options = {}) {
        Credentials known;
        known.access_key_id = "FIRST";
        known.secret_access_key = Secret("the-secret");
        return verify_signature(known, request.method, request.target, request.headers, request.body, clock.wall_ms(),
                                options);
    }

    boost::asio::io_context loop{1};
    test::ScriptedService server{loop};
    net::HttpClient http{loop.get_executor()};
    TwoKeys keys;
    test::SwiftClock clock;
    ServiceClient client{http, &keys, clock};
};

TEST_F(ServiceCall, AJsonRequestIsSignedForItsServiceAndRegionWithTheSessionToken) {
    server.answer(200, R"({"SecretString":"x"})");
    auto reply = get_secret();
    ASSERT_TRUE(reply) << describe(reply.error());
    EXPECT_EQ(reply->body, R"({"SecretString":"x"})");
    const auto& request = server.requests.at(0);
    EXPECT_EQ(request.header("x-amz-target"), "secretsmanager.GetSecretValue");
    EXPECT_EQ(request.header("content-type"), "application/x-amz-json-1.1");
    EXPECT_EQ(request.header("x-amz-security-token"), "the-token");
    EXPECT_NE(request.header("authorization").find("/eu-west-1/secretsmanager/aws4_request"), std::string_view::npos);
    EXPECT_EQ(verdict_of(request), SignatureVerdict::Valid);
}

TEST_F(ServiceCall, AQueryRequestIsAFormAndMayGoUnsigned) {
    server.answer(200, "<x/>");
    auto request = query_request(Service::Sts, server.endpoint(), "AssumeRole", "2011-06-15", {{"RoleArn", "a:b/c d"}});
    request.sign = false;
    ASSERT_TRUE(call(std::move(request)));
    EXPECT_EQ(server.requests.at(0).body, "Action=AssumeRole&Version=2011-06-15&RoleArn=a%3Ab%2Fc%20d");
    EXPECT_EQ(server.requests.at(0).header("authorization"), "");
}

TEST_F(ServiceCall, S3PathsAreEncodedOnceAndThePayloadIsHashed) {
    server.answer(200, "body");
    ServiceRequest request{.service = Service::S3,
                           .url = server.url("/bucket/a%20b//c/../d"),
                           .region = "eu-west-1",
                           .operation = "GetObject",
                           .method = "GET"};
    ASSERT_TRUE(call(std::move(request)));
    const auto& seen = server.requests.at(0);
    EXPECT_EQ(seen.target, "/bucket/a%20b//c/../d");
    EXPECT_EQ(seen.header("x-amz-content-sha256"), sha256_hex(""));
    SigningOptions s3{.normalize_path = false, .double_encode_path = false, .send_content_sha256 = true};
    EXPECT_EQ(verdict_of(seen, s3), SignatureVerdict::Valid);
    EXPECT_EQ(verdict_of(seen), SignatureVerdict::Mismatch);
}

TEST_F(ServiceCall, ThrottlingAndServerErrorsAreTriedThreeTimesWithPauses) {
    server.answer(400, R"({"__type":"com.amazonaws.ssm#ThrottlingException"})");
    server.answer(503, "busy");
    server.answer(200, "{}");
    ASSERT_TRUE(get_secret());
    EXPECT_EQ(clock.sleeps, 2);
    for (int i = 0; i < 3; ++i) server.answer(500, "busy");
    auto failed = get_secret();
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().kind, ErrorKind::Retry);
    EXPECT_EQ(failed.error().code, "http_500");
    EXPECT_NE(failed.error().detail.find("(3 attempts)"), std::string::npos) << failed.error().detail;
    EXPECT_EQ(server.requests.size(), 6u);
}

TEST_F(ServiceCall, RefusedCredentialsAreFetchedAnewOnce) {
    server.answer(400, R"({"__type":"ExpiredTokenException"})");
    server.answer(200, "{}");
    ASSERT_TRUE(get_secret());
    EXPECT_EQ(keys.invalidated, 1);
    EXPECT_EQ(access_key_of(server.requests.at(1).header("authorization")), "SECOND");
    EXPECT_EQ(clock.sleeps, 0);
}

TEST_F(ServiceCall, AClockThatIsOffIsCorrectedByTheReplysDate) {
    auto true_ms = clock.wall_ms() + 3'600'000;
    std::string expired = "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code></Error></ErrorResponse>";
    server.answer(403, expired, {{"Date", http_date(true_ms)}});
    server.answer(200, "{}");
    ASSERT_TRUE(get_secret());
    EXPECT_EQ(server.requests.at(1).header("x-amz-date"), amz_date(true_ms));
    // With clocks that agree the secret is wrong, and nothing is repeated.
    server.answer(403, expired, {{"Date", http_date(true_ms)}});
    auto wrong = get_secret();
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().kind, ErrorKind::Credentials);
    EXPECT_EQ(server.requests.size(), 3u);
}

TEST_F(ServiceCall, ErrorsOfEveryProtocolAreReadAndTellNoBody) {
    struct Row {
        int status;
        const char* body;
        const char* code;
        ErrorKind kind;
    };
    const Row rows[] = {
        {400, R"({"__type":"ResourceNotFoundException","Message":"PRIVATE"})", "ResourceNotFoundException",
         ErrorKind::Configuration},
        {403, "<ErrorResponse><Error><Code>AccessDenied</Code><Message>PRIVATE</Message></Error></ErrorResponse>",
         "AccessDenied", ErrorKind::Configuration},
        {404, "<?xml version=\"1.0\"?>\n<Error><Code>NoSuchKey</Code><Key>PRIVATE</Key></Error>", "NoSuchKey",
         ErrorKind::Configuration},
        {400, R"({"error":"invalid_grant","error_description":"PRIVATE"})", "invalid_grant", ErrorKind::Configuration},
        {404, "PRIVATE", "http_404", ErrorKind::Configuration},
        {401, R"({"__type":"PRIVATE body\nof nobody"})", "http_401", ErrorKind::Configuration},
    };
    for (const auto& row : rows) {
        server.answer(row.status, row.body);
        auto reply = get_secret();
        ASSERT_FALSE(reply) << row.body;
        EXPECT_EQ(reply.error().code, row.code);
        EXPECT_EQ(reply.error().kind, row.kind) << row.code;
        EXPECT_EQ(describe(reply.error()).find("PRIVATE"), std::string::npos) << describe(reply.error());
        EXPECT_EQ(describe(reply.error()).find("the-"), std::string::npos) << describe(reply.error());
    }
}

TEST_F(ServiceCall, AMissingRightIsToldInAwsOwnWords) {
    server.answer(400, R"({"__type":"AccessDeniedException","Message":)"
                       R"("User: arn:aws:iam::1:user/x is not authorized to perform: y on resource: z"})");
    auto denied = get_secret();
    ASSERT_FALSE(denied);
    EXPECT_EQ(denied.error().detail, "GetSecretValue at " + server.origin() +
                                         " was answered with HTTP 400 AccessDeniedException: User: "
                                         "arn:aws:iam::1:user/x is not authorized to perform: y on resource: z");
}

TEST_F(ServiceCall, NeitherSilenceNorAFloodLastsBeyondItsBound) {
    server.answer(200, std::string(2000, 'x'));
    auto request = json_request(Service::Kms, server.endpoint(), "TrentService.Decrypt", "{}");
    request.max_reply_bytes = 1000;
    request.deadline = std::chrono::milliseconds(100);
    auto flood = call(request);
    ASSERT_FALSE(flood);
    EXPECT_EQ(flood.error().code, "reply_too_large");
    server.silent = true;
    auto silence = call(request);
    ASSERT_FALSE(silence);
    EXPECT_EQ(silence.error().code, "timeout");
    EXPECT_EQ(server.requests.size(), 4u);
}

}  // namespace
}  // namespace sqs2pg::aws
