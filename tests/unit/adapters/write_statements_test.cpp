// The texts of a writing transaction and the reading of its answers, without a server.
#include "adapters/write_statements.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "adapters/write_failures.h"
#include "pg/sqlstate.h"
#include "unit/adapters/plain_row.h"

namespace sqs2pg::adapters {
namespace {

using pipeline::Fate;
using pipeline::LedgerKey;
using pipeline::WriteEntry;

LedgerKey key(std::uint8_t n) {
    LedgerKey result;
    result.bytes[0] = 1;
    result.bytes[15] = n;
    return result;
}

std::string uuid(int n) {
    return "01000000-0000-0000-0000-0000000000" + std::string(n < 16 ? "0" : "") + "0123456789abcdef"[n % 16];
}

std::vector<WriteEntry> entries_of(int count) {
    std::vector<WriteEntry> entries;
    for (int i = 1; i <= count; ++i) entries.push_back({key(static_cast<std::uint8_t>(i)), nullptr, nullptr});
    return entries;
}

TEST(WriteStatements, the_targets_schemas_lead_the_search_path_quoted) {
    std::vector<pipeline::Target> targets = {
        {{"my \"app\"", "t"}, {"a"}}, {{"o'x\\y", "t"}, {"a"}}, {{"public", "t"}, {"a"}}};
    auto sql = begin_sql(targets, {});
    EXPECT_TRUE(sql.contains("'search_path',  E'\"my \"\"app\"\"\", \"o''x\\\\y\", \"public\"', true")) << sql;
    targets.push_back({{"", "t"}, {"a"}});
    EXPECT_FALSE(begin_sql(targets, {}).contains("search_path"));
}

TEST(WriteStatements, columns_and_tables_are_quoted) {
    EXPECT_EQ(copy_sql({{"s", "T\"x"}, {"a b", "c"}}), "COPY \"s\".\"T\"\"x\" (\"a b\", \"c\") FROM STDIN; ");
}

TEST(WriteStatements, all_new_needs_no_list) {
    auto entries = entries_of(3);
    EXPECT_EQ(read_fates(entries, "3", std::nullopt, Fate::Written), std::vector<Fate>(3, Fate::Written));
    EXPECT_EQ(read_fates(entries, "0", std::nullopt, Fate::Written), std::vector<Fate>(3, Fate::Duplicate));
}

TEST(WriteStatements, some_new_are_found_by_their_ids) {
    auto entries = entries_of(4);
    auto fates = read_fates(entries, "2", "{" + uuid(2) + "," + uuid(4) + "}", Fate::Written);
    EXPECT_EQ(fates, (std::vector<Fate>{Fate::Duplicate, Fate::Written, Fate::Duplicate, Fate::Written}));
}

TEST(WriteStatements, known_ones_are_found_by_their_ids_too) {
    auto entries = entries_of(3);
    EXPECT_EQ(read_fates(entries, "0", std::nullopt, Fate::Duplicate), std::vector<Fate>(3, Fate::Written));
    EXPECT_EQ(read_fates(entries, "3", std::nullopt, Fate::Duplicate), std::vector<Fate>(3, Fate::Duplicate));
    EXPECT_EQ(read_fates(entries, "1", "{" + uuid(2) + "}", Fate::Duplicate),
              (std::vector<Fate>{Fate::Written, Fate::Duplicate, Fate::Written}));
}

TEST(WriteStatements, the_look_goes_over_the_range_of_the_ids_whatever_their_order) {
    auto entries = entries_of(3);
    std::swap(entries[0], entries[1]);
    auto sql = known_ids_sql(entries, "s.ledger");
    EXPECT_TRUE(sql.contains("FROM s.ledger WHERE id BETWEEN '" + uuid(1) + "' AND '" + uuid(3) + "' AND ")) << sql;
    EXPECT_TRUE(sql.contains("'{" + uuid(2) + "," + uuid(1) + "," + uuid(3) + "}'")) << sql;
}

TEST(WriteStatements, fates_and_lines_follow_entries_that_are_not_sorted_by_id) {
    auto row = plain_row({"x"});
    auto entries = entries_of(5);
    std::ranges::reverse(entries);
    std::swap(entries[0], entries[2]);  // ids 3 4 5 2 1
    for (auto& entry : entries) entry.row = &row;
    auto fates = read_fates(entries, "3", "{" + uuid(1) + "," + uuid(3) + "," + uuid(4) + "}", Fate::Written);
    ASSERT_EQ(fates,
              (std::vector<Fate>{Fate::Written, Fate::Written, Fate::Duplicate, Fate::Duplicate, Fate::Written}));
    EXPECT_FALSE(read_fates(entries, "1", "{" + uuid(9) + "}", Fate::Written));
    std::vector<std::string> copies = {"COPY t FROM STDIN; "};
    CopyPlan plan;
    ASSERT_TRUE(fill_plan(plan, entries, *fates, copies));
    EXPECT_EQ(plan.entry_at(0, 1), 0u);
    EXPECT_EQ(plan.entry_at(0, 2), 1u);
    EXPECT_EQ(plan.entry_at(0, 3), 4u);
}

TEST(WriteStatements, answers_that_make_no_sense_are_none) {
    auto entries = entries_of(3);
    EXPECT_FALSE(read_fates(entries, std::nullopt, std::nullopt, Fate::Written));
    EXPECT_FALSE(read_fates(entries, "4", std::nullopt, Fate::Written));
    EXPECT_FALSE(read_fates(entries, "x", std::nullopt, Fate::Written));
    EXPECT_FALSE(read_fates(entries, "1", std::nullopt, Fate::Written));
    EXPECT_FALSE(read_fates(entries, "1", "{}", Fate::Written));
    EXPECT_FALSE(read_fates(entries, "1", "{" + uuid(9) + "}", Fate::Written));
    EXPECT_FALSE(read_fates(entries, "1", "{zz}", Fate::Written));
    EXPECT_FALSE(read_fates(entries, "2", "{" + uuid(1) + "}", Fate::Written));
}

TEST(WriteStatements, a_dead_letter_is_one_line_whatever_its_names_hold) {
    pipeline::DeadLetter letter;
    letter.why = {"wrong_type", "odd\tname\n\\", ""};
    letter.pipeline = "p";
    letter.queue = std::string("q\0\xFF", 3);
    letter.message_id = "m";
    letter.sent_ms = 1'700'000'000'123;
    letter.receive_count = 4'000'000'000;
    letter.key_id = "k1";
    letter.sealed = std::string("\0\xAB", 2);
    std::string lines;
    append_dead_letter(lines, key(1), letter);
    EXPECT_EQ(
        lines,
        uuid(1) +
            "\tp\tq??\tm\t2023-11-14 22:13:20.123+00\t\\N\t\\N\t2147483647\twrong_type\todd\\tname\\n\\\\\t\\N\tk1\t"
            "\\\\x00ab\n");
}

TEST(WriteStatements, the_plan_copies_what_is_new_and_knows_whose_a_line_is) {
    auto row = plain_row({"x"});
    pipeline::DeadLetter letter;
    auto entries = entries_of(4);
    for (std::size_t i : {0u, 1u, 3u}) entries[i].row = &row;
    entries[2].dead_letter = &letter;
    std::vector<Fate> fates = {Fate::Duplicate, Fate::Written, Fate::Written, Fate::Written};
    std::vector<std::string> copies = {"COPY t FROM STDIN; "};
    CopyPlan plan;
    ASSERT_TRUE(fill_plan(plan, entries, fates, copies));
    EXPECT_EQ(plan.sql, "COPY t FROM STDIN; " + dead_letter_copy_sql() + "COMMIT");
    ASSERT_EQ(plan.copies.size(), 2u);
    EXPECT_EQ(plan.copies[0].size(), 2u);
    EXPECT_EQ(plan.dead_letter_copy, 1u);
    EXPECT_EQ(plan.entry_at(0, 1), 1u);
    EXPECT_EQ(plan.entry_at(0, 2), 3u);
    EXPECT_EQ(plan.entry_at(0, 3), std::nullopt);
    EXPECT_EQ(plan.entry_at(1, 1), 2u);
    EXPECT_EQ(plan.entry_at(2, 1), std::nullopt);
}

TEST(WriteStatements, a_transaction_of_duplicates_alone_still_makes_its_commit_wait) {
    auto entries = entries_of(2);
    std::vector<std::string> copies = {"COPY t FROM STDIN; "};
    CopyPlan plan;
    ASSERT_TRUE(fill_plan(plan, entries, std::vector<Fate>(2, Fate::Duplicate), copies));
    EXPECT_TRUE(plan.sql.contains("pg_logical_emit_message"));
    EXPECT_TRUE(plan.copies.empty());
}

TEST(WriteStatements, a_claiming_plan_brings_the_ids_in_their_order_before_the_rows) {
    auto row = plain_row({"x"});
    auto entries = entries_of(3);
    std::ranges::reverse(entries);
    for (auto& entry : entries) entry.row = &row;
    std::vector<std::string> copies = {"COPY t FROM STDIN; "};
    CopyPlan plan;
    ASSERT_TRUE(fill_claiming_plan(plan, entries, std::vector<Fate>(3, Fate::Written), copies, "BEGIN; ", "s.ledger"));
    EXPECT_EQ(plan.sql, "BEGIN; COPY s.ledger (id) FROM STDIN (FORMAT binary); COPY t FROM STDIN; COMMIT");
    ASSERT_EQ(plan.copies.size(), 2u);
    std::string expected("PGCOPY\n\xFF\r\n\0\0\0\0\0\0\0\0\0", 19);
    for (std::uint8_t n : {1, 2, 3}) {
        expected += std::string("\0\1\0\0\0\x10", 6);
        expected += std::string("\1", 1) + std::string(14, '\0') + static_cast<char>(n);
    }
    expected += "\xFF\xFF";
    EXPECT_EQ(plan.copies[0], (std::vector<std::string_view>{expected}));
    EXPECT_EQ(plan.entry_at(0, 1), std::nullopt);
    EXPECT_EQ(plan.entry_at(1, 1), 0u);
    EXPECT_EQ(plan.entry_at(1, 3), 2u);
}

TEST(WriteStatements, a_claim_behind_a_look_brings_only_what_is_new) {
    auto row = plain_row({"x"});
    auto entries = entries_of(3);
    for (auto& entry : entries) entry.row = &row;
    std::vector<std::string> copies = {"COPY t FROM STDIN; "};
    CopyPlan plan;
    const std::vector<Fate> fates = {Fate::Written, Fate::Duplicate, Fate::Written};
    ASSERT_TRUE(fill_claiming_plan(plan, entries, fates, copies, "", "s.ledger"));
    EXPECT_EQ(plan.sql, "COPY s.ledger (id) FROM STDIN (FORMAT binary); COPY t FROM STDIN; COMMIT");
    EXPECT_EQ(plan.claim, 0u);
    EXPECT_EQ(plan.copies[0][0].size(), 19 + 2 * 22 + 2u);
    EXPECT_EQ(plan.copies[1].size(), 2u);
    EXPECT_EQ(plan.entry_at(1, 2), 2u);
}

TEST(WriteStatements, begin_has_as_many_statements_as_it_says) {
    auto sql = begin_sql({}, {});
    EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(sql, ';')), kBeginStatements);
}

