// The demo's tables and sentences, and which PostgreSQL it takes.
#include "cli/demo_report.h"

#include <gtest/gtest.h>

#include "cli/demo_postgres.h"

namespace sqs2pg::cli {
namespace {

TEST(TextTable, aligns_columns_cuts_long_cells_and_shows_null) {
    EXPECT_EQ(text_table({"a", "long name"}, {{"1", "x"}, {std::nullopt, "abcdefghijkl"}}, 8),
              "  a     long name\n"
              "  ----  ---------\n"
              "  1     x\n"
              "  null  abcdefg…\n");
}

TEST(TextTable, counts_characters_not_bytes_and_keeps_control_characters_out) {
    EXPECT_EQ(text_table({"x", "y"}, {{"äöü", "1"}, {"a\tb", "2"}, {"äöüäö", "3"}}, 4),
              "  x     y\n"
              "  ----  -\n"
              "  äöü   1\n"
              "  a b   2\n"
              "  äöü…  3\n");
}

TEST(DemoReport, shows_rows_tokens_dead_letters_figures_and_what_comes_next) {
    DemoFindings findings;
    findings.columns = {"user_id", "masked_ip"};
    findings.first_rows = {{"u-1", "k1_token"}};
    findings.repeated_ips = {{"k1_token", "17"}};
    findings.dead_letters = {{"missing_field", "ip", "3"}};
    findings.rows = 1990;
    findings.figures.received = 2000;
    findings.figures.inserted = 1990;
    findings.figures.dead_lettered = 10;
    findings.seconds = 0.5;
    auto report = demo_report(findings);
    for (const char* part : {"u-1", "(1,990 in all)", "k1_token", "17 rows", "no device came twice", "missing_field",
                             "received             2,000", "messages/s           4,000", "sqs2pg run -c"}) {
        EXPECT_NE(report.find(part), std::string::npos) << part << " in:\n" << report;
    }
}

TEST(DemoReport, says_nothing_of_dead_letters_when_there_are_none) {
    DemoFindings findings;
    findings.columns = {"user_id"};
    EXPECT_EQ(demo_report(findings).find("could not become a row"), std::string::npos);
}

TEST(PostgresPrograms, of_the_newest_version_are_taken) {
    EXPECT_EQ(
        newest_programs({"/usr/lib/postgresql/9.6/bin", "/usr/lib/postgresql/15/bin", "/usr/lib/postgresql/13/bin"}),
        "/usr/lib/postgresql/15/bin");
    EXPECT_EQ(newest_programs({}), "");
}

}  // namespace
}  // namespace sqs2pg::cli
