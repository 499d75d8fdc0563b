// The bar, the sentences and the summary as text.
#include "cli/progress.h"

#include <gtest/gtest.h>

namespace sqs2pg::cli {
namespace {

ProgressView half_way() {
    ProgressView view;
    view.done = 500'000;
    view.total = 1'000'000;
    view.a_second = 50'000;
    return view;
}

TEST(ProgressLine, ShowsBarShareCountsRateAndTimeLeft) {
    EXPECT_EQ(progress_line(half_way(), {.width = 62, .color = false, .unicode = false}),
              "[#####-----]  50 %  500,000 of 1,000,000  50,000/s  10 s left");
}

TEST(ProgressLine, NeverReachesTheTerminalsLastColumn) {
    for (int width = 1; width < 200; ++width) {
        const auto line = progress_line(half_way(), {.width = width, .color = false, .unicode = false});
        EXPECT_LT(static_cast<int>(line.size()), width) << line;
    }
}

TEST(ProgressLine, WithoutRoomForABarThereIsNone) {
    EXPECT_EQ(progress_line(half_way(), {.width = 60, .color = false, .unicode = false}),
              "50 %  500,000 of 1,000,000  50,000/s  10 s left");
}

TEST(ProgressLine, WithoutATotalThereIsNoBarAndNoTimeLeft) {
    ProgressView view;
    view.done = 1234;
    view.a_second = 99.6;
    EXPECT_EQ(progress_line(view, {.width = 80, .color = false, .unicode = false}), "1,234  100/s");
}

TEST(ProgressLine, MoreDoneThanKnownIsNeverMoreThanAll) {
    auto view = half_way();
    view.done = 1'000'001;
    const auto line = progress_line(view, {.width = 80, .color = false, .unicode = false});
    EXPECT_NE(line.find("100 %  1,000,001 of 1,000,001"), std::string::npos) << line;
    EXPECT_EQ(line.find("left"), std::string::npos) << line;
}

TEST(ProgressLine, ColourOnlyWhereItIsWanted) {
    EXPECT_EQ(progress_line(half_way(), {.width = 80, .color = false, .unicode = true}).find('\x1b'),
              std::string::npos);
    EXPECT_NE(progress_line(half_way(), {.width = 80, .color = true, .unicode = true}).find("\x1b[0m]"),
              std::string::npos);
}

TEST(ProgressLine, ANoteStandsForTheRate) {
    auto view = half_way();
    view.note = "waiting for the database";
    EXPECT_EQ(progress_line(view, {.width = 40, .color = false, .unicode = false}).find("/s"), std::string::npos);
    EXPECT_EQ(progress_sentence(view), "500,000 of 1,000,000 messages, waiting for the database");
}

TEST(ProgressSentence, SaysTheSameForALog) {
    EXPECT_EQ(progress_sentence(half_way()), "500,000 of 1,000,000 messages, 50,000/s, 10 s left");
}

TEST(Numbers, AreGroupedInThrees) {
    EXPECT_EQ(grouped(0), "0");
    EXPECT_EQ(grouped(999), "999");
    EXPECT_EQ(grouped(1000), "1,000");
    EXPECT_EQ(grouped(18446744073709551615U), "18,446,744,073,709,551,615");
}

TEST(Durations, ReadAsPeopleSayThem) {
    EXPECT_EQ(duration_text(-1), "0.0 s");
    EXPECT_EQ(duration_text(4.24), "4.2 s");
    EXPECT_EQ(duration_text(59), "59 s");
    EXPECT_EQ(duration_text(200), "3 min 20 s");
    EXPECT_EQ(duration_text(7500), "2 h 5 min");
    EXPECT_EQ(duration_text(16 * 86400), "16 d");
    EXPECT_EQ(duration_text(4 * 86400 + 3600), "4 d 1 h");
}

TEST(Summary, HasTheFourOutcomesTheReasonsAndTheRate) {
    SummaryView view;
    view.pipeline = "logins";
    view.figures.received = 1002;
    view.figures.inserted = 990;
    view.figures.duplicate = 2;
    view.figures.dead_lettered = 10;
    view.dead_letters = {{"missing_field", 6}, {"wrong_type", 4}};
    view.seconds = 0.5;
    EXPECT_EQ(summary_block(view),
              "logins\n"
              "  received             1,002\n"
              "  inserted               990\n"
              "  duplicates               2\n"
              "  dead letters            10  missing_field 6, wrong_type 4\n"
              "  seconds               0.50\n"
              "  messages/s           2,004\n");
}

TEST(Summary, SaysWhatWasGivenBack) {
    SummaryView view;
    view.pipeline = "logins";
    view.figures.released = 3;
    view.figures.abandoned = 4;
    const auto block = summary_block(view);
    EXPECT_NE(block.find("released                 3  back to the queue\n"), std::string::npos) << block;
    EXPECT_NE(block.find("abandoned                4  the queue delivers them again\n"), std::string::npos) << block;
}

TEST(Summary, OfARunThatTookNoTimeHasNoRate) {
    SummaryView view;
    view.pipeline = "logins";
    EXPECT_NE(summary_block(view).find("messages/s               0\n"), std::string::npos);
}

}  // namespace
}  // namespace sqs2pg::cli