// What failed, in a plan of two COPYs: the ledger's and a table's.
class FailuresOfAClaim : public testing::Test {
   protected:
    FailuresOfAClaim() {
        entries_[0].row = &row_;
        EXPECT_TRUE(fill_claiming_plan(plan_, entries_, std::vector<Fate>(1, Fate::Written),
                                       std::vector<std::string>{"COPY t FROM STDIN; "}, "BEGIN; ", "l"));
    }
    static pg::QueryError failed(std::string sqlstate, std::size_t statement, std::size_t copies_begun) {
        pg::QueryError error;
        error.error = Error{pg::verdict_of(sqlstate, {}).kind, Stage::Write, sqlstate, ""};
        error.server.sqlstate = std::move(sqlstate);
        error.server.statement = statement;
        error.server.copies_begun = copies_begun;
        return error;
    }
    pipeline::WriteFailure judged(const pg::QueryError& error) const { return copy_failure(error, plan_).value(); }

    std::vector<WriteEntry> entries_ = entries_of(1);
    pipeline::MaskedRow row_ = plain_row({"x"});
    CopyPlan plan_;
};

TEST_F(FailuresOfAClaim, only_the_ledgers_own_unique_violation_tells_of_a_duplicate) {
    EXPECT_TRUE(claimed_before(failed("23505", kBeginStatements, 1), plan_));
    EXPECT_FALSE(claimed_before(failed("23505", kBeginStatements + 1, 2), plan_))
        << "the table has an index of its own";
    EXPECT_FALSE(claimed_before(failed("23514", kBeginStatements, 1), plan_));
}

