// FIFO queues and move tasks as JSON: members, batches, and what a whole batch is refused for.
#include <gtest/gtest.h>

#include "devqueue/service.h"

namespace sqs2pg::devqueue {
namespace {

class FifoOperations : public ::testing::Test {
   protected:
    // The reply's body, or "!Code message".
    std::string call(std::string_view operation, std::string body) {
        auto done = service_.call(Call{operation, "http://127.0.0.1:9324", now_, {}}, body);
        return done ? done->body : "!" + std::string(done.error().code) + " " + done.error().message;
    }

    std::string on_queue(std::string_view operation, const std::string& members = "", const std::string& name = "q") {
        return call(operation,
                    R"({"QueueUrl":"http://127.0.0.1:9324/000000000000/)" + name + R"(.fifo")" + members + "}");
    }

    static std::string value_of(const std::string& json, const std::string& name) {
        auto at = json.find("\"" + name + "\":\"");
        if (at == std::string::npos) return "(absent)";
        at += name.size() + 4;
        return json.substr(at, json.find('"', at) - at);
    }

    void SetUp() override {
        call("CreateQueue", R"({"QueueName":"dead.fifo","Attributes":{"FifoQueue":"true"}})");
        call("CreateQueue",
             R"({"QueueName":"q.fifo","Attributes":{"FifoQueue":"true","RedrivePolicy":"{\"deadLetterTargetArn\":)"
             R"(\"arn:aws:sqs:us-east-1:000000000000:dead.fifo\",\"maxReceiveCount\":1}"}})");
    }

    std::string send(const std::string& group, const std::string& id) {
        return on_queue("SendMessage", R"(,"MessageBody":"b","MessageGroupId":")" + group +
                                           R"(","MessageDeduplicationId":")" + id + "\"");
    }

    Service service_{AccountOptions{}};
    Millis now_ = 1'700'000'000'000;
};

TEST_F(FifoOperations, group_deduplication_id_and_sequence_number_come_with_the_message) {
    auto sent = send("g", "d");
    EXPECT_EQ(value_of(sent, "SequenceNumber").size(), 20u);
    auto received = on_queue("ReceiveMessage", R"(,"MessageSystemAttributeNames":["All"])");
    EXPECT_EQ(value_of(received, "MessageGroupId"), "g");
    EXPECT_EQ(value_of(received, "MessageDeduplicationId"), "d");
    EXPECT_EQ(value_of(received, "SequenceNumber"), value_of(sent, "SequenceNumber"));
}

TEST_F(FifoOperations, ids_have_1_to_128_letters_digits_and_punctuation) {
    EXPECT_EQ(send(std::string(128, 'x'), "!\\\"#$%&'()*+,-./:;<=>?@[]^_`{|}~").front(), '{');
    EXPECT_EQ(send("", "d"),
              "!InvalidParameterValue Value  for parameter MessageGroupId is invalid. Reason: MessageGroupId can only "
              "include alphanumeric and punctuation characters. 1 to 128 in length.");
    EXPECT_EQ(send("g", "a b").substr(0, 22), "!InvalidParameterValue");
    EXPECT_EQ(send("g", std::string(129, 'x')).substr(0, 22), "!InvalidParameterValue");
    EXPECT_EQ(on_queue("ReceiveMessage", R"(,"ReceiveRequestAttemptId":"a b")").substr(0, 22),
              "!InvalidParameterValue");
}

TEST_F(FifoOperations, a_batch_keeps_its_order_and_is_refused_whole_without_groups_or_ids) {
    auto batch = [&](const std::string& second) {
        return on_queue("SendMessageBatch",
                        R"(,"Entries":[{"Id":"1","MessageBody":"1","MessageGroupId":"g","MessageDeduplicationId":"1"},)"
                        R"({"Id":"2","MessageBody":"2")" +
                            second + "}]");
    };
    EXPECT_EQ(batch(R"(,"MessageDeduplicationId":"2")"),
              "!InvalidParameterValue The request must contain the parameter MessageGroupId.");
    EXPECT_EQ(batch(R"(,"MessageGroupId":"g")").substr(0, 22), "!InvalidParameterValue");
    EXPECT_EQ(on_queue("ReceiveMessage"), "{}");
    auto sent = batch(R"(,"MessageGroupId":"g","MessageDeduplicationId":"2","DelaySeconds":1)");
    EXPECT_NE(sent.find(R"("Failed":[{"Id":"2","Code":"InvalidParameterValue")"), std::string::npos) << sent;
    sent = batch(R"(,"MessageGroupId":"g","MessageDeduplicationId":"2")");
    EXPECT_NE(sent.find(R"("Failed":[])"), std::string::npos);
    auto received = on_queue("ReceiveMessage", R"(,"MaxNumberOfMessages":10)");
    EXPECT_LT(received.find(R"("Body":"1")"), received.find(R"("Body":"2")"));
}

TEST_F(FifoOperations, a_repeated_attempt_brings_the_same_reply) {
    send("g", "1");
    send("g", "2");
    const std::string members = R"(,"MaxNumberOfMessages":10,"ReceiveRequestAttemptId":"attempt")";
    auto received = on_queue("ReceiveMessage", members);
    EXPECT_NE(received, "{}");
    EXPECT_EQ(on_queue("ReceiveMessage", members), received);
    EXPECT_EQ(on_queue("ReceiveMessage"), "{}");
}

TEST_F(FifoOperations, a_move_task_is_started_listed_and_cancelled) {
    send("g", "1");
    send("g", "2");
    on_queue("ReceiveMessage", R"(,"MaxNumberOfMessages":10,"VisibilityTimeout":0)");
    on_queue("ReceiveMessage");
    const std::string source = R"({"SourceArn":"arn:aws:sqs:us-east-1:000000000000:dead.fifo")";
    auto started = call("StartMessageMoveTask", source + R"(,"MaxNumberOfMessagesPerSecond":1})");
    auto handle = value_of(started, "TaskHandle");
    EXPECT_EQ(call("ListMessageMoveTasks", source + "}"),
              R"({"Results":[{"TaskHandle":")" + handle +
                  R"(","Status":"RUNNING","SourceArn":"arn:aws:sqs:us-east-1:000000000000:dead.fifo",)"
                  R"("MaxNumberOfMessagesPerSecond":1,"ApproximateNumberOfMessagesMoved":1,)"
                  R"("ApproximateNumberOfMessagesToMove":2,"StartedTimestamp":1700000000000}]})");
    EXPECT_EQ(call("CancelMessageMoveTask", R"({"TaskHandle":")" + handle + "\"}"),
              R"({"ApproximateNumberOfMessagesMoved":1})");
    EXPECT_NE(call("ListMessageMoveTasks", source + "}").find("CANCELLED"), std::string::npos);
    EXPECT_EQ(call("ListMessageMoveTasks", "{}").substr(0, 17), "!MissingParameter");
}

}  // namespace
}  // namespace sqs2pg::devqueue
