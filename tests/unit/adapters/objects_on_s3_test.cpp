// Objects of S3: how they are asked for, and what each answer means for the message.
#include "adapters/objects_on_s3.h"

#include <gtest/gtest.h>

#include "adapters/object_checks.h"
#include "unit/aws/scripted_service.h"

namespace sqs2pg::adapters {
namespace {

class OneKey final : public aws::CredentialsProvider {
   public:
    awaitable<Result<aws::Credentials>> credentials() override {
        aws::Credentials keys;
        keys.access_key_id = "KEY";
        keys.secret_access_key = Secret("the-secret");
        co_return keys;
    }
    void invalidate() override {}
};

std::string refusal(std::string_view code) {
    return "<?xml version=\"1.0\"?><Error><Code>" + std::string(code) +
           "</Code><Message>a-key in a-bucket</Message></Error>";
}

struct ObjectsOnS3Test : testing::Test {
    ObjectsOnS3 objects(std::vector<std::string> buckets = {}) {
        S3Options options;
        options.endpoint = server.endpoint();
        options.endpoint.overridden = true;
        options.buckets = std::move(buckets);
        return {std::move(options), service, [this](auto operation, auto outcome) {
                    calls.push_back(std::string(operation) + " " + std::string(outcome));
                }};
    }
    Result<std::string> fetch(ObjectsOnS3& port, std::size_t most = 1000) {
        return test::run(loop, port.fetch({"a-bucket", "a key/ü", 0}, most));
    }
    // "body", or "Kind code: detail"
    std::string fetched(int status, std::string body, std::vector<std::string> buckets = {}) {
        for (int i = 0; i < 3; ++i) server.answer(status, body);  // a retry may want it again
        auto port = objects(std::move(buckets));
        auto result = fetch(port);
        server.answers.clear();
        if (result) return *result;
        return std::string(name_of(result.error().kind)) + " " + result.error().code + ": " + result.error().detail;
    }

