// One pass over a body: finding paths and proving that all of it is JSON.
#include "pipeline/decode.h"

#include <gtest/gtest.h>

namespace sqs2pg::pipeline {
namespace {

Decoder decoder_of(std::initializer_list<std::string_view> paths) {
    std::vector<std::vector<PathStep>> steps;
    for (auto path : paths) steps.push_back(parse_source(path)->path);
    return Decoder(steps);
}

std::string kind_name(JsonKind kind) {
    switch (kind) {
        case JsonKind::Absent:
            return "absent";
        case JsonKind::Null:
            return "null";
        case JsonKind::Bool:
            return "bool";
        case JsonKind::Number:
            return "number";
        case JsonKind::String:
            return "string";
        case JsonKind::Object:
            return "object";
        case JsonKind::Array:
            return "array";
        case JsonKind::BadText:
            return "bad text";
    }
    return "";
}

std::string found(std::initializer_list<std::string_view> paths, std::string body) {
    auto decoder = decoder_of(paths);
    auto values = decoder.decode(body);
    if (!values) return values.error().reason;
    std::string shown;
    for (const auto& value : *values) {
        shown += (shown.empty() ? "" : ", ") + kind_name(value.kind) +
                 (value.text.empty() ? "" : " " + std::string(value.text));
    }
    return shown;
}

TEST(Decode, FindsValuesInAnyOrderAsText) {
    EXPECT_EQ(found({"a", "b", "c", "d"}, R"({"d":null,"c":true,"b":1.50,"a":"x"})"),
              "string x, number 1.50, bool true, null null");
    EXPECT_EQ(found({"a"}, R"({"a":"tab\there \u00e9 \ud83d\ude00"})"), "string tab\there é 😀");
    EXPECT_EQ(found({"a"}, R"({"b":1})"), "absent");
    EXPECT_EQ(found({"a"}, R"({"a":123456789012345678901234567890.000001e+400})"),
              "number 123456789012345678901234567890.000001e+400");
    EXPECT_EQ(found({"größe"}, R"({"gr\u00f6\u00dfe":1})"), "number 1");
}

TEST(Decode, FollowsMembersAndIndexes) {
    EXPECT_EQ(found({"u.c", "i[1].id", "u", "i"}, R"({"u": {"c" : "x" } ,"i":[ {"id":1}, {"id":2} ]})"),
              R"(string x, number 2, object {"c" : "x" }, array [ {"id":1}, {"id":2} ])");
    EXPECT_EQ(found({"[1]"}, "[1,2,3]"), "number 2");
    EXPECT_EQ(found({"a.b"}, R"({"a":5})"), "absent");
    EXPECT_EQ(found({"a[0]"}, R"({"a":{"0":5}})"), "absent");
}

TEST(Decode, OfDuplicateKeysTheLastWinsWhole) {
    EXPECT_EQ(found({"a"}, R"({"a":1,"a":2})"), "number 2");
    EXPECT_EQ(found({"u.c"}, R"({"u":{"c":1},"u":{"d":2}})"), "absent");
    EXPECT_EQ(found({"u.c"}, R"({"u":{"c":1},"u":7})"), "absent");
}

TEST(Decode, RefusesWhatIsNotJsonEvenWhereNoPathLeads) {
    for (const char* body : {"",
                             "   ",
                             "{",
                             "}",
                             "[",
                             "{\"a\":1",
                             "{\"a\":1}x",
                             "{\"a\":1}{}",
                             "{\"x\":tru,\"a\":1}",
                             "{\"x\":01,\"a\":1}",
                             "{\"x\":1.,\"a\":1}",
                             "{\"x\":.5,\"a\":1}",
                             "{\"x\":+1,\"a\":1}",
                             "{\"x\":1e,\"a\":1}",
                             "{\"x\":NaN,\"a\":1}",
                             "{\"x\":nul,\"a\":1}",
                             "{\"x\":nulll,\"a\":1}",
                             "{\"x\":\"\\q\",\"a\":1}",
                             "{\"x\":\"\\u12g4\",\"a\":1}",
                             "{\"x\":[1,],\"a\":1}",
                             "{\"x\":[1 2],\"a\":1}",
                             "{\"x\":{\"y\":1,},\"a\":1}",
                             "{\"x\":{\"y\" 1},\"a\":1}",
                             "{\"x\":{y:1},\"a\":1}",
                             "{'a':1}",
                             "{\"a\":1,}",
                             "{\"a\"}",
                             "{\"a\":}",
                             "{\"a\":\"open}",
                             "{\"a\":\"line\nbreak\"}",
                             "{\"x\":[}, \"a\":1}",
                             "{\"x\":{]}",
                             "abc",
                             "truefalse",
                             "1 2",
                             "\"a\" \"b\"",
                             "\"open",
                             "// c\n{}",
                             "{\"a\":1]"}) {
        EXPECT_EQ(found({"a"}, body), "not_json") << body;
    }
}

TEST(Decode, AcceptsEveryJsonText) {
    for (const char* body : {"{}", "[]", "null", "true", " 12 ", "-0.5e-7", "\"text\"", "[[[]]]", "{\"x\":{}}",
                             "{\"x\":[{},[],\"\\ud800\"]}"}) {
        EXPECT_EQ(found({"a"}, body), "absent") << body;
    }
}

TEST(Decode, TellsTextThatIsNoTextApart) {
    EXPECT_EQ(found({"a"}, R"({"a":"\ud800"})"), "bad text");
    EXPECT_EQ(found({"a"}, R"({"a":"\udc00\ud800"})"), "bad text");
    EXPECT_EQ(found({"b"}, R"({"a":"\ud800","b":1})"), "number 1");
    EXPECT_EQ(found({"b"}, R"({"\ud800":1,"b":2})"), "number 2");
    EXPECT_EQ(found({"a"}, "{\"a\":\"\xff\"}"), "invalid_text");
    EXPECT_EQ(found({"a"}, "{\"b\":\"\xc0\xaf\",\"a\":1}"), "invalid_text");
}

TEST(Decode, BoundsTheNesting) {
    auto nested = [](std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); };
    EXPECT_EQ(found({"a"}, nested(1000)), "absent");
    EXPECT_EQ(found({"a"}, nested(1001)), "not_json");
    EXPECT_EQ(found({"a"}, nested(500'000)), "not_json");
    EXPECT_EQ(found({"a"}, "{\"x\":" + nested(998) + ",\"a\":1}"), "number 1");
}

TEST(Decode, TakesABodyOfOneMebibyte) {
    std::string text(1'048'000, 'x');
    EXPECT_EQ(found({"a"}, "{\"b\":\"" + text + "\",\"a\":1}"), "number 1");
}

TEST(Decode, CanBeUsedAgainAndAgain) {
    auto decoder = decoder_of({"a"});
    for (int i = 0; i < 100; ++i) {
        std::string good = R"({"a":")" + std::to_string(i) + "\"}";
        auto values = decoder.decode(good);
        ASSERT_TRUE(values);
        EXPECT_EQ((*values)[0].text, std::to_string(i));
        std::string bad = "{\"a\":";
        EXPECT_FALSE(decoder.decode(bad));
    }
}

}  // namespace
}  // namespace sqs2pg::pipeline
