// SQS's JSON against the literal texts of the API Reference, and against damaged ones.
#include "sqs/protocol.h"

#include <gtest/gtest.h>

#include "sqs/json_text.h"

namespace sqs2pg::sqs {
namespace {

TEST(Encode, ReceiveAsksForEverythingUnderBothNames) {
    ReceiveCall call{"http://h/1/q", 10, 20, 60};
    EXPECT_EQ(encode_receive(call),
              R"({"QueueUrl":"http://h/1/q","MaxNumberOfMessages":10,"WaitTimeSeconds":20,"VisibilityTimeout":60,)"
              R"("AttributeNames":["All"],"MessageSystemAttributeNames":["All"],"MessageAttributeNames":["All"]})");
    call.visibility_timeout_seconds = -1;
    EXPECT_EQ(encode_receive(call).find("VisibilityTimeout"), std::string::npos);
    call.visibility_timeout_seconds = 0;
    EXPECT_NE(encode_receive(call).find("\"VisibilityTimeout\":0"), std::string::npos);
    EXPECT_EQ(encode_receive(call).find("ReceiveRequestAttemptId"), std::string::npos);
    call.attempt_id = "a-1";
    EXPECT_NE(encode_receive(call).find(R"("ReceiveRequestAttemptId":"a-1")"), std::string::npos);
}

TEST(Encode, BatchesHoldTheirEntries) {
    EXPECT_EQ(encode_delete_batch("q", {{"0", "a=="}, {"1", "b"}}),
              R"({"QueueUrl":"q","Entries":[{"Id":"0","ReceiptHandle":"a=="},{"Id":"1","ReceiptHandle":"b"}]})");
    EXPECT_EQ(encode_change_visibility_batch("q", {{"0", "a", 0}}),
              R"({"QueueUrl":"q","Entries":[{"Id":"0","ReceiptHandle":"a","VisibilityTimeout":0}]})");
    SendEntry plain{.id = "0", .body = "{\"a\":1}", .attributes = {}, .group_id = {}, .deduplication_id = {}};
    SendEntry full{.id = "1",
                   .body = "b",
                   .delay_seconds = 5,
                   .attributes = {{"k", {"String", "v", ""}}, {"z", {"Binary.gif", "", "AQI="}}},
                   .group_id = "g",
                   .deduplication_id = "d"};
    EXPECT_EQ(encode_send_batch("q", {plain, full}),
              R"({"QueueUrl":"q","Entries":[{"Id":"0","MessageBody":"{\"a\":1}"},)"
              R"({"Id":"1","MessageBody":"b","DelaySeconds":5,"MessageAttributes":)"
              R"({"k":{"DataType":"String","StringValue":"v"},"z":{"DataType":"Binary.gif","BinaryValue":"AQI="}},)"
              R"("MessageGroupId":"g","MessageDeduplicationId":"d"}]})");
}

TEST(Encode, QueueOperations) {
    EXPECT_EQ(encode_get_queue_url("q"), R"({"QueueName":"q"})");
    EXPECT_EQ(encode_create_queue("q", {}), R"({"QueueName":"q"})");
    EXPECT_EQ(encode_create_queue("q", {{"VisibilityTimeout", "30"}, {"FifoQueue", "true"}}),
              R"({"QueueName":"q","Attributes":{"FifoQueue":"true","VisibilityTimeout":"30"}})");
    EXPECT_EQ(encode_delete_queue("u"), R"({"QueueUrl":"u"})");
    EXPECT_EQ(encode_get_queue_attributes("u", {"All", "x"}), R"({"QueueUrl":"u","AttributeNames":["All","x"]})");
}

TEST(Encode, StringsAreEscapedAsJsonWants) {
    std::string out;
    append_json_string(out, std::string_view("a\"b\\c/\n\r\t\b\f\x01\x1f\x7f\0é", 17));
    EXPECT_EQ(out, "\"a\\\"b\\\\c/\\n\\r\\t\\u0008\\u000c\\u0001\\u001f\x7f\\u0000é\"");
}

TEST(Encode, StringsOfAnyLengthAreEscapedWhole) {
    for (std::size_t length : {0, 1, 127, 128, 129, 255, 256, 257, 5000}) {
        std::string plain(length, 'a');
        std::string worst(length, '\1');
        std::string expected;
        for (std::size_t i = 0; i < length; ++i) expected += "\\u0001";
        std::string out;
        append_json_string(out, plain);
        EXPECT_EQ(out, '"' + plain + '"');
        out.clear();
        append_json_string(out, worst);
        EXPECT_EQ(out, '"' + expected + '"') << length;
    }
}

// The reply of the SQS API Reference's ReceiveMessage example (AWS JSON), with attributes.
constexpr const char* kReceiveReply = R"({
    "Messages": [
        {
            "Attributes": {
                "SenderId": "AIDASSYFHUBOBT7F4XT75",
                "ApproximateFirstReceiveTimestamp": "1677112433437",
                "ApproximateReceiveCount": "1",
                "SentTimestamp": "1677112427387"
            },
            "Body": "This is a test message",
            "MD5OfBody": "fafb00f5732ab283681e124bf8747ed1",
            "MessageId": "219f8380-5770-4cc2-8c3e-5c715e145f5e",
            "ReceiptHandle": "AQEBaZ+j5qUoAoAnmlCrvJNuOyPcKZ8=="
        }
    ]
})";

