// check() beside the server's own input functions, over grids of dates and times. Differences that are wanted are
// named with their reason.
#include "unit/pg/check_server.h"

namespace sqs2pg::pg {
namespace {

const std::vector<std::string> kDates = {
    "2024-01-31",
    "2024-02-29",
    "2023-02-29",
    "1900-02-29",
    "2000-02-29",
    "2024-00-01",
    "2024-13-01",
    "2024-01-00",
    "2024-01-32",
    "2024-04-31",
    "0001-01-01",
    "0000-01-01",
    "0001-01-01 BC",
    "4713-11-24 BC",
    "4713-11-23 BC",
    "4714-11-24 BC",
    "4714-11-23 BC",
    "4714-11-25 BC",
    "4715-01-01 BC",
    "9999-12-31",
    "10000-01-01",
    "294276-12-31",
    "294277-01-01",
    "5874897-12-31",
    "5874898-01-01",
    " 2024-01-31 ",
    "2024-01-31x",
    "",
    " ",
    "infinity",
    "-infinity",
    "Infinity",
    "abc",
    "2024-01",
    "2024",
    "2024-01-31 bc",
};
const std::vector<std::string> kMoments = {
    "2024-01-31T10:20:30",
    "2024-01-31t10:20:30",
    "2024-01-31 10:20:30",
    "2024-01-31  10:20:30",
    "2024-01-31T10:20",
    "2024-01-31T10:20:30Z",
    "2024-01-31T10:20:30z",
    "2024-01-31T10:20:30 Z",
    "2024-01-31T10:20:30.1",
    "2024-01-31T10:20:30.123456",
    "2024-01-31T10:20:30.1234567",
    "2024-01-31T10:20:30.123456789Z",
    "2024-01-31T10:20:30.",
    "2024-01-31T10:20:30.999999999",
    "2024-01-31T10:20:30+02",
    "2024-01-31T10:20:30+02:30",
    "2024-01-31T10:20:30-0230",
    "2024-01-31T10:20:30+02:30:15",
    "2024-01-31T10:20:30+15:59",
    "2024-01-31T10:20:30+16:00",
    "2024-01-31T10:20:30+15:60",
    "2024-01-31T10:20:30 +02:00",
    "2024-01-31T24:00:00",
    "2024-01-31T24:00:01",
    "2024-01-31T24:00:00.5",
    "2024-01-31T25:00:00",
    "2024-01-31T10:60:00",
    "2024-01-31T10:20:60",
    "2024-01-31T10:20:60.5",
    "2024-01-31T10:20:61",
    "2024-01-31T23:59:60",
    "2024-01-31T10:20:30 BC",
    "2024-01-31T10:20:30Z BC",
    "2024-02-30T10:20:30Z",
    "294276-12-31T23:59:59.999999",
    "294276-12-31T23:59:59.9999999",
    "294276-12-31T24:00:00",
    "294276-12-31T23:59:59Z",
    "294277-01-01T00:00:00",
    "4713-11-24T00:00:00 BC",
    "4714-11-24T00:00:00 BC",
    "4714-11-24T00:00:00Z BC",
    "4714-11-23T23:59:59 BC",
    "2024-01-31T10:20:30x",
    "2024-01-31T10:20:30+",
    "2024-01-31T",
    "0000-01-01T00:00:00Z",
    "2024-01-31T10:20:30,5",
    "294276-12-31T23:59:59-02",
    "294276-12-31T23:59:59+02",
    "4714-11-24T00:00:00+02 BC",
    "4714-11-24T00:00:00-02 BC",
};

// Types without a zone: the server would drop the offset, and the moment would be another one.
const Differences kOffsets = {{
    "2024-01-31T10:20:30+02",
    "2024-01-31T10:20:30+02:30",
    "2024-01-31T10:20:30-0230",
    "2024-01-31T10:20:30+02:30:15",
    "2024-01-31T10:20:30+15:59",
    "2024-01-31T10:20:30 +02:00",
    "294276-12-31T23:59:59-02",
    "294276-12-31T23:59:59+02",
    "4714-11-24T00:00:00+02 BC",
    "4714-11-24T00:00:00-02 BC",
}};

TEST_F(CheckServerTest, dates_as_the_server) {
    auto values = kDates;
    values.insert(values.end(), kMoments.begin(), kMoments.end());
    // The worker takes whole ISO dates only; the server also reads "2024-01" and lone numbers in its own way.
    compare("date", values, kOffsets);
}

TEST_F(CheckServerTest, timestamps_as_the_server) {
    auto values = kDates;
    values.insert(values.end(), kMoments.begin(), kMoments.end());
    compare("timestamp", values, kOffsets);
    compare("timestamptz", values);
}

TEST_F(CheckServerTest, times_as_the_server) {
    std::vector<std::string> values = {"10:20:30", "10:20",    "10:20:30.5", "24:00:00",  "24:00:01",    "10:60:00",
                                       "10:20:60", "10:20:61", "25:00",      "10:20:30Z", "10:20:30+02", " 10:20 ",
                                       "abc",      "",         "infinity",   "23:59:60",  "10:20:60.5"};
    // "2024-01-31 10:20" is a time to the server, which drops the date; the worker drops nothing and refuses it.
    Differences times = {{"10:20:30+02"}};
    for (const auto& moment : kMoments) {
        if (moment.contains('T')) values.push_back(moment);
    }
    compare("time", values, times);
}

}  // namespace
}  // namespace sqs2pg::pg
