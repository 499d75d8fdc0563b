// The SQS client against a scripted server: what it sends, what it repeats, what it gives up.
#include "sqs/client.h"

#include <ctime>

#include "aws/sigv4.h"
#include "unit/sqs/scripted_server.h"

namespace sqs2pg::sqs {
namespace {

struct SqsClient : test::ScriptedServer {
    Result<ReceiveReply> receive(int wait_seconds = 0) {
        ReceiveCall call{.queue_url = "http://elsewhere.example/1/q", .wait_seconds = wait_seconds};
        return test::run(loop, client().receive(std::move(call)));
    }
};

TEST_F(SqsClient, SignsAndAddressesEachRequestAndGoesToTheEndpointWhateverTheQueueUrlNames) {
    answer(200, R"({"Messages":[{"MessageId":"m","ReceiptHandle":"r","Body":"b"}]})");
    auto reply = receive();
    ASSERT_TRUE(reply) << describe(reply.error());
    EXPECT_EQ(reply->messages.size(), 1u);
    ASSERT_EQ(requests.size(), 1u);
    const auto& request = requests[0];
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.target, "/");
    EXPECT_EQ(request.header("content-type"), "application/x-amz-json-1.0");
    EXPECT_EQ(request.header("x-amz-target"), "AmazonSQS.ReceiveMessage");
    EXPECT_NE(request.body.find("http://elsewhere.example/1/q"), std::string::npos);
    aws::Credentials known;
    known.access_key_id = "FIRST";
    known.secret_access_key = Secret("secret");
    auto verdict =
        aws::verify_signature(known, request.method, request.target, request.headers, request.body, clock.wall_ms());
    EXPECT_EQ(verdict, aws::SignatureVerdict::Valid);
    EXPECT_NE(request.header("authorization").find("/eu-west-1/sqs/aws4_request"), std::string_view::npos);
    EXPECT_EQ(observed, (std::vector<std::string>{"ReceiveMessage ok"}));
}

TEST_F(SqsClient, AServerErrorIsTriedThreeTimesWithPausesBetween) {
    for (int i = 0; i < 5; ++i) answer(503, "busy");
    auto reply = receive();
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().kind, ErrorKind::Retry);
    EXPECT_EQ(reply.error().stage, Stage::Receive);
    EXPECT_EQ(reply.error().code, "http_503");
    EXPECT_EQ(requests.size(), 3u);
    EXPECT_EQ(clock.sleeps, 2);
    EXPECT_LE(clock.slept, std::chrono::milliseconds(150));
    EXPECT_EQ(requests[0].header("amz-sdk-request"), "attempt=1; max=3");
    EXPECT_EQ(requests[2].header("amz-sdk-request"), "attempt=3; max=3");
    EXPECT_EQ(observed.size(), 3u);
    EXPECT_EQ(observed[0], "ReceiveMessage error");
}

TEST_F(SqsClient, ARetryThatSucceedsIsASuccess) {
    drop();
    refuse(400, "ThrottlingException");
    answer(200, "{}");
    auto reply = receive();
    ASSERT_TRUE(reply) << describe(reply.error());
    EXPECT_EQ(requests.size(), 3u);
    EXPECT_EQ(observed,
              (std::vector<std::string>{"ReceiveMessage error", "ReceiveMessage throttled", "ReceiveMessage ok"}));
}

TEST_F(SqsClient, AnEmptyTokenBucketEndsRetriesAndALongPollWaitsAllTheSame) {
    options.max_attempts = 1000;
    for (int i = 0; i < 200; ++i) answer(500, "");
    ASSERT_FALSE(receive());
    EXPECT_EQ(requests.size(), 36u) << "500 tokens are worth 35 retries";
    EXPECT_EQ(clock.sleeps, 36) << "the last one so that a loop of polls does not spin";
    auto deleted = test::run(loop, client().delete_batch("u", {{"0", "r"}}));
    ASSERT_FALSE(deleted);
    EXPECT_EQ(requests.size(), 37u) << "none is left";
    EXPECT_EQ(clock.sleeps, 36);
}