TEST_F(FailuresOfAClaim, what_the_ledger_refuses_is_never_a_messages_fault) {
    EXPECT_EQ(judged(failed("23514", kBeginStatements, 1)).error.code, "ledger_range");
    EXPECT_EQ(judged(failed("42P01", kBeginStatements, 0)).error.code, "no_schema");
    EXPECT_TRUE(judged(failed("55P03", kBeginStatements, 1)).ids_held);
    auto of_the_table = judged(failed("55P03", kBeginStatements + 1, 1));
    EXPECT_FALSE(of_the_table.ids_held);
    EXPECT_EQ(judged(failed("23514", kBeginStatements + 1, 2)).error.kind, pg::verdict_of("23514", {}).kind);
}

TEST_F(FailuresOfAClaim, a_lost_connection_leaves_a_doubt_only_when_the_commit_may_have_run) {
    for (std::size_t begun : {0u, 1u}) {
        auto lost = failed("", begun == 0 ? 0 : kBeginStatements, begun);
        lost.error.kind = ErrorKind::Retry;
        EXPECT_EQ(judged(lost).error.kind, ErrorKind::Retry) << begun;
    }
    EXPECT_EQ(judged(failed("", kBeginStatements + 1, 2)).error.kind, ErrorKind::InDoubt);
}

TEST(WriteStatements, a_row_for_an_unknown_target_is_our_bug) {
    auto row = plain_row({"x"});
    auto entries = entries_of(1);
    entries[0].row = &row;
    CopyPlan plan;
    EXPECT_FALSE(fill_plan(plan, entries, std::vector<Fate>{Fate::Written}, {}));
}

}  // namespace
}  // namespace sqs2pg::adapters
