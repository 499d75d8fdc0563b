// Times of --since and --until: what is taken, and that nothing else is.
#include "base/moment.h"

#include <gtest/gtest.h>

namespace sqs2pg {
namespace {

constexpr std::int64_t kNoon = 1795521600000;  // 2026-11-24T12:00:00Z

TEST(Moment, how_long_ago) {
    EXPECT_EQ(parse_moment("45s")->at(kNoon), kNoon - 45'000);
    EXPECT_EQ(parse_moment("30m")->at(kNoon), kNoon - 1'800'000);
    EXPECT_EQ(parse_moment("2h")->at(kNoon), kNoon - 7'200'000);
    EXPECT_EQ(parse_moment("7d")->at(kNoon), kNoon - 7 * 86'400'000ll);
    EXPECT_EQ(parse_moment("1w")->at(kNoon), kNoon - 7 * 86'400'000ll);
    EXPECT_EQ(parse_moment("0s")->at(kNoon), kNoon);
}

TEST(Moment, dates_and_times_are_utc_unless_they_say_otherwise) {
    EXPECT_EQ(parse_moment("2026-11-24")->at(0), kNoon - 43'200'000);
    EXPECT_EQ(parse_moment("2026-11-24T12:00")->at(0), kNoon);
    EXPECT_EQ(parse_moment("2026-11-24 12:00:00")->at(0), kNoon);
    EXPECT_EQ(parse_moment("2026-11-24T12:00:00.123Z")->at(0), kNoon + 123);
    EXPECT_EQ(parse_moment("2026-11-24T12:00:00.123456Z")->at(0), kNoon + 123);
    EXPECT_EQ(parse_moment("2026-11-24T13:00+01:00")->at(0), kNoon);
    EXPECT_EQ(parse_moment("2026-11-24T06:30-0530")->at(0), kNoon);
    EXPECT_EQ(parse_moment("2026-11-24T13:00+01")->at(0), kNoon);
    EXPECT_EQ(parse_moment("1969-12-31")->at(0), -86'400'000);
}

TEST(Moment, anything_else_is_refused) {
    for (const char* text : {"",
                             "h",
                             "2",
                             "2x",
                             "-2h",
                             "2 h",
                             "2h ",
                             "9999999999d",
                             "2026",
                             "2026-11",
                             "2026-13-01",
                             "2026-02-30",
                             "2026-11-24T",
                             "2026-11-24T25:00",
                             "2026-11-24T12:60",
                             "2026-11-24T12:00:60",
                             "2026-11-24T12:00:00.",
                             "2026-11-24T12:00X",
                             "2026-11-24T12:00+",
                             "2026-11-24T12:00Zx",
                             "yesterday",
                             "24.11.2026"}) {
        EXPECT_FALSE(parse_moment(text)) << text;
    }
}

}  // namespace
}  // namespace sqs2pg