TEST_F(SqsClient, TheServersWishForAPauseIsHeeded) {
    answer(503, "", {{"x-amz-retry-after", "2500"}});
    answer(200, "{}");
    ASSERT_TRUE(receive());
    EXPECT_GT(clock.slept, std::chrono::milliseconds(2400));
    EXPECT_LE(clock.slept, std::chrono::milliseconds(2500));
}

TEST_F(SqsClient, ThrottlingThatLastsIsThrottled) {
    for (int i = 0; i < 5; ++i) refuse(400, "OverLimit");
    auto reply = receive();
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().kind, ErrorKind::Throttled);
    EXPECT_EQ(reply.error().code, "OverLimit");
    EXPECT_EQ(requests.size(), 3u);
}

TEST_F(SqsClient, WhatOnlySomebodyCanChangeIsNotRepeated) {
    refuse(400, "QueueDoesNotExist");
    auto absent = test::run(loop, client().get_queue_url("logins"));
    ASSERT_FALSE(absent);
    EXPECT_EQ(absent.error().kind, ErrorKind::Configuration);
    EXPECT_EQ(absent.error().code, "QueueDoesNotExist");
    EXPECT_NE(absent.error().detail.find("logins"), std::string::npos) << absent.error().detail;
    refuse(403, "AccessDeniedException");
    auto denied = receive();
    ASSERT_FALSE(denied);
    EXPECT_EQ(denied.error().kind, ErrorKind::Configuration);
    EXPECT_EQ(denied.error().code, "AccessDeniedException");
    answer(400, R"({"__type":"x#Unknown"})",
           {{"x-amzn-query-error", "AWS.SimpleQueueService.NonExistentQueue;Sender"}});
    auto by_header = receive();
    ASSERT_FALSE(by_header);
    EXPECT_EQ(by_header.error().code, "QueueDoesNotExist");
    EXPECT_EQ(requests.size(), 3u);
    EXPECT_EQ(clock.sleeps, 0);
}

TEST_F(SqsClient, RefusedCredentialsAreFetchedAnewOnce) {
    refuse(403, "ExpiredToken");
    answer(200, "{}");
    auto reply = receive();
    ASSERT_TRUE(reply) << describe(reply.error());
    EXPECT_EQ(keys.invalidated, 1);
    ASSERT_EQ(requests.size(), 2u);
    EXPECT_EQ(aws::access_key_of(requests[0].header("authorization")), "FIRST");
    EXPECT_EQ(aws::access_key_of(requests[1].header("authorization")), "SECOND");

    refuse(403, "InvalidClientTokenId");
    refuse(403, "InvalidClientTokenId");
    auto refused = receive();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::Credentials);
    EXPECT_EQ(requests.size(), 4u);
}

TEST_F(SqsClient, NoCredentialsMeansNoRequest) {
    keys.keys.clear();
    auto reply = receive();
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().kind, ErrorKind::Credentials);
    EXPECT_EQ(reply.error().stage, Stage::Receive);
    EXPECT_TRUE(requests.empty());
}

std::string http_date(std::int64_t wall_ms) {
    auto seconds = static_cast<std::time_t>(wall_ms / 1000);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char text[40];
    std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    return text;
}

