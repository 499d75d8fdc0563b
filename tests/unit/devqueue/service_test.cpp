// The operations on JSON, without a socket: members, batches, replies and error shapes.
#include "devqueue/service.h"

#include <gtest/gtest.h>

namespace sqs2pg::devqueue {
namespace {

class Operations : public ::testing::Test {
   protected:
    // The reply's body, or "!Code".
    std::string call(std::string_view operation, std::string body, Effects effects = {}) {
        auto done = service_.call(Call{operation, "http://127.0.0.1:9324", now_, effects}, body);
        waiting_ = done ? done->waiting : std::nullopt;
        return done ? done->body : "!" + std::string(done.error().code);
    }

    // `members` follow the queue's URL.
    std::string on_queue(std::string_view operation, const std::string& members = "", Effects effects = {}) {
        return call(operation, R"({"QueueUrl":"http://127.0.0.1:9324/000000000000/q")" + members + "}", effects);
    }

    // The value of the first string member of that name.
    static std::string value_of(const std::string& json, const std::string& name) {
        auto at = json.find("\"" + name + "\":\"");
        if (at == std::string::npos) return "(absent)";
        at += name.size() + 4;
        return json.substr(at, json.find('"', at) - at);
    }

    static std::size_t count_of(const std::string& json, const std::string& part) {
        std::size_t count = 0;
        for (auto at = json.find(part); at != std::string::npos; at = json.find(part, at + 1)) ++count;
        return count;
    }

    void SetUp() override { call("CreateQueue", R"({"QueueName":"q"})"); }

    Service service_{AccountOptions{}};
    Millis now_ = 1'700'000'000'000;
    std::optional<WaitingReceive> waiting_;
};

TEST_F(Operations, a_queue_url_holds_the_address_that_was_called_the_account_and_the_name) {
    EXPECT_EQ(call("GetQueueUrl", R"({"QueueName":"q"})"), R"({"QueueUrl":"http://127.0.0.1:9324/000000000000/q"})");
    EXPECT_EQ(call("GetQueueUrl", R"({"QueueName":"absent"})"), "!QueueDoesNotExist");
    EXPECT_EQ(call("GetQueueUrl", "{}"), "!MissingParameter");
}

TEST_F(Operations, a_message_goes_through_send_receive_and_delete) {
    auto sent = on_queue("SendMessage", R"(,"MessageBody":"hello \"you\"")");
    EXPECT_EQ(value_of(sent, "MD5OfMessageBody").size(), 32u);
    auto received = on_queue("ReceiveMessage");
    EXPECT_EQ(value_of(received, "MessageId"), value_of(sent, "MessageId"));
    EXPECT_EQ(value_of(received, "MD5OfBody"), value_of(sent, "MD5OfMessageBody"));
    EXPECT_NE(received.find(R"("Body":"hello \"you\"")"), std::string::npos);
    EXPECT_EQ(received.find("Attributes"), std::string::npos);
    EXPECT_EQ(on_queue("DeleteMessage", R"(,"ReceiptHandle":")" + value_of(received, "ReceiptHandle") + "\""), "{}");
    now_ += 60'000;
    EXPECT_EQ(on_queue("ReceiveMessage"), "{}");
}

TEST_F(Operations, system_attributes_come_when_they_are_asked_for_by_either_name) {
    for (const char* member : {"AttributeNames", "MessageSystemAttributeNames"}) {
        on_queue("SendMessage", R"(,"MessageBody":"a","MessageGroupId":"g")");
        auto received = on_queue("ReceiveMessage", std::string(R"(,")") + member + R"(":["All"])");
        EXPECT_EQ(value_of(received, "SentTimestamp"), "1700000000000") << member;
        EXPECT_EQ(value_of(received, "ApproximateReceiveCount"), "1") << member;
        EXPECT_EQ(value_of(received, "ApproximateFirstReceiveTimestamp"), "1700000000000") << member;
        EXPECT_EQ(value_of(received, "SenderId"), "000000000000") << member;
        EXPECT_EQ(value_of(received, "MessageGroupId"), "g") << member;
    }
    on_queue("SendMessage", R"(,"MessageBody":"a")");
    auto one = on_queue("ReceiveMessage", R"(,"AttributeNames":["SentTimestamp"])");
    EXPECT_EQ(value_of(one, "SentTimestamp"), "1700000000000");
    EXPECT_EQ(value_of(one, "SenderId"), "(absent)");
    EXPECT_EQ(on_queue("ReceiveMessage", R"(,"AttributeNames":["Nonsense"])"), "!InvalidAttributeName");
}

TEST_F(Operations, message_attributes_come_by_name_by_prefix_or_all) {
    auto send = [&] {
        on_queue("SendMessage",
                 R"(,"MessageBody":"a","MessageAttributes":{"trace.id":{"DataType":"String","StringValue":"7"},)"
                 R"("raw":{"DataType":"Binary","BinaryValue":"aGk="}})");
    };
    send();
    auto all = on_queue("ReceiveMessage", R"(,"MessageAttributeNames":["All"])");
    EXPECT_NE(all.find(R"("trace.id":{"DataType":"String","StringValue":"7"})"), std::string::npos) << all;
    EXPECT_NE(all.find(R"("raw":{"DataType":"Binary","BinaryValue":"aGk="})"), std::string::npos) << all;
    EXPECT_EQ(value_of(all, "MD5OfMessageAttributes").size(), 32u);
    send();
    auto prefix = on_queue("ReceiveMessage", R"(,"MessageAttributeNames":["trace.*"])");
    EXPECT_NE(prefix.find("trace.id"), std::string::npos);
    EXPECT_EQ(prefix.find("raw"), std::string::npos);
    send();
    EXPECT_EQ(on_queue("ReceiveMessage").find("MessageAttributes"), std::string::npos);
}

TEST_F(Operations, a_batch_tells_of_each_entry) {
    auto sent = on_queue("SendMessageBatch",
                         R"(,"Entries":[{"Id":"a","MessageBody":"1"},{"Id":"b","MessageBody":"\u0001"},{"Id":"c"}])");
    EXPECT_EQ(count_of(sent, "MessageId"), 1u);
    EXPECT_NE(sent.find(R"({"Id":"b","Code":"InvalidMessageContents")"), std::string::npos) << sent;
    EXPECT_NE(sent.find(R"({"Id":"c","Code":"MissingParameter")"), std::string::npos) << sent;
    EXPECT_EQ(count_of(sent, R"("SenderFault":true)"), 2u);
    auto handle = value_of(on_queue("ReceiveMessage"), "ReceiptHandle");
    auto entry = R"({"Id":"x","ReceiptHandle":")" + handle + R"(","VisibilityTimeout":5})";
    EXPECT_EQ(on_queue("ChangeMessageVisibilityBatch", R"(,"Entries":[)" + entry + "]"),
              R"({"Successful":[{"Id":"x"}],"Failed":[]})");
    auto removed =
        on_queue("DeleteMessageBatch", R"(,"Entries":[)" + entry + R"(,{"Id":"y","ReceiptHandle":"nonsense"}])");
    EXPECT_NE(removed.find(R"("Successful":[{"Id":"x"}])"), std::string::npos);
    EXPECT_NE(removed.find(R"({"Id":"y","Code":"ReceiptHandleIsInvalid")"), std::string::npos);
}

TEST_F(Operations, batches_are_refused_as_a_whole_when_their_shape_is_wrong) {
    EXPECT_EQ(on_queue("SendMessageBatch"), "!EmptyBatchRequest");
    EXPECT_EQ(on_queue("SendMessageBatch", R"(,"Entries":[])"), "!EmptyBatchRequest");
    EXPECT_EQ(on_queue("SendMessageBatch", R"(,"Entries":[{"Id":"a","MessageBody":"1"},{"Id":"a","MessageBody":"1"}])"),
              "!BatchEntryIdsNotDistinct");
    EXPECT_EQ(on_queue("SendMessageBatch", R"(,"Entries":[{"MessageBody":"1"}])"), "!InvalidBatchEntryId");
    EXPECT_EQ(on_queue("SendMessageBatch", R"(,"Entries":{})"), "!SerializationException");
    std::string half(600'000, 'x');
    EXPECT_EQ(on_queue("SendMessageBatch", R"(,"Entries":[{"Id":"a","MessageBody":")" + half +
                                               R"("},{"Id":"b","MessageBody":")" + half + "\"}]"),
              "!BatchRequestTooLong");
    EXPECT_EQ(on_queue("ReceiveMessage"), "{}");
}

TEST_F(Operations, an_empty_receive_waits_when_it_or_the_queue_says_so) {
    on_queue("ReceiveMessage", R"(,"WaitTimeSeconds":0)");
    EXPECT_FALSE(waiting_);
    on_queue("ReceiveMessage", R"(,"WaitTimeSeconds":20,"MaxNumberOfMessages":7)");
    ASSERT_TRUE(waiting_);
    EXPECT_EQ(waiting_->wait_seconds, 20);
    EXPECT_EQ(waiting_->request.max_messages, 7);
    EXPECT_EQ(on_queue("ReceiveMessage", R"(,"WaitTimeSeconds":21)"), "!InvalidParameterValue");
    EXPECT_EQ(on_queue("ReceiveMessage", R"(,"WaitTimeSeconds":-1)"), "!InvalidParameterValue");
    on_queue("SetQueueAttributes", R"(,"Attributes":{"ReceiveMessageWaitTimeSeconds":"3"})");
    on_queue("ReceiveMessage");
    ASSERT_TRUE(waiting_);
    EXPECT_EQ(waiting_->wait_seconds, 3);
    auto still = *waiting_;
    EXPECT_FALSE(service_.receive_again(still, now_).value());
    on_queue("SendMessage", R"(,"MessageBody":"a")");
    auto came = service_.receive_again(still, now_);
    ASSERT_TRUE(came->has_value());
    EXPECT_EQ(count_of(**came, "MessageId"), 1u);
    on_queue("DeleteQueue");
    EXPECT_EQ(service_.receive_again(still, now_).error().code, "QueueDoesNotExist");
}

TEST_F(Operations, queues_are_listed_in_pages) {
    for (const char* name : {"a1", "a2", "a3"}) call("CreateQueue", std::string(R"({"QueueName":")") + name + "\"}");
    EXPECT_EQ(count_of(call("ListQueues", "{}"), "http://"), 4u);
    auto page = call("ListQueues", R"({"QueueNamePrefix":"a","MaxResults":2})");
    EXPECT_EQ(count_of(page, "http://"), 2u);
    auto token = value_of(page, "NextToken");
    auto rest = call("ListQueues", R"({"QueueNamePrefix":"a","MaxResults":2,"NextToken":")" + token + "\"}");
    EXPECT_EQ(rest, R"({"QueueUrls":["http://127.0.0.1:9324/000000000000/a3"]})");
    EXPECT_EQ(call("ListQueues", R"({"MaxResults":0})"), "!InvalidParameterValue");
}

TEST_F(Operations, attributes_are_given_by_name) {
    on_queue("SendMessage", R"(,"MessageBody":"a")");
    EXPECT_EQ(
        on_queue("GetQueueAttributes", R"(,"AttributeNames":["VisibilityTimeout","ApproximateNumberOfMessages"])"),
        R"({"Attributes":{"ApproximateNumberOfMessages":"1","VisibilityTimeout":"30"}})");
    EXPECT_NE(on_queue("GetQueueAttributes", R"(,"AttributeNames":["All"])").find("QueueArn"), std::string::npos);
    EXPECT_EQ(on_queue("GetQueueAttributes"), "{}");
    EXPECT_EQ(on_queue("GetQueueAttributes", R"(,"AttributeNames":["Nonsense"])"), "!InvalidAttributeName");
}

TEST_F(Operations, the_sources_of_a_dead_letter_queue_are_listed) {
    call("CreateQueue", R"({"QueueName":"source","Attributes":{"RedrivePolicy":"{\"deadLetterTargetArn\":)"
                        R"(\"arn:aws:sqs:us-east-1:000000000000:q\",\"maxReceiveCount\":\"3\"}"}})");
    EXPECT_EQ(on_queue("ListDeadLetterSourceQueues"), R"({"queueUrls":["http://127.0.0.1:9324/000000000000/source"]})");
}

TEST_F(Operations, what_is_not_json_or_of_another_type_is_a_serialization_error) {
    EXPECT_EQ(call("ReceiveMessage", "nonsense"), "!SerializationException");
    EXPECT_EQ(call("ReceiveMessage", "[]"), "!SerializationException");
    EXPECT_EQ(call("ReceiveMessage", "{\"QueueUrl\":\"\xff\"}"), "!SerializationException");
    EXPECT_EQ(call("ReceiveMessage", std::string(5000, '[')), "!SerializationException");
    EXPECT_EQ(on_queue("SendMessage", R"(,"MessageBody":"\ud800")"), "!SerializationException");
    EXPECT_EQ(on_queue("SendMessage", R"(,"MessageBody":5)"), "!SerializationException");
    EXPECT_EQ(on_queue("ReceiveMessage", R"(,"MaxNumberOfMessages":"5")"), "!SerializationException");
    EXPECT_EQ(on_queue("ReceiveMessage", R"(,"MaxNumberOfMessages":99999999999)"), "!SerializationException");
    EXPECT_EQ(call("ReceiveMessage", ""), "!MissingParameter");
}

TEST_F(Operations, a_json_escape_of_nul_inside_the_text_gets_through) {
    on_queue("SendMessage", R"(,"MessageBody":"{\"a\":\"\\u0000\"}")");
    EXPECT_NE(on_queue("ReceiveMessage").find(R"({\"a\":\"\\u0000\"})"), std::string::npos);
    EXPECT_EQ(on_queue("SendMessage", R"(,"MessageBody":"\u0000")"), "!InvalidMessageContents");
}

TEST_F(Operations, a_standard_queue_refuses_a_deduplication_id) {
    EXPECT_EQ(on_queue("SendMessage", R"(,"MessageBody":"a","MessageDeduplicationId":"d")"), "!InvalidParameterValue");
}

TEST_F(Operations, operations_outside_the_table_are_told_apart) {
    EXPECT_EQ(call("TagQueue", "{}"), "!UnsupportedOperation");
    EXPECT_EQ(call("Nonsense", "{}"), "!UnknownOperationException");
    EXPECT_EQ(call("", "{}"), "!UnknownOperationException");
}

TEST_F(Operations, effects_fail_entries_flip_a_bit_and_redeliver) {
    auto sent =
        on_queue("SendMessageBatch", R"(,"Entries":[{"Id":"a","MessageBody":"1"},{"Id":"b","MessageBody":"2"}])",
                 Effects{.failed_entries = 1});
    EXPECT_NE(sent.find(R"("Failed":[{"Id":"a","Code":"InternalError")"), std::string::npos) << sent;
    EXPECT_NE(sent.find(R"("SenderFault":false)"), std::string::npos);
    auto flipped = on_queue("ReceiveMessage", "", Effects{.flip_bit = true});
    EXPECT_EQ(value_of(flipped, "Body"), "3");
    EXPECT_EQ(value_of(flipped, "MD5OfBody"), sqs::md5_hex("2"));
    auto handle = R"(,"ReceiptHandle":")" + value_of(flipped, "ReceiptHandle") + "\"";
    EXPECT_EQ(on_queue("DeleteMessage", handle, Effects{.redeliver = true}), "{}");
    EXPECT_EQ(value_of(on_queue("ReceiveMessage"), "Body"), "2");
}

TEST(ErrorShapes, carry_both_protocols_codes) {
    EXPECT_EQ(shape_of("QueueDoesNotExist").type, "com.amazonaws.sqs#QueueDoesNotExist");
    EXPECT_EQ(shape_of("QueueDoesNotExist").query_code, "AWS.SimpleQueueService.NonExistentQueue");
    EXPECT_EQ(shape_of("ServiceUnavailable").status, 503);
    EXPECT_EQ(error_body(ApiError{"OverLimit", "too \"many\""}),
              R"({"__type":"com.amazonaws.sqs#OverLimit","message":"too \"many\""})");
}

}  // namespace
}  // namespace sqs2pg::devqueue