TEST(Decode, TheDocumentedReceiveReply) {
    std::string body = kReceiveReply;
    auto reply = decode_receive(body);
    ASSERT_TRUE(reply) << describe(reply.error());
    ASSERT_EQ(reply->messages.size(), 1u);
    const auto& message = reply->messages[0];
    EXPECT_EQ(message.message_id, "219f8380-5770-4cc2-8c3e-5c715e145f5e");
    EXPECT_EQ(message.receipt_handle, "AQEBaZ+j5qUoAoAnmlCrvJNuOyPcKZ8==");
    EXPECT_EQ(message.body, "This is a test message");
    EXPECT_TRUE(message.intact);
    EXPECT_EQ(message.system.sent_timestamp, "1677112427387");
    EXPECT_EQ(message.system.receive_count, "1");
    EXPECT_FALSE(message.system.first_receive_timestamp.empty());
    EXPECT_FALSE(message.system.sender_id.empty());
    EXPECT_EQ(message.system.group_id, "");
}

TEST(Decode, AnEmptyReceiveMayOmitItsMessages) {
    for (std::string body : {"{}", R"({"Messages":[]})", R"({"Messages":null})", " {\"Other\":{\"a\":[1]}} \n"}) {
        auto reply = decode_receive(body);
        ASSERT_TRUE(reply) << body;
        EXPECT_TRUE(reply->messages.empty());
    }
}

std::string message_with(const std::string& body_json, const std::string& rest) {
    return R"({"Messages":[{"MessageId":"m","ReceiptHandle":"r","Body":)" + body_json + rest + "}]}";
}

TEST(Decode, ADamagedBodyIsNotIntact) {
    auto reply_of = [](std::string text) { return decode_receive(text); };
    auto good = reply_of(message_with("\"x\"", R"(,"MD5OfBody":"9dd4e461268c8034f5c8564e155c67a6")"));
    auto damaged = reply_of(message_with("\"y\"", R"(,"MD5OfBody":"9dd4e461268c8034f5c8564e155c67a6")"));
    auto unknown = reply_of(message_with("\"y\"", ""));
    EXPECT_TRUE(good->messages[0].intact);
    EXPECT_FALSE(damaged->messages[0].intact);
    EXPECT_TRUE(unknown->messages[0].intact);
}

TEST(Decode, OneDamagedBodyAmongManyIsTheOneThatIsNotIntact) {
    for (std::size_t damaged : {0u, 4u, 9u}) {
        std::string body = R"({"Messages":[)";
        for (std::size_t i = 0; i < 10; ++i) {
            const auto text = "message " + std::to_string(i);
            body += i == 0 ? "{" : ",{";
            body += R"("MessageId":"m","ReceiptHandle":"r","MD5OfBody":")" + md5_hex(text) + R"(","Body":")" +
                    (i == damaged ? "massage" : text) + "\"}";
        }
        body += "]}";
        auto reply = decode_receive(body);
        ASSERT_TRUE(reply) << describe(reply.error());
        for (std::size_t i = 0; i < 10; ++i) EXPECT_EQ(reply->messages[i].intact, i != damaged) << i;
    }
}

