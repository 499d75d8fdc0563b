// Messages out of their envelopes: what of them the mapping sees, and what is no envelope.
#include "pipeline/envelope.h"

#include <gtest/gtest.h>

#include "unit/pipeline/wrapped.h"

namespace sqs2pg::pipeline {
namespace {

using namespace testing_wrapped;

// The opened body and the fields asked for, or why there is none.
struct Case {
    PipelineOptions options;
    std::vector<Source> wanted;
    std::vector<MessageAttribute> attributes;

    explicit Case(std::vector<Unwrap> steps, std::initializer_list<std::string_view> sources = {}) {
        options.unwrap = std::move(steps);
        for (auto source : sources) wanted.push_back(parse_source(source, options.unwrap).value());
    }

    std::string open(std::string body, std::string* object = nullptr) {
        Envelope envelope(options, wanted);
        Received message;
        message.body = body;
        message.attributes = attributes;
        auto opened = envelope.open(message, object);
        EXPECT_EQ(message.body, body);
        if (!opened) return opened.error().reason + " " + opened.error().place;
        std::string shown(opened->body.text);
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            const auto& field = opened->fields[i];
            shown += " | " + (field.kind == JsonKind::Absent ? "absent" : std::string(field.text));
        }
        return shown;
    }
};

TEST(Envelope, SnsMessageIsTheBodyAndItsAttributesAreAttributes) {
    Case sns({Unwrap::Sns}, {"$envelope.TopicArn", "$envelope.Subject", "$attributes.kind", "$attributes.other"});
    EXPECT_EQ(sns.open(kNotification), R"({"id": 7, "text": "a \"quoted\" one"} | arn:aws:sns:eu-central-1:1:t | )"
                                       "absent | order | absent");
}

TEST(Envelope, AnyOrderOfFieldsAndUnknownOnesWillDo) {
    Case sns({Unwrap::Sns}, {"$envelope.Timestamp"});
    EXPECT_EQ(
        sns.open(R"({"Message":"{}","New":{"x":[1]},"Timestamp":"2026-11-25T00:00:00.000Z","Type":"Notification"})"),
        "{} | 2026-11-25T00:00:00.000Z");
}

TEST(Envelope, RawDeliveryIsSaid) {
    Case sns({Unwrap::Sns});
    const std::string raw = "envelope sns: no envelope (is raw message delivery on?)";
    EXPECT_EQ(sns.open(R"({"id": 7})"), raw);
    EXPECT_EQ(sns.open("plain text"), raw);
    EXPECT_EQ(sns.open("[]"), raw);
    EXPECT_EQ(sns.open(""), raw);
    EXPECT_EQ(sns.open(R"({"Type": "login", "user": 1})"),
              "envelope sns: Type is not Notification (is raw message delivery on?)");
    EXPECT_EQ(sns.open(R"({"Type": "Notification"})"), "envelope sns: Message is no text");
    EXPECT_EQ(sns.open(R"({"Type": "Notification", "Message": {"a": 1}})"), "envelope sns: Message is no text");
}

TEST(Envelope, ConfirmationsAreNoNotifications) {
    Case sns({Unwrap::Sns});
    EXPECT_EQ(sns.open(R"({"Type": "SubscriptionConfirmation", "Message": "You have chosen", "Token": "t"})"),
              "envelope sns: SubscriptionConfirmation, no notification");
    EXPECT_EQ(sns.open(R"({"Type": "UnsubscribeConfirmation", "Message": "x"})"),
              "envelope sns: UnsubscribeConfirmation, no notification");
}

TEST(Envelope, EventBridgeDetailIsTheBody) {
    Case event({Unwrap::EventBridge}, {"$envelope.detail-type", "$envelope.resources[1]", "$envelope.replay-name"});
    EXPECT_EQ(event.open(kEvent), R"({"id": 7} | order placed | arn:2 | absent)");
    EXPECT_EQ(event.open(R"({"detail": {}, "source": "s"})"),
              "envelope eventbridge: no event (`source`, `detail-type` and `detail`)");
    EXPECT_EQ(event.open(R"({"detail": "x", "source": "s", "detail-type": "t"})"),
              "envelope eventbridge: detail is no object");
    EXPECT_EQ(event.open("{"), "envelope eventbridge: no event (`source`, `detail-type` and `detail`)");
}

TEST(Envelope, StepsComeOffInTheirOrder) {
    Case both({Unwrap::Sns, Unwrap::EventBridge}, {"$envelope.MessageId", "$envelope.source"});
    EXPECT_EQ(both.open(notification_of(kEvent)), R"({"id": 7} | m-1 | shop)");
    Case packed({Unwrap::Base64, Unwrap::Gzip, Unwrap::Sns}, {"$envelope.MessageId"});
    EXPECT_EQ(packed.open(base64_of(gzip_of(notification_of("{}")))), "{} | m-1");
}

TEST(Envelope, Base64WithLineEndsAndWithoutPadding) {
    Case base64({Unwrap::Base64});
    EXPECT_EQ(base64.open("eyJhIjox\nfQ=="), R"({"a":1})");
    EXPECT_EQ(base64.open("eyJhIjoxfQ"), R"({"a":1})");
    EXPECT_EQ(base64.open(R"({"a":1})"), "envelope base64: the body is not base64");
    EXPECT_EQ(base64.open("eyJhI"), "envelope base64: the body is not base64");
}

