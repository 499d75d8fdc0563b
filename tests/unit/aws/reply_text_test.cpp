// JSON members, XML elements and times of replies.
#include "aws/reply_text.h"

#include <gtest/gtest.h>

namespace sqs2pg::aws {
namespace {

TEST(ReplyText, MembersOfJsonAreFoundByPathAndType) {
    auto reply = JsonReply::parse(R"({"a":"x\u00e9","n":7,"b":{"c":"deep","d":null},"b.c":"no"})");
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->text("a"), "xé");
    EXPECT_EQ(reply->text("b.c"), "deep");
    EXPECT_EQ(reply->number("n"), 7);
    EXPECT_FALSE(reply->text("n"));
    EXPECT_FALSE(reply->text("b.d"));
    EXPECT_FALSE(reply->text("a.c"));
    EXPECT_TRUE(reply->has("b.d"));
    EXPECT_FALSE(reply->has("absent"));
    for (const auto* bad : {"", "[]", "\"x\"", "{", "{\"a\":1} x", "<html>"})
        EXPECT_FALSE(JsonReply::parse(bad)) << bad;
    EXPECT_FALSE(JsonReply::parse("{\"a\":" + std::string(1000, '[') + std::string(1000, ']') + "}"));
}

TEST(ReplyText, ElementsOfXmlAreFoundByNameWithTheirEntities) {
    std::string text = "<R xmlns=\"x\"><AB>no</AB><A>1 &lt; 2 &amp; &#x41;&#66;</A><E/><N><M>x</M></N></R>";
    EXPECT_EQ(xml_text(text, "A"), "1 < 2 & AB");
    EXPECT_EQ(xml_text(text, "E"), "");
    EXPECT_EQ(xml_text(text, "M"), "x");
    EXPECT_FALSE(xml_text(text, "N"));
    EXPECT_FALSE(xml_text(text, "Z"));
    for (const auto* bad : {"<A>", "<A>x", "<A>x</B>", "<A>&nope;</A>", "<A>&#xD800;</A>", "<A>&amp</A>", "<"}) {
        EXPECT_FALSE(xml_text(bad, "A")) << bad;
    }
}

TEST(ReplyText, TimesOfEveryWriterAreRead) {
    const std::int64_t ten = 1'795'600'800'000;
    EXPECT_EQ(parse_iso_time("2026-11-25T10:00:00Z"), ten);
    EXPECT_EQ(parse_iso_time("2026-11-25T10:00:00UTC"), ten);
    EXPECT_EQ(parse_iso_time("2026-11-25T11:30:00+01:30"), ten);
    EXPECT_EQ(parse_iso_time("2026-11-25T05:00:00-0500"), ten);
    EXPECT_EQ(parse_iso_time("2026-11-25T10:00:00.123456789Z"), ten + 123);
    for (const auto* bad : {"", "2026-11-25", "2026-11-25T10:00:00", "2026-13-25T10:00:00Z", "2026-02-30T10:00:00Z",
                            "2026-11-25T25:00:00Z", "2026-11-25T10:00:00.Z", "2026-11-25T10:00:00Zx", "soon"}) {
        EXPECT_FALSE(parse_iso_time(bad)) << bad;
    }
}

}  // namespace
}  // namespace sqs2pg::aws
