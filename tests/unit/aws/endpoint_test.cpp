// Endpoints and signing regions from every combination of what may be told.
#include "aws/endpoint.h"

#include <gtest/gtest.h>

namespace sqs2pg::aws {
namespace {

struct Row {
    const char* region;
    const char* endpoint_url;
    const char* queue_url;
    const char* origin;
    const char* signing_region;
    bool overridden;
};

TEST(Endpoint, EveryWayToTellIt) {
    const Row rows[] = {
        {"eu-west-1", "", "", "https://sqs.eu-west-1.amazonaws.com", "eu-west-1", false},
        {"cn-north-1", "", "", "https://sqs.cn-north-1.amazonaws.com.cn", "cn-north-1", false},
        {"us-gov-west-1", "", "", "https://sqs.us-gov-west-1.amazonaws.com", "us-gov-west-1", false},
        {"us-iso-east-1", "", "", "https://sqs.us-iso-east-1.c2s.ic.gov", "us-iso-east-1", false},
        {"", "http://localhost:9324", "", "http://localhost:9324", "us-east-1", true},
        {"eu-west-1", "http://localhost:9324", "", "http://localhost:9324", "eu-west-1", true},
        // An endpoint wins over whatever host the queue's URL names.
        {"", "http://127.0.0.1:4566", "http://sqs.eu-west-1.localhost.localstack.cloud:4566/000000000000/q",
         "http://127.0.0.1:4566", "us-east-1", true},
        {"", "https://vpce-1-2.sqs.eu-west-2.vpce.amazonaws.com", "",
         "https://vpce-1-2.sqs.eu-west-2.vpce.amazonaws.com", "eu-west-2", true},
        // A queue's URL tells its region, and wins over another region: no other signature would be accepted there.
        {"", "", "https://sqs.eu-central-1.amazonaws.com/123456789012/q", "https://sqs.eu-central-1.amazonaws.com",
         "eu-central-1", false},
        {"us-east-1", "", "https://sqs.eu-central-1.amazonaws.com/1/q", "https://sqs.eu-central-1.amazonaws.com",
         "eu-central-1", false},
        {"", "", "https://sqs-fips.us-east-2.amazonaws.com/1/q", "https://sqs-fips.us-east-2.amazonaws.com",
         "us-east-2", false},
        {"", "", "https://sqs.eu-west-1.api.aws/1/q", "https://sqs.eu-west-1.api.aws", "eu-west-1", false},
        // The hosts of old URLs are not asked any more, as in the SDKs: the region is enough.
        {"", "", "https://eu-west-1.queue.amazonaws.com/1/q", "https://sqs.eu-west-1.amazonaws.com", "eu-west-1",
         false},
        {"", "", "https://queue.amazonaws.com/1/q", "https://sqs.us-east-1.amazonaws.com", "us-east-1", false},
        {"", "", "https://vpce-1-2.sqs.eu-west-2.vpce.amazonaws.com/1/q",
         "https://vpce-1-2.sqs.eu-west-2.vpce.amazonaws.com", "eu-west-2", false},
        {"us-east-1", "", "arn:aws-cn:sqs:cn-north-1:123456789012:q.fifo", "https://sqs.cn-north-1.amazonaws.com.cn",
         "cn-north-1", false},
        {"", "http://localhost:9324", "arn:aws:sqs:eu-west-3:123456789012:q", "http://localhost:9324", "eu-west-3",
         true},
        {"fips-us-east-2", "", "", "https://sqs-fips.us-east-2.amazonaws.com", "us-east-2", false},
        {"us-west-1-fips", "", "", "https://sqs-fips.us-west-1.amazonaws.com", "us-west-1", false},
        {"", "", "http://localhost:9324/000000000000/q", "http://localhost:9324", "us-east-1", true},
        // A host that only looks like AWS's tells no region.
        {"", "", "https://sqs.eu-west-1.notamazonaws.com/1/q", "https://sqs.eu-west-1.notamazonaws.com", "us-east-1",
         true},
    };
    for (const auto& row : rows) {
        auto endpoint =
            resolve_endpoint({.region = row.region, .endpoint_url = row.endpoint_url, .queue_url = row.queue_url});
        ASSERT_TRUE(endpoint) << row.origin << ": " << describe(endpoint.error());
        EXPECT_EQ(endpoint->url.origin(), row.origin);
        EXPECT_EQ(endpoint->region, row.signing_region) << row.origin;
        EXPECT_EQ(endpoint->overridden, row.overridden) << row.origin;
        EXPECT_EQ(endpoint->url.target, "/") << row.origin;
    }
}

TEST(Endpoint, WhatCannotBeToldIsAConfigurationErrorThatSaysWhatToSet) {
    auto nothing = resolve_endpoint({});
    ASSERT_FALSE(nothing);
    EXPECT_EQ(nothing.error().kind, ErrorKind::Configuration);
    EXPECT_NE(nothing.error().detail.find("AWS_REGION"), std::string::npos);
    for (const auto* region : {"eu-west-1.evil.com/", "EU", "eu west"}) {
        auto bad = resolve_endpoint({.region = region});
        ASSERT_FALSE(bad) << region;
        EXPECT_EQ(bad.error().kind, ErrorKind::Configuration);
    }
    auto bad_url = resolve_endpoint({.region = "eu-west-1", .endpoint_url = "localhost:9324"});
    ASSERT_FALSE(bad_url);
    EXPECT_NE(bad_url.error().detail.find("endpoint URL"), std::string::npos) << bad_url.error().detail;
}

}  // namespace
}  // namespace sqs2pg::aws
