// COPY text rows and verdicts without a server; the verdicts beside a server's own: check_server_test.cpp.
#include "pg/copy.h"

#include <gtest/gtest.h>

namespace sqs2pg::pg {
namespace {

Column column(TypeClass type, int max_length = 0, int precision = 0, int scale = 0) {
    Column result;
    result.type = type;
    result.max_length = max_length;
    result.precision = precision;
    result.scale = scale;
    return result;
}

std::string escaped(std::string_view text) {
    std::string line;
    append_field(line, text);
    return line;
}

TEST(AppendField, escapes_what_copy_reads_specially_and_nothing_else) {
    EXPECT_EQ(escaped("plain text"), "plain text");
    EXPECT_EQ(escaped("a\tb\nc\rd\\e"), "a\\tb\\nc\\rd\\\\e");
    EXPECT_EQ(escaped("\\N"), "\\\\N");
    EXPECT_EQ(escaped("\\."), "\\\\.");
    EXPECT_EQ(escaped("\b\f\v\x01 \xC3\xA9"), "\b\f\v\x01 \xC3\xA9");
    EXPECT_EQ(escaped(""), "");
}

TEST(AppendField, finds_a_special_byte_at_every_place_of_a_word) {
    for (std::size_t length = 1; length < 40; ++length) {
        for (std::size_t place = 0; place < length; ++place) {
            for (char special : {'\\', '\t', '\n', '\r'}) {
                std::string text(length, '\x5B');  // neighbours of the backslash's code
                text[place] = special;
                char letter = special == '\\' ? '\\' : special == '\t' ? 't' : special == '\n' ? 'n' : 'r';
                auto expected = text.substr(0, place) + '\\' + letter + text.substr(place + 1);
                ASSERT_EQ(escaped(text), expected) << length << ' ' << place;
            }
        }
    }
}

TEST(AppendField, appends_behind_what_is_there) {
    std::string line = "a\t";
    append_field(line, "b\n");
    EXPECT_EQ(line, "a\tb\\n");
}

TEST(Check, nul_and_broken_utf8_are_invalid_text_for_every_type) {
    for (auto type : {TypeClass::Text, TypeClass::Int4, TypeClass::Jsonb, TypeClass::Other, TypeClass::Varchar}) {
        for (std::string_view bad :
             {std::string_view("abcdefgh\0", 9), std::string_view("\xFF"), std::string_view("\xC0\x80"),
              std::string_view("\xED\xA0\x80"), std::string_view("\xF4\x90\x80\x80"),
              std::string_view("12345678\xE2\x82"), std::string_view("\xF5\x80\x80\x80")}) {
            EXPECT_EQ(check(column(type), bad), Refusal::InvalidText);
        }
    }
    EXPECT_EQ(check(column(TypeClass::Text), "\xF4\x8F\xBF\xBF \xEE\x80\x80 \xC2\x80 and more"), std::nullopt);
}

TEST(Check, lengths_count_characters_and_nothing_is_cut_off) {
    EXPECT_EQ(check(column(TypeClass::Varchar, 3), "\xC3\xA9\xC3\xA9\xC3\xA9"), std::nullopt);
    EXPECT_EQ(check(column(TypeClass::Varchar, 3), "abcd"), Refusal::TooLong);
    EXPECT_EQ(check(column(TypeClass::Varchar, 3), "abc "), Refusal::TooLong);
    EXPECT_EQ(check(column(TypeClass::Char, 3), "\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80"),
              Refusal::TooLong);
    EXPECT_EQ(check(column(TypeClass::Varchar), std::string(100000, 'x')), std::nullopt);
}

TEST(Check, a_quoted_number_fits_an_integer_and_true_does_not) {
    EXPECT_EQ(check(column(TypeClass::Int4), "2"), std::nullopt);
    EXPECT_EQ(check(column(TypeClass::Int4), "true"), Refusal::WrongType);
    EXPECT_EQ(check(column(TypeClass::Int4), "2.0"), Refusal::WrongType);
    EXPECT_EQ(check(column(TypeClass::Int4), "2147483648"), Refusal::OutOfRange);
    EXPECT_EQ(check(column(TypeClass::Int8), "-9223372036854775808"), std::nullopt);
    EXPECT_EQ(check(column(TypeClass::Int8), "-9223372036854775809"), Refusal::OutOfRange);
    EXPECT_EQ(check(column(TypeClass::Int2), "99999999999999999999999999x"), Refusal::OutOfRange);
}

TEST(Check, moments_that_depend_on_the_day_or_on_settings_are_refused) {
    for (const char* text :
         {"now", "today", "yesterday", "epoch", "Jan 8, 1999", "8/1/1999", "1999-Jan-08", "990108"}) {
        EXPECT_EQ(check(column(TypeClass::Timestamp), text), Refusal::WrongType) << text;
    }
}

TEST(Check, what_only_the_server_can_judge_is_passed) {
    EXPECT_EQ(check(column(TypeClass::Other), "anything"), std::nullopt);
}

TEST(Check, json_is_looked_at_unless_it_is_known_to_be_json) {
    for (auto type : {TypeClass::Json, TypeClass::Jsonb}) {
        for (const char* good : {"{}", "[]", "null", " 12 ", "-0.5e-7", "0", "\"text\"", "[[[]]]",
                                 "{\"x\":{},\"y\":[1,2]}", "{\"x\":[{},[],\"\\n\"]}", "\t[1 , 2]\n"}) {
            EXPECT_EQ(check(column(type), good), std::nullopt) << good;
        }
        for (const char* bad :
             {"",          " ",   "plain",  "{",        "[1,]",       "[,1]", "{\"a\"}", "{\"a\":}", "{a:1}", "[1}",
              "{\"a\":1]", "1 2", "\"open", "\"\\x\"",  "\"\\u12\"",  "01",   "-",       "1.",       ".5",    "1e",
              "+1",        "nul", "[1] x",  "\"a\nb\"", "{\"a\":1,}", "\v1",  "NaN",     "]",        "{}}"}) {
            EXPECT_EQ(check(column(type), bad), Refusal::WrongType) << bad;
        }
        auto nested = [](std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); };
        EXPECT_EQ(check(column(type), nested(1000)), std::nullopt);
        EXPECT_EQ(check(column(type), nested(1001)), Refusal::WrongType);
    }
    EXPECT_EQ(check(column(TypeClass::Json), "known", true), std::nullopt);
}

TEST(Quote, doubles_quotes_and_joins_schema_and_table) {
    EXPECT_EQ(quote_identifier("a\"b"), "\"a\"\"b\"");
    EXPECT_EQ(quote({"s", "t"}), "\"s\".\"t\"");
    EXPECT_EQ(quote({"", "t"}), "\"t\"");
}

TEST(Refusals, have_the_contracts_words) {
    EXPECT_EQ(name_of(Refusal::WrongType), "wrong_type");
    EXPECT_EQ(name_of(Refusal::OutOfRange), "out_of_range");
    EXPECT_EQ(name_of(Refusal::TooLong), "too_long");
    EXPECT_EQ(name_of(Refusal::InvalidText), "invalid_text");
    EXPECT_EQ(name_of(Refusal::NotNull), "not_null");
}

}  // namespace
}  // namespace sqs2pg::pg
