// Widths of UTF-8, cutting, wrapping and tables, see text_layout.h.
#include "cli/text_layout.h"

#include <gtest/gtest.h>

namespace sqs2pg::cli {
namespace {

TEST(TextLayout, WidthCountsColumnsNotBytes) {
    EXPECT_EQ(width_of("abc"), 3u);
    EXPECT_EQ(width_of("größe…"), 6u);
    EXPECT_EQ(width_of("東京"), 4u);
    EXPECT_EQ(width_of("e\xcc\x81"), 1u);  // a combining accent
    EXPECT_EQ(width_of("\xff\xfe"), 2u);
    EXPECT_EQ(width_of("\xe6\x9d"), 2u);  // cut off
}

TEST(TextLayout, CuttingEndsWithAnEllipsisAndNeverWithinACharacter) {
    EXPECT_EQ(cut_to("abcdef", 6), "abcdef");
    EXPECT_EQ(cut_to("abcdef", 5), "abcd…");
    EXPECT_EQ(cut_to("東京都", 5), "東京…");
    EXPECT_EQ(cut_to("東京都", 4), "東…");
    EXPECT_EQ(cut_to("abcdef", 0), "abcdef");
}

TEST(TextLayout, WrapsAtWordsAndKeepsLongOnesWhole) {
    EXPECT_EQ(wrapped("one two three", 8, 2), "  one\n  two\n  three\n");
    EXPECT_EQ(wrapped("one two three", 9, 2), "  one two\n  three\n");
    EXPECT_EQ(wrapped("a_very_long_word x", 6), "a_very_long_word\nx\n");
    EXPECT_EQ(wrapped("one\ntwo", 80, 2, 0), "one\n  two\n");
    EXPECT_EQ(wrapped("one two", 0), "one two\n");
}

TEST(TextLayout, ATableShrinksOnlyWhatMay) {
    const std::vector<Cells> rows = {{"ID", "PLACE", "N"}, {"0123456789", "a_long_name_of_a_column", "1"}};
    EXPECT_EQ(table_of(rows), "ID          PLACE                    N\n0123456789  a_long_name_of_a_column  1\n");
    EXPECT_EQ(table_of(rows, 30, {false, true, false}),
              "ID          PLACE            N\n0123456789  a_long_name_of…  1\n");
    EXPECT_EQ(table_of(rows, 5, {}), table_of(rows));
}

}  // namespace
}  // namespace sqs2pg::cli
