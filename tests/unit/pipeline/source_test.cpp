// The grammar of `from:`.
#include <gtest/gtest.h>

#include "pipeline/options.h"

namespace sqs2pg::pipeline {
namespace {

std::string shown(std::string_view text) {
    auto source = parse_source(text);
    if (!source) return "error " + source.error().detail;
    std::string shown;
    for (const auto& step : source->path) {
        shown += step.index ? "[" + std::to_string(*step.index) + "]" : "<" + step.member + ">";
    }
    return shown;
}

TEST(Source, ReadsMembersAndIndexes) {
    EXPECT_EQ(shown("user_id"), "<user_id>");
    EXPECT_EQ(shown("user.address.city"), "<user><address><city>");
    EXPECT_EQ(shown("items[0].id"), "<items>[0]<id>");
    EXPECT_EQ(shown("[3][12]"), "[3][12]");
    EXPECT_EQ(shown("$.a.b"), "<a><b>");
    EXPECT_EQ(shown(R"("odd.name"."with \"quotes\"" )").substr(0, 5), "error");
    EXPECT_EQ(shown(R"("odd.name"."with \"quotes\"".x)"), "<odd.name><with \"quotes\"><x>");
    EXPECT_EQ(shown("größe"), "<größe>");
}

TEST(Source, RefusesWithThePosition) {
    EXPECT_EQ(shown(""), "error at character 1 of the path: the path is empty");
    EXPECT_EQ(shown("a..b"), "error at character 3 of the path: a member's name is missing");
    EXPECT_EQ(shown("a."), "error at character 3 of the path: a member's name is missing");
    EXPECT_EQ(shown("a[x]"), "error at character 3 of the path: an index is a number, as in items[0]");
    EXPECT_EQ(shown("a[1"), "error at character 4 of the path: ']' is missing");
    EXPECT_EQ(shown("a.[1]"), "error at character 3 of the path: a member's name must follow the dot");
    EXPECT_EQ(shown("a[1]b"), "error at character 5 of the path: '.' or '[' must follow");
    EXPECT_EQ(shown("\"open"), "error at character 1 of the path: the closing quote is missing");
    EXPECT_EQ(shown("a b"),
              "error at character 2 of the path: put the name in double quotes to use this character in it");
    EXPECT_EQ(shown("a[99999999999999999999]").substr(0, 5), "error");
    EXPECT_EQ(shown(std::string(10'001, 'x')).substr(0, 5), "error");
}

TEST(Source, KnowsMessageMetadata) {
    EXPECT_EQ(parse_source("$sent_at")->metadata, Metadata::SentAt);
    EXPECT_EQ(parse_source("$sequence_number")->metadata, Metadata::SequenceNumber);
    EXPECT_EQ(parse_source("$body")->metadata, Metadata::Body);
    auto attribute = parse_source("$attributes.trace.id");
    EXPECT_EQ(attribute->metadata, Metadata::Attribute);
    EXPECT_EQ(attribute->attribute, "trace.id");
    EXPECT_FALSE(parse_source("$sent"));
    EXPECT_FALSE(parse_source("$attributes."));
}

}  // namespace
}  // namespace sqs2pg::pipeline
