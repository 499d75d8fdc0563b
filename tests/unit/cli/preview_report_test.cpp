// Tables of `preview`: as wide as the terminal, never wider.
#include "cli/preview_report.h"

#include <sstream>

#include <gtest/gtest.h>

namespace sqs2pg::cli {
namespace {

TEST(FittedTable, NeedsNoMoreThanItsCells) {
    EXPECT_EQ(fitted_table({{"A", "B"}, {"one", "ä"}}, 0), "  A    B\n  one  ä\n");
}

TEST(FittedTable, LeavesOutColumnsWithNothingInThem) {
    EXPECT_EQ(fitted_table({{"A", "B", "C"}, {"one", "", "x"}}, 0), "  A    C\n  one  x\n");
}

TEST(FittedTable, CutsTheWidestCellsFirst) {
    const auto text = fitted_table({{"A", "B", "C"}, {std::string(80, 'x'), std::string(50, 'y'), "short"}}, 60);
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        const auto marks = line.find("…") == line.npos ? 0u : 4u;  // "…" is three bytes, two of them in the line
        EXPECT_LE(line.size(), 60u + marks) << line;
    }
    EXPECT_NE(text.find("…"), text.npos);
    EXPECT_NE(text.find("short"), text.npos);
}

}  // namespace
}  // namespace sqs2pg::cli