    boost::asio::io_context loop{1};
    test::ScriptedService server{loop};
    net::HttpClient http{loop.get_executor()};
    OneKey keys;
    test::SwiftClock clock;
    aws::ServiceClient service{http, &keys, clock};
    std::vector<std::string> calls;
};

TEST_F(ObjectsOnS3Test, AsksForThePathWithItsKeyEncodedAndSigned) {
    server.answer(200, "{}");
    auto port = objects();
    EXPECT_EQ(fetch(port).value(), "{}");
    ASSERT_EQ(server.requests.size(), 1u);
    EXPECT_EQ(server.requests[0].method, "GET");
    EXPECT_EQ(server.requests[0].target, "/a-bucket/a%20key/%C3%BC");
    EXPECT_EQ(calls, (std::vector<std::string>{"GetObject ok"}));
}

TEST_F(ObjectsOnS3Test, WhatIsNotThereIsAMatterOfTheMessage) {
    EXPECT_EQ(fetched(404, refusal("NoSuchKey")), "bad_message NoSuchKey: the object is absent");
    EXPECT_EQ(fetched(403, refusal("InvalidObjectState")), "bad_message InvalidObjectState: the object is archived");
    EXPECT_EQ(fetched(404, refusal("NoSuchBucket")), "bad_message NoSuchBucket: the bucket is absent");
}

TEST_F(ObjectsOnS3Test, WhatIsDeniedOrConfiguredWrongPauses) {
    EXPECT_EQ(fetched(403, refusal("AccessDenied")),
              "configuration AccessDenied: GetObject in a bucket that a message names was refused: AccessDenied");
    EXPECT_EQ(fetched(403, refusal("AccessDenied"), {"a-bucket"}),
              "configuration AccessDenied: GetObject in the bucket \"a-bucket\" was refused: AccessDenied");
    EXPECT_EQ(fetched(404, refusal("NoSuchBucket"), {"a-bucket"}),
              "configuration NoSuchBucket: GetObject in the bucket \"a-bucket\" was refused: NoSuchBucket");
    EXPECT_EQ(fetched(400, refusal("KMS.DisabledException")),
              "configuration KMS.DisabledException: GetObject in a bucket that a message names was refused: "
              "KMS.DisabledException");
}

TEST_F(ObjectsOnS3Test, WhatTimeMendsIsTriedAgain) {
    EXPECT_TRUE(fetched(503, refusal("SlowDown")).starts_with("throttled SlowDown"));
    EXPECT_TRUE(fetched(500, refusal("InternalError")).starts_with("retry InternalError"));
    server.answer(500, refusal("InternalError"));
    server.answer(200, "{}");
    auto port = objects();
    EXPECT_EQ(fetch(port).value(), "{}");
}

TEST_F(ObjectsOnS3Test, AnObjectBeyondTheBoundIsNotRead) {
    server.answer(200, std::string(200'000, 'x'));
    auto port = objects();
    auto result = fetch(port, 100'000);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, pipeline::kObjectTooLarge);
    server.answer(200, std::string(1001, 'x'));
    EXPECT_EQ(fetch(port, 1000).error().code, pipeline::kObjectTooLarge);
    server.answer(200, std::string(1000, 'x'));
    EXPECT_EQ(fetch(port, 1000)->size(), 1000u);
}

TEST_F(ObjectsOnS3Test, ABucketOfAnotherRegionIsAskedThereFromThenOn) {
    server.answer(301, refusal("PermanentRedirect"), {{"x-amz-bucket-region", "eu-south-2"}});
    server.answer(200, "{}");
    server.answer(200, "{}");
    S3Options options;
    options.endpoint = server.endpoint();
    options.addressing = S3Options::Addressing::Path;
    std::vector<std::string> regions;
    options.endpoint_in = [&](const std::string& region) {
        regions.push_back(region);
        auto endpoint = server.endpoint();
        endpoint.region = region;
        return Result<aws::Endpoint>(endpoint);
    };
    ObjectsOnS3 port(std::move(options), service);
    EXPECT_EQ(fetch(port).value(), "{}");
    EXPECT_EQ(fetch(port).value(), "{}");
    EXPECT_EQ(regions, std::vector<std::string>{"eu-south-2"});
    ASSERT_EQ(server.requests.size(), 3u);
    EXPECT_NE(server.requests[2].header("authorization").find("/eu-south-2/s3/"), std::string_view::npos);
}

TEST_F(ObjectsOnS3Test, DeletingWhatIsGoneIsDone) {
    server.answer(204, "");
    server.answer(404, refusal("NoSuchKey"));
    server.answer(403, refusal("AccessDenied"));
    auto port = objects();
    EXPECT_TRUE(test::run(loop, port.remove({"a-bucket", "k", 0})));
    EXPECT_TRUE(test::run(loop, port.remove({"a-bucket", "k", 0})));
    EXPECT_EQ(test::run(loop, port.remove({"a-bucket", "k", 0})).error().code, "AccessDenied");
    EXPECT_EQ(server.requests[0].method, "DELETE");
}

TEST(ObjectChecks, HoldTheBodyAgainstWhatTheReplySays) {
    EXPECT_TRUE(is_intact({}, "hello"));
    EXPECT_TRUE(is_intact({{"x-amz-checksum-crc32", "NhCmhg=="}}, "hello"));
    EXPECT_FALSE(is_intact({{"X-Amz-Checksum-CRC32", "NhCmhg=="}}, "hellO"));
    EXPECT_TRUE(is_intact({{"x-amz-checksum-sha256", "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="}}, "hello"));
    EXPECT_FALSE(is_intact({{"x-amz-checksum-sha256", "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="}}, ""));
    EXPECT_TRUE(is_intact({{"x-amz-checksum-sha1", "qvTGHdzF6KLavt4PO0gs2a6pQ00="}}, "hello"));
    EXPECT_TRUE(is_intact({{"x-amz-checksum-crc32", "AAAAAA==-3"}}, "hello"));
    EXPECT_TRUE(is_intact({{"ETag", "\"5d41402abc4b2a76b9719d911017c592\""}}, "hello"));
    EXPECT_FALSE(is_intact({{"ETag", "\"5d41402abc4b2a76b9719d911017c592\""}}, "jello"));
    EXPECT_TRUE(is_intact({{"ETag", "\"5d41402abc4b2a76b9719d911017c592-2\""}}, "jello"));
    EXPECT_TRUE(is_intact(
        {{"ETag", "\"5d41402abc4b2a76b9719d911017c592\""}, {"x-amz-server-side-encryption", "aws:kms"}}, "jello"));
}

}  // namespace
}  // namespace sqs2pg::adapters