TEST(Envelope, GzipAsBytesOrInBase64) {
    Case gzip({Unwrap::Gzip});
    EXPECT_EQ(gzip.open(gzip_of(R"({"a":1})")), R"({"a":1})");
    EXPECT_EQ(gzip.open(base64_of(gzip_of(R"({"a":1})"))), R"({"a":1})");
    EXPECT_EQ(gzip.open(gzip_of(R"({"a")") + gzip_of(":1}")), R"({"a":1})");  // two members, as `cat` makes them
    const std::string damaged = "envelope gzip: the body is not compressed like that, damaged or cut off";
    auto whole = gzip_of(R"({"a":1})");
    EXPECT_EQ(gzip.open(whole.substr(0, whole.size() - 1)), damaged);
    EXPECT_EQ(gzip.open(whole + "x"), damaged);
    whole[whole.size() - 6] ^= 1;  // its checksum
    EXPECT_EQ(gzip.open(whole), damaged);
    EXPECT_EQ(gzip.open(R"({"a":1})"), damaged);
    EXPECT_EQ(gzip.open(""), damaged);
}

TEST(Envelope, ABombIsNoBody) {
    Case gzip({Unwrap::Gzip});
    const auto bomb = gzip_of(std::string(8u << 20, ' '));
    EXPECT_LT(bomb.size(), 10'000u);
    EXPECT_EQ(gzip.open(bomb), "envelope gzip: the body would grow more than 200 times");
    gzip.options.max_unwrapped_bytes = 1000;
    EXPECT_EQ(gzip.open(bomb), "envelope gzip: the body is larger than max_unwrapped_bytes");
    EXPECT_EQ(gzip.open(gzip_of(std::string(1001, ' '))), "envelope gzip: the body is larger than max_unwrapped_bytes");
    EXPECT_EQ(gzip.open(gzip_of(std::string(1000, 'x'))), std::string(1000, 'x'));
}

TEST(Envelope, TheAttributeSaysHowABodyIsEncoded) {
    Case encoding({Unwrap::Encoding});
    const std::string body = R"({"a":1})";
    EXPECT_EQ(encoding.open(body), body);
    auto with = [&](std::string name, std::string value, std::string wrapped) {
        encoding.attributes = {{"other", "String", "gzip"}, {std::move(name), "String", std::move(value)}};
        return encoding.open(std::move(wrapped));
    };
    const auto packed = base64_of(gzip_of(body));
    EXPECT_EQ(with("Content-Encoding", "gzip", packed), body);
    EXPECT_EQ(with("contentEncoding", "GZIP", packed), body);
    EXPECT_EQ(with("content_encoding", "gzip, base64", packed), body);
    EXPECT_EQ(with("content-encoding", "base64,gzip", packed), body);
    EXPECT_EQ(with("ContentEncoding", "gzip+base64", packed), body);
    EXPECT_EQ(with("Content-Encoding", "base64", base64_of(body)), body);
    EXPECT_EQ(with("Content-Encoding", "identity", body), body);
    EXPECT_EQ(with("Content-Encoding", "", body), body);
    EXPECT_EQ(with("Content-Encoding", "deflate", base64_of(zlib_of(body))), body);
    EXPECT_EQ(with("Content-Encoding", "br", body),
              "envelope encoding: the attribute names an encoding other than gzip, deflate and base64");
    EXPECT_EQ(with("Content-Encoding", "gzip", body),
              "envelope encoding: the body is not compressed like that, damaged or cut off");
    EXPECT_EQ(with("Content-Encoding", "identity,identity,identity,identity,identity,identity", body),
              "envelope encoding: the attribute names too many encodings");
}

TEST(Envelope, TheAttributeMayHaveComeInTheNotification) {
    Case both({Unwrap::Sns, Unwrap::Encoding}, {"$attributes.Content-Encoding"});
    const auto packed = base64_of(gzip_of("{}"));
    EXPECT_EQ(both.open(R"({"Type":"Notification","Message":")" + packed +
                        R"(","MessageAttributes":{"Content-Encoding":{"Type":"String","Value":"gzip"}}})"),
              "{} | gzip");
}

TEST(Envelope, OneStageOpensManyMessages) {
    Case sns({Unwrap::Sns}, {"$envelope.Subject"});
    Envelope envelope(sns.options, sns.wanted);
    Received with;
    with.body = R"({"Type":"Notification","Message":"{}","Subject":"s"})";
    Received without;
    without.body = R"({"Type":"Notification","Message":"{\"a\":1}"})";
    EXPECT_EQ(envelope.open(with, nullptr)->fields[0].text, "s");
    auto opened = envelope.open(without, nullptr);
    EXPECT_EQ(opened->fields[0].kind, JsonKind::Absent);
    EXPECT_EQ(opened->body.text, R"({"a":1})");
}

}  // namespace
}  // namespace sqs2pg::pipeline
