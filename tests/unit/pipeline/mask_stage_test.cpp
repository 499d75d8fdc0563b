// Rows as the stage makes them: one message after the other.
#include "pipeline/mask.h"

#include <gtest/gtest.h>

#include <string>

namespace sqs2pg::pipeline {
namespace {

MaskStage plain_stage() { return {std::vector<MaskColumn>(1), 7}; }

MappedRow row_of(std::string_view text) { return {{{false, text}}}; }

TEST(MaskStage, RowsOfAMessageStandTogetherAndAreItsOwn) {
    auto stage = plain_stage();
    stage.begin();
    ASSERT_FALSE(stage.add(row_of("a")));
    ASSERT_FALSE(stage.add(row_of("b")));
    const auto first = stage.take();
    stage.begin();
    ASSERT_FALSE(stage.add(row_of("c")));
    const auto second = stage.take();
    EXPECT_EQ(first.copy_text(), "a\nb\n");
    EXPECT_EQ(first.rows(), 2u);
    EXPECT_EQ(first.target(), 7u);
    EXPECT_EQ(second.copy_text(), "c\n");
    EXPECT_EQ(second.rows(), 1u);
}

TEST(MaskStage, ARefusedMessageLeavesNothingToTheNext) {
    std::vector<MaskColumn> columns(1);
    columns[0].column.not_null = true;
    MaskStage stage(std::move(columns), 0);
    stage.begin();
    ASSERT_FALSE(stage.add(row_of(std::string(1u << 20, 'x'))));
    EXPECT_GT(stage.bytes(), 1u << 20);
    stage.begin();
    EXPECT_EQ(stage.bytes(), 0u);
    ASSERT_FALSE(stage.add(row_of("a")));
    const auto row = stage.take();
    EXPECT_EQ(row.copy_text(), "a\n");
    EXPECT_EQ(row.rows(), 1u);
}

TEST(MaskStage, ALargeMessageIsWhole) {
    auto stage = plain_stage();
    stage.begin();
    const std::string large(1u << 20, 'x');
    ASSERT_FALSE(stage.add(row_of(large)));
    const auto row = stage.take();
    stage.begin();
    EXPECT_EQ(row.copy_text(), large + "\n");
}

}  // namespace
}  // namespace sqs2pg::pipeline
