// Log lines as text and JSON: one line whatever bytes come, and JSON that stays JSON.
#include "telemetry/log_line.h"

#include <gtest/gtest.h>

namespace sqs2pg::telemetry {
namespace {

constexpr std::int64_t kSixOClock = 1795370400123;  // 2026-11-22T18:00:00.123Z

std::string text_of(std::string_view pipeline, std::string_view sentence, std::initializer_list<Field> fields = {}) {
    return text_line({kSixOClock, LogLevel::Warn, "event", pipeline, sentence, {fields.begin(), fields.size()}});
}

std::string json_of(std::string_view pipeline, std::string_view sentence, std::initializer_list<Field> fields = {}) {
    return json_line({kSixOClock, LogLevel::Warn, "event", pipeline, sentence, {fields.begin(), fields.size()}});
}

TEST(LogLine, TextHasTimeLevelPipelineSentenceAndFields) {
    EXPECT_EQ(text_of("logins", "a sentence", {{"reason", "not_json"}, {"count", std::uint64_t{7}}, {"s", 0.25}}),
              "2026-11-22T18:00:00.123Z WARN logins: a sentence reason=not_json count=7 s=0.250");
}

TEST(LogLine, TextOfTheProcessHasNoPipeline) {
    EXPECT_EQ(text_of("", "starts"), "2026-11-22T18:00:00.123Z WARN starts");
}

TEST(LogLine, TextQuotesWhatWouldNotReadAsOneValue) {
    EXPECT_EQ(text_of("", "s", {{"a", "two words"}, {"b", "say \"x\""}, {"c", ""}, {"d", "k=v"}}),
              R"(2026-11-22T18:00:00.123Z WARN s a="two words" b="say \"x\"" c="" d="k=v")");
}

TEST(LogLine, TextStaysOneLine) {
    const auto line = text_of("p\nq", "one\ntwo\r", {{"a", std::string_view("\t\0\x1b[31m", 7)}});
    EXPECT_EQ(line.find('\n'), std::string::npos);
    EXPECT_EQ(line, R"(2026-11-22T18:00:00.123Z WARN p\nq: one\ntwo\r a="\t\u0000\u001b[31m")");
}

TEST(LogLine, JsonHasItsFieldsTyped) {
    EXPECT_EQ(json_of("logins", "a sentence",
                      {{"code", "42P01"}, {"n", std::int64_t{-3}}, {"m", std::uint64_t{3}}, {"s", 0.5}}),
              R"({"ts":"2026-11-22T18:00:00.123Z","level":"warn","event":"event","pipeline":"logins",)"
              R"("message":"a sentence","code":"42P01","n":-3,"m":3,"s":0.500000})");
}

TEST(LogLine, JsonEscapesQuotesBackslashesAndControls) {
    EXPECT_EQ(json_of("", "a\"b\\c\nd\x01"),
              R"({"ts":"2026-11-22T18:00:00.123Z","level":"warn","event":"event","message":"a\"b\\c\nd\u0001"})");
}

TEST(LogLine, JsonReplacesInvalidUtf8AndKeepsValid) {
    std::string out;
    append_json(out, "\xC3\xA9 \xFF \xE2\x82 \xED\xA0\x80 \xF0\x9F\x98\x80 \xC0\xAF");
    // é stays; a lone byte, a cut sequence, a surrogate and an overlong form become U+FFFD a byte; the emoji stays.
    EXPECT_EQ(out,
              "\"\xC3\xA9 \xEF\xBF\xBD \xEF\xBF\xBD\xEF\xBF\xBD \xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD "
              "\xF0\x9F\x98\x80 \xEF\xBF\xBD\xEF\xBF\xBD\"");
}

TEST(LogLine, JsonHasNullForWhatIsNoNumber) {
    const auto line = json_of("", "s", {{"x", 1.0 / 0.0}});
    EXPECT_NE(line.find(R"("x":null})"), std::string::npos) << line;
}

TEST(LogLine, TimestampsBeforeTheMinutePadTheirParts) {
    EXPECT_EQ(timestamp(0), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(timestamp(1009), "1970-01-01T00:00:01.009Z");
}

}  // namespace
}  // namespace sqs2pg::telemetry