TEST(Decode, EscapesAndOddCharactersOfABodyComeThrough) {
    std::string body = message_with(R"("{\"k\":\"\u00e9\u20ac\ud83d\ude00\\n\u0000\/\"}")", "");
    auto reply = decode_receive(body);
    ASSERT_TRUE(reply) << describe(reply.error());
    EXPECT_EQ(reply->messages[0].body, std::string("{\"k\":\"é€😀\\n\0/\"}", 21));
}

TEST(Decode, ALoneSurrogateSpoilsNeitherTheReplyNorItsNeighbours) {
    std::string body = R"({"Messages":[{"MessageId":"1","ReceiptHandle":"r","Body":"a\ud800b \udc00 \ud800\u0041"},)"
                       R"({"MessageId":"2","ReceiptHandle":"r","Body":"fine"}]})";
    auto reply = decode_receive(body);
    ASSERT_TRUE(reply) << describe(reply.error());
    ASSERT_EQ(reply->messages.size(), 2u);
    EXPECT_EQ(reply->messages[0].body,
              "a\xef\xbf\xbd"
              "b \xef\xbf\xbd \xef\xbf\xbd"
              "A");
    EXPECT_EQ(reply->messages[1].body, "fine");
}

TEST(Decode, MessageAttributesAndTheirDigest) {
    // The digest is the one that boto3 and moto compute for these two attributes.
    std::string body = message_with(
        "\"x\"",
        R"(,"MessageAttributes":{"timestamp":{"DataType":"Number","StringValue":"1493147359900","BinaryValue":null},)"
        R"("bin":{"BinaryValue":"AQIDBA==","DataType":"Binary"}},)"
        R"("MD5OfMessageAttributes":")" +
            md5_of_attributes({{"timestamp", {"Number", "1493147359900", ""}}, {"bin", {"Binary", "", "AQIDBA=="}}}) +
            "\"");
    auto reply = decode_receive(body);
    ASSERT_TRUE(reply) << describe(reply.error());
    const auto& message = reply->messages[0];
    EXPECT_TRUE(message.intact);
    EXPECT_EQ(message.attributes.at("timestamp").data_type, "Number");
    EXPECT_EQ(message.attributes.at("timestamp").string_value, "1493147359900");
    EXPECT_EQ(message.attributes.at("bin").binary_value, "AQIDBA==");
    auto altered = body;
    altered.replace(altered.find("1493147359900"), 13, "1493147359901");
    EXPECT_FALSE(decode_receive(altered)->messages[0].intact);
}

TEST(Decode, TenMessagesOfAMegabyte) {
    std::string large(kMaxMessageBytes, 'x');
    std::string body = R"({"Messages":[)";
    for (int i = 0; i < 10; ++i) {
        body += (i ? "," : "") + std::string(R"({"MessageId":"m","ReceiptHandle":"r","Body":")") + large + "\"}";
    }
    body += "]}";
    auto reply = decode_receive(body);
    ASSERT_TRUE(reply) << describe(reply.error());
    ASSERT_EQ(reply->messages.size(), 10u);
    EXPECT_TRUE(reply->messages[9].body == large);
}

TEST(Decode, WhatTheApiDoesNotPromiseIsABadReply) {
    for (std::string body :
         {"", "[]", "null", "{", "{\"Messages\":nd}", "{\"Messages\":{}}", "{\"Messages\":[1]}", "{\"Messages\":[{}]}",
          "<html></html>", "{\"Messages\":[{\"MessageId\":1,\"ReceiptHandle\":\"r\",\"Body\":\"b\"}]}", "{} trailing",
          "{\"Messages\":[{\"MessageId\":\"m\",\"ReceiptHandle\":\"r\",\"Body\":\"\\q\"}]}",
          "{\"Messages\":[{\"MessageId\":\"m\",\"ReceiptHandle\":\"r\",\"Body\":\"b\"}]", "{\"Messages\":[]}{}"}) {
        auto text = body;
        auto reply = decode_receive(body);
        ASSERT_FALSE(reply) << text;
        EXPECT_EQ(reply.error().kind, ErrorKind::Retry);
        EXPECT_EQ(reply.error().code, "bad_reply");
    }
}

TEST(Decode, BatchRepliesNameEachEntry) {
    std::string body =
        R"({"Failed":[{"Id":"2","Code":"ReceiptHandleIsInvalid","SenderFault":true,"Message":"…"},)"
        R"({"Id":"3","Code":"InternalError","SenderFault":false}],"Successful":[{"Id":"0"},{"Id":"1"}]})";
    auto reply = decode_batch(body);
    ASSERT_TRUE(reply) << describe(reply.error());
    EXPECT_EQ(reply->successful, (std::vector<std::string>{"0", "1"}));
    ASSERT_EQ(reply->failed.size(), 2u);
    EXPECT_EQ(reply->failed[0].id, "2");
    EXPECT_EQ(reply->failed[0].code, "ReceiptHandleIsInvalid");
    EXPECT_TRUE(reply->failed[0].sender_fault);
    EXPECT_FALSE(reply->failed[1].sender_fault);
    std::string empty = "{}";
    EXPECT_TRUE(decode_batch(empty));
}