TEST_F(SqsClient, AClockTenMinutesOffIsCorrectedByTheServersDate) {
    auto true_ms = clock.wall_ms();
    clock.off_by_ms = 600'000;
    answer(403, R"({"__type":"#SignatureDoesNotMatch"})", {{"Date", http_date(true_ms)}});
    answer(200, "{}");
    answer(200, "{}");
    auto reply = receive();
    ASSERT_TRUE(reply) << describe(reply.error());
    ASSERT_TRUE(receive());
    ASSERT_EQ(requests.size(), 3u);
    EXPECT_EQ(clock.sleeps, 0);
    auto signed_at = [&](int i) { return requests[static_cast<std::size_t>(i)].header("x-amz-date"); };
    EXPECT_NE(signed_at(0), signed_at(1));
    for (int i : {1, 2}) {
        auto date = std::string(signed_at(i));
        bool near = date >= aws::amz_date(true_ms - 2000) && date <= aws::amz_date(true_ms + 60'000);
        EXPECT_TRUE(near) << date;
    }
}

TEST_F(SqsClient, AWrongSecretUnderAgreeingClocksIsACredentialsErrorAtOnce) {
    refuse(403, "SignatureDoesNotMatch");
    auto reply = receive();
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().kind, ErrorKind::Credentials);
    EXPECT_NE(reply.error().detail.find("secret access key is wrong"), std::string::npos) << reply.error().detail;
    EXPECT_EQ(requests.size(), 1u);
}

TEST_F(SqsClient, TheDeadlineExceedsTheLongPollsOwnWait) {
    options.request_deadline = std::chrono::milliseconds(1000);
    options.max_attempts = 1;
    // Answers after 300 ms: in time for a deadline of 1 s, and for one of 50 ms + 1 s of waiting, not for 50 ms.
    server.emplace(loop.get_executor(), net::HttpServerOptions{}, [](net::ServerRequest, net::RequestContext&) {
        return []() -> awaitable<net::ServerReply> {
            SystemClock system;
            co_await system.sleep_for(std::chrono::milliseconds(300));
            net::ServerReply reply;
            reply.body = "{}";
            co_return reply;
        }();
    });
    ASSERT_TRUE(server->start());
    options.endpoint.url.port = server->port();
    options.request_deadline = std::chrono::milliseconds(50);
    auto waited = receive(1);
    EXPECT_TRUE(waited);
    auto late = receive(0);
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, "timeout");
    EXPECT_EQ(observed.back(), "ReceiveMessage timeout");
}

TEST_F(SqsClient, EveryOperationHasItsTargetAndReadsItsReply) {
    answer(200, R"({"QueueUrl":"http://h/1/q"})");
    auto created = test::run(loop, client().create_queue("q", {{"VisibilityTimeout", "5"}}));
    ASSERT_TRUE(created) << describe(created.error());
    EXPECT_EQ(*created, "http://h/1/q");
    answer(200, "{}");
    EXPECT_TRUE(test::run(loop, client().delete_queue("u")));
    answer(200, R"({"Successful":[{"Id":"0"}],"Failed":[]})");
    auto deleted = test::run(loop, client().delete_batch("u", {{"0", "r"}}));
    ASSERT_TRUE(deleted);
    EXPECT_EQ(deleted->successful.size(), 1u);
    answer(200, R"({"Failed":[{"Id":"0","Code":"ReceiptHandleIsInvalid","SenderFault":true}]})");
    auto changed = test::run(loop, client().change_visibility_batch("u", {{"0", "r", 30}}));
    ASSERT_TRUE(changed);
    EXPECT_EQ(changed->failed.size(), 1u);
    answer(200, R"({"Successful":[{"Id":"0","MessageId":"m","MD5OfMessageBody":"x"}]})");
    SendEntry entry{.id = "0", .body = "b", .attributes = {}, .group_id = {}, .deduplication_id = {}};
    auto sent = test::run(loop, client().send_batch("u", {entry}));
    ASSERT_TRUE(sent);
    answer(200, R"({"Attributes":{"ApproximateNumberOfMessages":"3"}})");
    auto attributes = test::run(loop, client().get_queue_attributes("u", {"All"}));
    ASSERT_TRUE(attributes);
    EXPECT_EQ(attributes->at("ApproximateNumberOfMessages"), "3");
    std::vector<std::string> targets;
    for (const auto& request : requests) targets.emplace_back(request.header("x-amz-target"));
    EXPECT_EQ(targets,
              (std::vector<std::string>{"AmazonSQS.CreateQueue", "AmazonSQS.DeleteQueue",
                                        "AmazonSQS.DeleteMessageBatch", "AmazonSQS.ChangeMessageVisibilityBatch",
                                        "AmazonSQS.SendMessageBatch", "AmazonSQS.GetQueueAttributes"}));
}

TEST_F(SqsClient, AWebServerThatIsNoSqsServerIsToldApart) {
    answer(200, "<html>hello</html>");
    auto reply = receive();
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, "bad_reply");
    answer(404, "<html>not found</html>");
    auto absent = receive();
    ASSERT_FALSE(absent);
    EXPECT_EQ(absent.error().kind, ErrorKind::Configuration);
    EXPECT_NE(absent.error().detail.find("check the endpoint"), std::string::npos) << absent.error().detail;
}

}  // namespace
}  // namespace sqs2pg::sqs
