// The extended client's pointers: which message is one, what it points at, and what was fetched as the body.
#include <gtest/gtest.h>

#include "pipeline/envelope.h"
#include "unit/pipeline/wrapped.h"

namespace sqs2pg::pipeline {
namespace {

using namespace testing_wrapped;

struct Case {
    PipelineOptions options;
    std::vector<MessageAttribute> attributes;

    explicit Case(std::vector<Unwrap> steps = {Unwrap::S3Pointer}) { options.unwrap = std::move(steps); }

    // "bucket/key size", "none", or why the message is bad.
    std::string object_of(std::string body) {
        Envelope envelope(options, {});
        Received message;
        message.body = std::move(body);
        message.attributes = attributes;
        auto ref = envelope.object_of(message);
        if (!ref) return ref.error().reason + " " + ref.error().place;
        if (!*ref) return "none";
        return (*ref)->bucket + "/" + (*ref)->key + " " + std::to_string((*ref)->claimed_bytes);
    }
};

TEST(Pointer, BothNamesOfItsClassAndBothAttributes) {
    Case pointer;
    EXPECT_EQ(pointer.object_of(pointer_to("a-bucket", "a/key")), "a-bucket/a/key 0");
    pointer.attributes = {{"ExtendedPayloadSize", "Number", "300000"}};
    EXPECT_EQ(pointer.object_of(pointer_to("a-bucket", "a/key")), "a-bucket/a/key 300000");
    pointer.attributes = {{"SQSLargePayloadSize", "Number", "7"}};
    EXPECT_EQ(pointer.object_of(pointer_to("a-bucket", "k", "com.amazon.sqs.javamessaging.MessageS3Pointer")),
              "a-bucket/k 7");
}

TEST(Pointer, ASmallMessageHasNone) {
    Case pointer;
    EXPECT_EQ(pointer.object_of(R"({"id": 7})"), "none");
    EXPECT_EQ(pointer.object_of("not json"), "none");
    EXPECT_EQ(pointer.object_of(R"(["x", {"about": "S3Pointer"}])"), "none");
    EXPECT_EQ(pointer.object_of(pointer_to("a-bucket", "k", "some.other.S3Pointer")), "none");
    Case other({Unwrap::Sns});
    EXPECT_EQ(other.object_of(notification_of(pointer_to("a-bucket", "k"))), "none");
}

TEST(Pointer, WhatTheAttributeAnnouncesMustBeThere) {
    Case pointer;
    pointer.attributes = {{"ExtendedPayloadSize", "Number", "10"}};
    const std::string none = "envelope s3-pointer: no pointer, though an attribute announces one";
    EXPECT_EQ(pointer.object_of(R"({"id": 7})"), none);
    EXPECT_EQ(pointer.object_of("{"), none);
    EXPECT_EQ(pointer.object_of(pointer_to("", "k")), "envelope s3-pointer: s3BucketName is no bucket's name");
}

TEST(Pointer, NamesThatWouldLeaveTheBucketAreRefused) {
    Case pointer;
    const std::string bad = "envelope s3-pointer: s3BucketName is no bucket's name";
    for (auto name : {"evil.example/x", "a@b", "a b", "..", "a..b", ".abc", "abc.", "ab", "a#b", "a:80", "a?b"}) {
        EXPECT_EQ(pointer.object_of(pointer_to(name, "k")), bad) << name;
    }
    EXPECT_EQ(pointer.object_of(pointer_to("a-bucket", "")), "envelope s3-pointer: s3Key is no object's key");
    EXPECT_EQ(pointer.object_of(pointer_to("a-bucket", std::string(1025, 'k'))),
              "envelope s3-pointer: s3Key is no object's key");
}

TEST(Pointer, OnlyToTheBucketsThatAreAllowed) {
    Case pointer;
    pointer.options.objects.buckets = {"ours", "also-ours"};
    EXPECT_EQ(pointer.object_of(pointer_to("also-ours", "k")), "also-ours/k 0");
    EXPECT_EQ(pointer.object_of(pointer_to("theirs", "k")), "envelope s3-pointer: s3BucketName is none of s3.buckets");
}

TEST(Pointer, TheObjectIsTheBodyOfTheStepsBehindIt) {
    PipelineOptions options;
    options.unwrap = {Unwrap::Sns, Unwrap::S3Pointer, Unwrap::Gzip};
    std::vector<Source> wanted{parse_source("$envelope.s3Key", options.unwrap).value(),
                               parse_source("$envelope.MessageId", options.unwrap).value()};
    Envelope envelope(options, wanted);
    Received message;
    message.body = notification_of(pointer_to("a-bucket", "the-key"));
    auto ref = envelope.object_of(message);
    ASSERT_TRUE(ref && *ref);
    auto object = gzip_of(R"({"a":1})");
    auto opened = envelope.open(message, &object);
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->body.text, R"({"a":1})");
    EXPECT_EQ(opened->fields[0].text, "the-key");
    EXPECT_EQ(opened->fields[1].text, "m-1");
    EXPECT_EQ(envelope.open(message, nullptr).error().place, "s3-pointer: the object was not fetched");

    Received small;
    small.body = notification_of(base64_of(gzip_of("{}")));
    opened = envelope.open(small, nullptr);
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->body.text, "{}");
    EXPECT_EQ(opened->fields[0].kind, JsonKind::Absent);
}

}  // namespace
}  // namespace sqs2pg::pipeline