TEST(Decode, QueueUrlsAndAttributes) {
    std::string url = R"({"QueueUrl":"http://localhost:9324/000000000000/q"})";
    EXPECT_EQ(*decode_queue_url(url), "http://localhost:9324/000000000000/q");
    std::string none = "{}";
    EXPECT_FALSE(decode_queue_url(none));
    std::string attributes = R"({"Attributes":{"ApproximateNumberOfMessages":"7","QueueArn":"arn:x"}})";
    auto decoded = decode_attributes(attributes);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->at("ApproximateNumberOfMessages"), "7");
    EXPECT_EQ(decoded->size(), 2u);
}

struct ErrorRow {
    const char* body;
    const char* header;
    const char* code;
    const char* query_code;
};

TEST(Decode, ErrorsOfEveryShape) {
    const ErrorRow rows[] = {
        {R"({"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"The specified queue does not exist."})",
         "AWS.SimpleQueueService.NonExistentQueue;Sender", "QueueDoesNotExist",
         "AWS.SimpleQueueService.NonExistentQueue"},
        {R"({"__type":"com.amazonaws.sqs#QueueDoesNotExist","Message":"x"})", "", "QueueDoesNotExist", ""},
        {R"({"message":"x","__type":"OverLimit"})", "", "OverLimit", ""},
        {R"({"__type":"com.amazon.coral.service#AccessDeniedException:http://internal/"})", "", "AccessDeniedException",
         ""},
        {"<ErrorResponse><Error><Type>Sender</Type><Code>InvalidAction</Code></Error></ErrorResponse>", "",
         "InvalidAction", ""},
        {"<html>503 Service Unavailable</html>", "", "", ""},
        {"", "AWS.SimpleQueueService.OverLimit;Sender", "AWS.SimpleQueueService.OverLimit",
         "AWS.SimpleQueueService.OverLimit"},
        {R"({"__type":"line\nbreak and a value"})", "", "", ""},
    };
    for (const auto& row : rows) {
        std::string body = row.body;
        auto error = decode_error(400, body, row.header);
        EXPECT_EQ(error.status, 400);
        EXPECT_EQ(error.code, row.code) << row.body;
        EXPECT_EQ(error.query_code, row.query_code) << row.body;
    }
}

TEST(Digest, IsTheOneOfTheDocumentation) {
    EXPECT_EQ(md5_hex(""), "d41d8cd98f00b204e9800998ecf8427e");
    EXPECT_EQ(md5_hex("This is a test message"), "fafb00f5732ab283681e124bf8747ed1");
    // moto's and the AWS SDK for Java's tests: one Number attribute "timestamp".
    EXPECT_EQ(md5_of_attributes({{"timestamp", {"Number", "1493147359900", ""}}}), "235c5c510d26fb653d073faed50ae77c");
}

TEST(QueueUrl, IdentityIsAccountAndName) {
    EXPECT_EQ(queue_identity("https://sqs.eu-west-1.amazonaws.com/123456789012/logins"), "123456789012/logins");
    EXPECT_EQ(queue_identity("http://localhost:9324/000000000000/q.fifo"), "000000000000/q.fifo");
    EXPECT_EQ(queue_identity("http://localhost:4566/queue/eu-west-1/000000000000/q/"), "000000000000/q");
    EXPECT_EQ(queue_identity("http://localhost/q"), "/q");
    EXPECT_EQ(queue_name_of("https://sqs.eu-west-1.amazonaws.com/123456789012/logins"), "logins");
    EXPECT_EQ(queue_name_of("http://localhost/q"), "q");
    EXPECT_EQ(queue_name_of("http://localhost"), "");
}

TEST(JsonText, LenientUnescapingStillRefusesWhatIsNoString) {
    std::string out;
    EXPECT_TRUE(unescape_leniently("\"a\\u00e9\\ud83d\\ude00\\\"\" , ", out));
    EXPECT_EQ(out, "aé😀\"");
    for (const auto* bad : {"", "a", "\"", "\"abc", "\"\\", "\"\\u12\"", "\"\\ud8", "\"\\x\""}) {
        EXPECT_FALSE(unescape_leniently(bad, out)) << bad;
    }
}

}  // namespace
}  // namespace sqs2pg::sqs
