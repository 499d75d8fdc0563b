// Every type beside every value: check() and the server over a grid of some forty thousand questions. The differences
// are listed, each with its reason; docs/types.md tells users of them.
#include "unit/pg/check_server.h"
#include "unit/pg/grid_values.h"

namespace sqs2pg::pg {
namespace {

// Spellings that are not ISO 8601: what they mean depends on DateStyle, on the server's tables of zones or on the day,
// or the server takes odd signs for blanks.
const std::set<std::string> kOtherDates = {
    "((1,2),3)",
    "(1,2),3",
    "1,2,3",
    "1.2.3.",
    "192.168",
    "1/8/1999",
    "<(1,2),3",
    "<(1,2),3>",
    "[1,2,3]",
    "[2]={1,2}",
    "{1,2,3}",
    "{2024-01-31}",
    "{{1},{2,3}}",
    "[\"2024-01-01 10:00\",)",
    "8 January 1999",
    "Jan 8, 1999",
    "J2451187",
    "2024/01/31",
    "2024-031",
    "2024-01-31 10:20:30 CET",
    "2024-01-31 10:20:30 Europe/Berlin",
    "2024-01-31 10:20:30 PM",
    "epoch",
    "now",
    "today",
    "tomorrow",
    "yesterday",
    "20240131 102030",
    "20240131T1020",
};
// A type without a zone would drop the offset, and the moment would be another one.
const std::set<std::string> kDateOffsets = {
    "2024-01-31T10:20:30+02:00",
    "2024-01-31T10:20:30+15:59",
    "2024-01-31T10:20:30-0530",
    "2024-01-31T102030.5+02",
};
// The same of times; a date before the time would be dropped.
const std::set<std::string> kOtherTimes = {
    "0101 ",
    "1000",
    "1010",
    "1012",
    "102030",
    "2024",
    "2024-01",
    "2024-031",
    "[1:0]={}",
    "[1:2]",
    "[\"2024-01-01 10:00\",)",
    "10:20 PM",
    "2024-01-31 10:20:30 CET",
    "2024-01-31 10:20:30 Europe/Berlin",
    "2024-01-31 10:20:30 GMT",
    "2024-01-31 10:20:30 PM",
    "2024-01-31 10:20:30 UTC",
    "2024-01-31 10:20:30",
    "2024-01-31 1:2:3",
    "allballs",
    "now",
};
const std::set<std::string> kTimeOffsets = {"10:20:30+02", "10:20:30+15:59:59", "10:20:30-05:30"};

std::set<std::string> both(std::set<std::string> a, const std::set<std::string>& b) {
    a.insert(b.begin(), b.end());
    return a;
}

// By type; types that are not here may not differ at all.
std::map<std::string, Differences> differences() {
    std::map<std::string, Differences> all;
    for (const char* type : {"timestamptz", "timestamptz(0)"}) all[type].refused = kOtherDates;
    for (const char* type : {"date", "timestamp", "timestamp(3)"}) all[type].refused = both(kOtherDates, kDateOffsets);
    for (const char* type : {"timetz", "timetz(3)"}) all[type].refused = kOtherTimes;
    for (const char* type : {"time", "time(0)"}) all[type].refused = both(kOtherTimes, kTimeOffsets);
    // Blanks that the server would cut off.
    for (const char* type : {"varchar(3)", "char(3)", "short_text"}) all[type].refused = {"abc ", "abc  ", "red "};
    for (const char* type : {"varchar(3)[]", "short_text[]"}) all[type].refused = {"{abc,\"abc \"}"};
    // Bytes beyond the 63rd, or the first.
    all["name"].refused = {std::string(64, 'a'), "éééééééééééééééééééééééééééééééé"};
    all["\"char\""].drops = [](const std::string& value) { return value.size() > 1; };
    // The server makes a large number of a negative one, and drops a last odd character of a macaddr8.
    all["oid"].drops = [](const std::string& value) { return value.starts_with('-'); };
    all["macaddr8"].refused = {"08002b0102030", "08:00:2b:01:02:03x", "1706696430123"};
    // Signs that the server takes for blanks. Spellings that the worker does not read are the server's.
    for (const char* type : {"interval", "interval(0)", "interval day to second"}) {
        all[type].drops = [](const std::string& value) {
            return value.find_first_of("[]{}()<>/!\"\\") != std::string::npos;
        };
        all[type].left_with = "22007 22015 22008";
    }
    // Fields that the server would cut off; and only what the worker understands is known to have none.
    for (const char* type : {"interval year", "interval year to month", "interval day", "interval day to hour",
                             "interval hour to minute"}) {
        all[type].drops = [](const std::string&) { return true; };
        all[type].left_with = "22007 22015 22008";
    }
    // What a domain's CHECK says.
    all["positive"].left_with = "23514";
    // The order of a range's bounds, and a bound that is out of range only once the range is made canonical.
    for (const char* type : {"int4range", "int8range", "numrange", "daterange", "tsrange", "tstzrange", "text_range",
                             "int4multirange", "datemultirange", "int4range[]"}) {
        all[type].left_with = "22000 22003";
    }
    // Bounds of an array that are written out.
    for (const char* type : {"int4[]", "text[]", "varchar(3)[]", "numeric(5,2)[]", "bool[]", "date[]", "jsonb[]",
                             "inet[]", "interval[]", "colour[]", "short_text[]", "box[]", "point[]", "int4range[]"}) {
        all[type].left_with += "2202E 54000";
    }
    for (const char* type :
         {"int4[]", "text[]", "varchar(3)[]", "numeric(5,2)[]", "jsonb[]", "short_text[]", "interval[]"}) {
        all[type].left = {"[1:3]={1,2}", "[a]={1}"};
    }
    all["bool[]"].left = {"[a]={1}"};
    all["interval[]"].refused = {"{ [1,2) , [5,7) }", "{[1,2),[5,7)}", "{[1,2)}", "{[5,1)}"};
    all["interval[]"].left_with += " 22007";
    return all;
}

class CheckGridTest : public CheckServerTest {
   protected:
    void SetUp() override {
        sql("CREATE TYPE colour AS ENUM ('red', 'green', 'dark blue', 'it''s, {odd}'); "
            "CREATE DOMAIN positive AS numeric(5,2) NOT NULL CHECK (value > 0); "
            "CREATE DOMAIN short_text AS varchar(3); CREATE TYPE text_range AS RANGE (subtype = text)");
    }
};

TEST_F(CheckGridTest, every_type_and_every_value_as_the_server) {
    const auto values = grid_values();
    auto known = differences();
    for (const char* type : {"int2",
                             "int4",
                             "int8",
                             "numeric",
                             "numeric(5,2)",
                             "numeric(3)",
                             "numeric(2,4)",
                             "numeric(3,-2)",
                             "float4",
                             "float8",
                             "bool",
                             "text",
                             "varchar",
                             "varchar(3)",
                             "char(3)",
                             "uuid",
                             "date",
                             "time",
                             "time(0)",
                             "timetz",
                             "timetz(3)",
                             "timestamp",
                             "timestamp(3)",
                             "timestamptz",
                             "timestamptz(0)",
                             "interval",
                             "interval(0)",
                             "interval year",
                             "interval year to month",
                             "interval day",
                             "interval day to hour",
                             "interval hour to minute",
                             "interval day to second",
                             "json",
                             "jsonb",
                             "inet",
                             "cidr",
                             "macaddr",
                             "macaddr8",
                             "bytea",
                             "bit",
                             "bit(3)",
                             "varbit",
                             "varbit(3)",
                             "name",
                             "\"char\"",
                             "oid",
                             "pg_lsn",
                             "point",
                             "lseg",
                             "box",
                             "line",
                             "path",
                             "polygon",
                             "circle",
                             "colour",
                             "positive",
                             "short_text",
                             "int4[]",
                             "text[]",
                             "varchar(3)[]",
                             "numeric(5,2)[]",
                             "bool[]",
                             "date[]",
                             "jsonb[]",
                             "inet[]",
                             "interval[]",
                             "colour[]",
                             "short_text[]",
                             "box[]",
                             "point[]",
                             "int4range",
                             "int8range",
                             "numrange",
                             "daterange",
                             "tsrange",
                             "tstzrange",
                             "text_range",
                             "int4multirange",
                             "datemultirange",
                             "int4range[]"}) {
        compare(type, values, known[type]);
    }
}

// The grid's way of asking must not be easier or harder than COPY itself.
TEST_F(CheckGridTest, the_question_is_answered_as_copy_would) {
    std::vector<std::string> some;
    const auto values = grid_values();
    for (std::size_t i = 0; i < values.size(); i += 9) some.push_back(values[i]);
    for (const char* type : {"numeric(5,2)", "varchar(3)", "char(3)", "timestamp(3)", "interval year", "bit(3)",
                             "jsonb", "colour", "positive", "short_text[]", "int4range", "name"}) {
        auto answers = ask(type, some);
        auto codes = copied(type, some);
        for (std::size_t i = 0; i < some.size(); ++i)
            EXPECT_EQ(answers[i].sqlstate, codes[i]) << type << ' ' << some[i];
    }
}

}  // namespace
}  // namespace sqs2pg::pg
