#include "base/nearest.h"

#include <gtest/gtest.h>

#include <vector>

namespace sqs2pg {
namespace {

const std::vector<std::string> kNames = {"queue", "table", "columns", "visibility_timeout"};

TEST(NearestName, FindsTheNameBehindATypo) {
    EXPECT_EQ(nearest_name("queu", kNames), "queue");
    EXPECT_EQ(nearest_name("talbe", kNames), "table");
    EXPECT_EQ(nearest_name("visibility_timout", kNames), "visibility_timeout");
}

TEST(NearestName, SaysNothingWhenNothingIsNear) {
    EXPECT_EQ(nearest_name("zzzzzz", kNames), "");
    EXPECT_EQ(nearest_name(std::string(10'000, 'q'), kNames), "");
}

}  // namespace
}  // namespace sqs2pg
