// Messages in envelopes, for the tests.
#pragma once

#include <string>
#include <string_view>

namespace sqs2pg::pipeline::testing_wrapped {

inline const std::string kNotification = R"({
  "Type" : "Notification",
  "MessageId" : "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
  "TopicArn" : "arn:aws:sns:eu-central-1:1:t",
  "Message" : "{\"id\": 7, \"text\": \"a \\\"quoted\\\" one\"}",
  "Timestamp" : "2026-11-25T00:00:00.000Z",
  "SignatureVersion" : "1",
  "Signature" : "c2lnbmF0dXJl",
  "MessageAttributes" : {"kind" : {"Type":"String","Value":"order"}}
})";

inline const std::string kEvent =
    R"({"version":"0","id":"e-1","detail-type":"order placed","source":"shop","account":"1",)"
    R"("time":"2026-11-25T00:00:00Z","region":"eu-central-1","resources":["arn:1","arn:2"],"detail":{"id": 7}})";

// With MessageId m-1.
std::string notification_of(std::string_view message);

inline constexpr std::string_view kPointerClass = "software.amazon.payloadoffloading.PayloadS3Pointer";
std::string pointer_to(std::string_view bucket, std::string_view key, std::string_view name = kPointerClass);

std::string base64_of(std::string_view bytes);
std::string gzip_of(std::string_view text);
std::string zlib_of(std::string_view text);

}  // namespace sqs2pg::pipeline::testing_wrapped
