// `unwrap:` and what stands beside it.
#include <gtest/gtest.h>

#include "unit/config/texts.h"

namespace sqs2pg::config {
namespace {

using namespace testing_texts;
using pipeline::Unwrap;

PipelineSettings read(const std::string& more) {
    auto loaded = load_text(kRight + more, "f.yaml", no_environment());
    EXPECT_EQ(text_of(loaded.mistakes), "");
    return loaded.settings.pipelines.at(0);
}

TEST(Unwrapping, OneWordOrAListInItsOrder) {
    EXPECT_TRUE(read("").unwrap.empty());
    EXPECT_EQ(read("    unwrap: sns\n").unwrap, std::vector{Unwrap::Sns});
    EXPECT_EQ(read("    unwrap: [base64, gzip, sns]\n").unwrap,
              (std::vector{Unwrap::Base64, Unwrap::Gzip, Unwrap::Sns}));
    EXPECT_EQ(read("").max_unwrapped_bytes, 16u << 20);
    EXPECT_EQ(read("    unwrap: gzip\n    max_unwrapped_bytes: 1MiB\n").max_unwrapped_bytes, 1u << 20);
}

TEST(Unwrapping, ColumnsAndConditionsTakeFieldsOfTheEnvelope) {
    auto loaded = load_text(
        "keys: {file: /k}\n"
        "pipelines:\n"
        "  p:\n"
        "    queue: q\n"
        "    unwrap: [sns, eventbridge]\n"
        "    routes:\n"
        "      - when: {$envelope.detail-type: OrderPlaced, $envelope.TopicArn: arn}\n"
        "        table: t\n"
        "        columns: {a: '$envelope.resources[0]', b: $attributes.kind, c: id}\n",
        "f.yaml", no_environment());
    EXPECT_EQ(text_of(loaded.mistakes), "");
    const auto& route = loaded.settings.pipelines.at(0).routes.at(0);
    EXPECT_EQ(route.when.at(0).from.metadata, pipeline::Metadata::Envelope);
    EXPECT_EQ(route.columns.at(0).from.path.size(), 2u);
}

TEST(Unwrapping, WhereTheObjectsAre) {
    auto settings = read(
        "    unwrap: s3-pointer\n"
        "    s3: {buckets: [one-bucket, other.bucket], delete_object: true, region: eu-west-1, addressing: path,\n"
        "         endpoint_url: 'http://127.0.0.1:5000'}\n");
    EXPECT_EQ(settings.objects.buckets, (std::vector<std::string>{"one-bucket", "other.bucket"}));
    EXPECT_TRUE(settings.objects.delete_object);
    EXPECT_EQ(settings.s3.region, "eu-west-1");
    EXPECT_EQ(settings.s3.endpoint_url, "http://127.0.0.1:5000");
    EXPECT_EQ(settings.s3.addressing, S3Settings::Addressing::Path);
    EXPECT_EQ(read("    unwrap: s3-pointer\n    s3: {buckets: lone-bucket}\n").objects.buckets.size(), 1u);
}

TEST(Unwrapping, ATopicsPointersAreNotOnesOwnToDelete) {
    auto loaded = load_text(kRight + "    unwrap: [sns, s3-pointer]\n    s3: {buckets: b-b, delete_object: true}\n",
                            "f.yaml", no_environment());
    EXPECT_EQ(text_of(loaded.mistakes), "");
    EXPECT_NE(text_of(loaded.warnings).find("a topic hands one pointer to all of its subscribers"), std::string::npos);
}

TEST(Unwrapping, MayStandInDefaults) {
    auto loaded = load_text("defaults: {unwrap: sns}\n" + kRight, "f.yaml", no_environment());
    EXPECT_EQ(text_of(loaded.mistakes), "");
    EXPECT_EQ(loaded.settings.pipelines.at(0).unwrap, std::vector{Unwrap::Sns});
}

}  // namespace
}  // namespace sqs2pg::config
