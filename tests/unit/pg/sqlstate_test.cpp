// The table of SQLSTATEs: what each class says to do next.
#include "pg/sqlstate.h"

#include <gtest/gtest.h>

namespace sqs2pg::pg {
namespace {

void expect_all(std::initializer_list<const char*> codes, ErrorKind kind, bool halve = false) {
    for (const char* code : codes) EXPECT_EQ(verdict_of(code), (Verdict{kind, halve})) << code;
}

TEST(Sqlstate, connections_that_went_away_are_retried) {
    expect_all({"", "08000", "08003", "08006", "08001", "08004", "57P01", "57P02", "57P03", "57P05", "25P03"},
               ErrorKind::Retry);
}

TEST(Sqlstate, concurrency_and_full_servers_are_retried) {
    expect_all({"40001", "40P01", "40003", "53000", "53100", "53300", "53400", "55P03", "25006"}, ErrorKind::Retry);
}

TEST(Sqlstate, what_is_too_much_at_once_is_retried_with_half_of_it) {
    expect_all({"57014", "53200"}, ErrorKind::Retry, true);
}

TEST(Sqlstate, a_protocol_error_on_a_live_connection_is_never_retried) {
    EXPECT_EQ(verdict_of("08P01").kind, ErrorKind::Configuration);
    EXPECT_EQ(verdict_of("08P01", {.names_constraint = true, .fatal = true}).kind, ErrorKind::Retry);
}

TEST(Sqlstate, rights_names_and_internal_errors_pause) {
    expect_all(
        {"28000", "28P01", "3D000", "3F000", "42501", "42P01", "42703", "42601", "XX000", "XX001", "0A000", "21000"},
        ErrorKind::Configuration);
}

TEST(Sqlstate, refused_values_and_constraints_are_bad_rows) {
    expect_all({"22001", "22003", "22008", "22021", "22P02", "22P05", "22023", "23502", "23503", "23505", "23514",
                "23P01", "54000", "54001", "P0001"},
               ErrorKind::BadRow);
}

TEST(Sqlstate, a_23514_without_a_constraint_is_a_missing_partition) {
    EXPECT_EQ(verdict_of("23514", {.names_constraint = false}).kind, ErrorKind::Configuration);
    EXPECT_EQ(meaning_of("23514", {.names_constraint = false}), "the table has no partition for a row");
}

TEST(Sqlstate, an_unknown_code_pauses_and_loses_nothing) {
    expect_all({"ZZ999", "58030", "25P02", "2BP01", "99999"}, ErrorKind::Configuration);
    EXPECT_FALSE(meaning_of("ZZ999").empty());
}

TEST(Sqlstate, five_capitals_and_digits_are_a_code) {
    EXPECT_TRUE(is_sqlstate("28P01"));
    for (const char* other : {"", "28P0", "28P011", "28p01", "refuse", "28 01"})
        EXPECT_FALSE(is_sqlstate(other)) << other;
}

}  // namespace
}  // namespace sqs2pg::pg
