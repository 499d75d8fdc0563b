// The QueuePort on SQS against a scripted server.
#include "adapters/queue_on_sqs.h"

#include "unit/sqs/scripted_server.h"

namespace sqs2pg::adapters {
namespace {

struct QueueAdapter : test::ScriptedServer {
    QueueOnSqs queue() { return {client(), "http://elsewhere.example/1/q", clock}; }
};

TEST_F(QueueAdapter, AMessageKeepsEverythingTheQueueSaid) {
    answer(200,
           R"({"Messages":[{"MessageId":"m1","ReceiptHandle":"r1","Body":"{\"a\":1}",)"
           R"("MD5OfBody":"bb6cb5c68df4652941caf652a366f2d8",)"
           R"("Attributes":{"SentTimestamp":"1677112427387","ApproximateFirstReceiveTimestamp":"1677112433437",)"
           R"("ApproximateReceiveCount":"3","SenderId":"AID","MessageGroupId":"g",)"
           R"("SequenceNumber":"18849496460467696128"},)"
           R"("MessageAttributes":{"kind":{"DataType":"String","StringValue":"login"},)"
           R"("bin":{"DataType":"Binary","BinaryValue":"AQI="}}},)"
           R"({"MessageId":"m2","ReceiptHandle":"r2","Body":"x","MD5OfBody":"00000000000000000000000000000000"}]})");
    auto before = clock.now();
    auto before_ms = clock.wall_ms();
    auto port = queue();
    auto received = test::run(loop, port.receive({10, 0, 60}));
    ASSERT_TRUE(received) << describe(received.error());
    ASSERT_EQ(received->size(), 2u);
    const auto& full = (*received)[0];
    EXPECT_EQ(full.message_id, "m1");
    EXPECT_EQ(full.receipt_handle, "r1");
    EXPECT_EQ(full.body, "{\"a\":1}");
    EXPECT_TRUE(full.intact);
    EXPECT_EQ(full.sent_ms, 1'677'112'427'387);
    EXPECT_EQ(full.first_received_ms, 1'677'112'433'437);
    EXPECT_EQ(full.receive_count, 3u);
    EXPECT_EQ(full.sender_id, "AID");
    EXPECT_EQ(full.group_id, "g");
    EXPECT_EQ(full.sequence_number, "18849496460467696128");
    ASSERT_EQ(full.attributes.size(), 2u);
    EXPECT_EQ(full.attributes[0].name, "bin");
    EXPECT_EQ(full.attributes[0].data_type, "Binary");
    EXPECT_EQ(full.attributes[0].value, "AQI=");
    EXPECT_EQ(full.attributes[1].value, "login");
    EXPECT_GE(full.received_ms, before_ms);
    EXPECT_GE(full.received_at, before);
    const auto& bare = (*received)[1];
    EXPECT_FALSE(bare.intact);
    EXPECT_EQ(bare.sent_ms, 0);
    EXPECT_EQ(bare.receive_count, 0u);
}

TEST_F(QueueAdapter, VisibilityIsCountedFromBeforeTheRequest) {
    Clock::Steady asked{};
    answers.push_back([&](const net::ServerRequest&) {
        asked = clock.now();
        net::ServerReply reply;
        reply.body = R"({"Messages":[{"MessageId":"m","ReceiptHandle":"r","Body":"b"}]})";
        return reply;
    });
    auto port = queue();
    auto received = test::run(loop, port.receive({10, 0, 60}));
    ASSERT_TRUE(received);
    EXPECT_LE((*received)[0].received_at, asked);
}

TEST_F(QueueAdapter, ALostReplyIsAskedForWithTheSameAttemptId) {
    refuse(503, "ServiceUnavailable");
    answer(200, R"({"Messages":[]})");
    auto port = queue();
    auto received = test::run(loop, port.receive({10, 0, 60, "attempt-7"}));
    ASSERT_TRUE(received) << describe(received.error());
    ASSERT_EQ(requests.size(), 2u);
    for (const auto& request : requests) {
        EXPECT_NE(request.body.find(R"("ReceiveRequestAttemptId":"attempt-7")"), std::string::npos) << request.body;
    }
}

TEST_F(QueueAdapter, VerdictsStandInTheOrderOfTheHandles) {
    answer(200,
           R"({"Failed":[{"Id":"1","Code":"ReceiptHandleIsInvalid","SenderFault":true},)"
           R"({"Id":"3","Code":"InternalError","SenderFault":false},)"
           R"({"Id":"4","Code":"RequestThrottled","SenderFault":true},{"Id":"99","Code":"x","SenderFault":false}],)"
           R"("Successful":[{"Id":"2"},{"Id":"0"}]})");
    auto port = queue();
    std::vector<std::string_view> handles{"a", "b", "c", "d", "e", "f"};
    auto verdicts = test::run(loop, port.remove(handles));
    ASSERT_TRUE(verdicts) << describe(verdicts.error());
    ASSERT_EQ(verdicts->size(), 6u);
    auto expect = [&](std::size_t i, bool done, bool retryable, const char* code) {
        EXPECT_EQ((*verdicts)[i].done, done) << i;
        EXPECT_EQ((*verdicts)[i].retryable, retryable) << i;
        EXPECT_EQ((*verdicts)[i].code, code) << i;
    };
    expect(0, true, false, "");
    expect(1, false, false, "ReceiptHandleIsInvalid");
    expect(2, true, false, "");
    expect(3, false, true, "InternalError");
    expect(4, false, true, "RequestThrottled");
    expect(5, false, true, "missing_in_reply");
    EXPECT_NE(requests[0].body.find(R"({"Id":"5","ReceiptHandle":"f"})"), std::string::npos) << requests[0].body;
}

TEST_F(QueueAdapter, VisibilityChangesCarryTheirSeconds) {
    answer(200, R"({"Successful":[{"Id":"0"},{"Id":"1"}]})");
    auto port = queue();
    std::vector<pipeline::VisibilityChange> changes{{"a", 0}, {"b", 60}};
    auto verdicts = test::run(loop, port.change_visibility(changes));
    ASSERT_TRUE(verdicts) << describe(verdicts.error());
    EXPECT_TRUE((*verdicts)[0].done && (*verdicts)[1].done);
    EXPECT_NE(requests[0].body.find(R"({"Id":"1","ReceiptHandle":"b","VisibilityTimeout":60})"), std::string::npos);
}

TEST_F(QueueAdapter, NothingToDoAsksNothingAndElevenEntriesAreRefused) {
    auto port = queue();
    EXPECT_TRUE(test::run(loop, port.remove({})));
    EXPECT_TRUE(test::run(loop, port.change_visibility({})));
    std::vector<std::string_view> handles(11, "h");
    EXPECT_FALSE(test::run(loop, port.remove(handles)));
    EXPECT_TRUE(requests.empty());
}

TEST_F(QueueAdapter, DepthIsReadAndAnUntoldDepthIsNotZero) {
    answer(200, R"({"Attributes":{"ApproximateNumberOfMessages":"7","ApproximateNumberOfMessagesNotVisible":"2",)"
                R"("ApproximateNumberOfMessagesDelayed":"1"}})");
    auto port = queue();
    auto depth = test::run(loop, port.depth());
    ASSERT_TRUE(depth) << describe(depth.error());
    EXPECT_EQ(depth->visible, 7);
    EXPECT_EQ(depth->not_visible, 2);
    EXPECT_EQ(depth->delayed, 1);
    answer(200, R"({"Attributes":{"ApproximateNumberOfMessages":"0"}})");
    auto untold = test::run(loop, port.depth());
    ASSERT_FALSE(untold);
    EXPECT_EQ(untold.error().kind, ErrorKind::Retry);
}

TEST_F(QueueAdapter, ErrorsOfTheClientArePassedOn) {
    refuse(400, "QueueDoesNotExist");
    auto port = queue();
    auto received = test::run(loop, port.receive({10, 0, 60}));
    ASSERT_FALSE(received);
    EXPECT_EQ(received.error().code, "QueueDoesNotExist");
}

}  // namespace
}  // namespace sqs2pg::adapters
