// Conversions of single values.
#include "pipeline/convert.h"

#include <gtest/gtest.h>

namespace sqs2pg::pipeline {
namespace {

std::string converted(Convert convert, std::string_view text, pg::TypeClass target = pg::TypeClass::Text,
                      JsonKind kind = JsonKind::String) {
    std::string scratch;
    auto result = convert_value(convert, JsonValue{kind, text}, target, scratch);
    return result ? std::string(*result) : "refused";
}

TEST(Convert, MajorVersionKeepsTheFirstNumber) {
    EXPECT_EQ(converted(Convert::MajorVersion, "2.3.0"), "2");
    EXPECT_EQ(converted(Convert::MajorVersion, "0.96"), "0");
    EXPECT_EQ(converted(Convert::MajorVersion, "17"), "17");
    EXPECT_EQ(converted(Convert::MajorVersion, "3-beta"), "3");
    EXPECT_EQ(converted(Convert::MajorVersion, ""), "refused");
    EXPECT_EQ(converted(Convert::MajorVersion, "v2.3"), "refused");
    EXPECT_EQ(converted(Convert::MajorVersion, "2x"), "refused");
    EXPECT_EQ(converted(Convert::MajorVersion, "-1.0"), "refused");
    EXPECT_EQ(converted(Convert::MajorVersion, "true", pg::TypeClass::Int4, JsonKind::Bool), "refused");
}

TEST(Convert, LettersAndBlanks) {
    EXPECT_EQ(converted(Convert::Lower, "DE_at-É9"), "de_at-É9");
    EXPECT_EQ(converted(Convert::Upper, "de{é}"), "DE{é}");
    EXPECT_EQ(converted(Convert::Trim, " \t x y\n"), "x y");
}

TEST(Convert, EpochsBecomeUtcTimes) {
    EXPECT_EQ(converted(Convert::EpochSeconds, "0", pg::TypeClass::Date), "1970-01-01");
    EXPECT_EQ(converted(Convert::EpochSeconds, "1700000000.5", pg::TypeClass::Timestamp), "2023-11-14 22:13:20.500");
    EXPECT_EQ(converted(Convert::EpochMillis, "1700000000123", pg::TypeClass::TimestampTz),
              "2023-11-14 22:13:20.123+00");
    EXPECT_EQ(converted(Convert::EpochMillis, "-1", pg::TypeClass::Text), "1969-12-31T23:59:59.999Z");
    EXPECT_EQ(converted(Convert::EpochSeconds, "-0.001", pg::TypeClass::Text), "1969-12-31T23:59:59.999Z");
    EXPECT_EQ(converted(Convert::EpochSeconds, "1.0001", pg::TypeClass::Text), "refused");
    EXPECT_EQ(converted(Convert::EpochSeconds, "1e9", pg::TypeClass::Text), "refused");
    EXPECT_EQ(converted(Convert::EpochSeconds, "99999999999999999999", pg::TypeClass::Text), "refused");
    EXPECT_EQ(converted(Convert::EpochSeconds, "9223372036854775807", pg::TypeClass::Text), "refused");
    EXPECT_EQ(converted(Convert::EpochSeconds, "soon", pg::TypeClass::Text), "refused");
}

TEST(Convert, Base64DecodesBothAlphabets) {
    EXPECT_EQ(converted(Convert::Base64, "aGVsbG8="), "hello");
    EXPECT_EQ(converted(Convert::Base64, "aGVsbG8", pg::TypeClass::Bytea), "\\x68656c6c6f");
    EXPECT_EQ(converted(Convert::Base64, "-_-_", pg::TypeClass::Bytea), "\\xfbffbf");
    EXPECT_EQ(converted(Convert::Base64, "a"), "refused");
    EXPECT_EQ(converted(Convert::Base64, "a*b="), "refused");
}

TEST(Convert, JsonGivesAStringItsQuotesBack) {
    EXPECT_EQ(converted(Convert::Json, "a\"b\n"), R"("a\"b\u000a")");
    EXPECT_EQ(converted(Convert::Json, "{\"a\":1}", pg::TypeClass::Jsonb, JsonKind::Object), "{\"a\":1}");
    EXPECT_EQ(converted(Convert::Json, "12", pg::TypeClass::Jsonb, JsonKind::Number), "12");
}

}  // namespace
}  // namespace sqs2pg::pipeline
