// Single values: each form that is taken, and the nearest ones that are not.
#include "config/values.h"

#include <gtest/gtest.h>

#include "config/utf8.h"

namespace sqs2pg::config {
namespace {

TEST(Values, TimesAndSizesTakeTheirUnits) {
    EXPECT_EQ(parse_seconds("60"), 60);
    EXPECT_EQ(parse_seconds("90s"), 90);
    EXPECT_EQ(parse_seconds("2m"), 120);
    EXPECT_EQ(parse_seconds("12h"), 43200);
    EXPECT_EQ(parse_bytes("1"), 1);
    EXPECT_EQ(parse_bytes("64KiB"), 65536);
    EXPECT_EQ(parse_bytes("16MiB"), 16 << 20);
    EXPECT_EQ(parse_bytes("4GiB"), std::int64_t{4} << 30);
}

TEST(Values, NumbersOfAnotherFormAreNone) {
    for (auto text :
         {"", " 1", "1 ", "+1", "-1", "1.0", "1e3", "0x10", "1_000", "s", "1d", "1 s", "1000000000000000000"}) {
        EXPECT_FALSE(parse_seconds(text)) << text;
    }
    EXPECT_FALSE(parse_seconds("999999999999999999h"));
    EXPECT_FALSE(parse_bytes("999999999999999999GiB"));
    EXPECT_FALSE(parse_bytes("16MB"));
}

TEST(Values, TableNamesAreTakenAsWritten) {
    EXPECT_EQ(parse_table("t"), (pg::TableName{"", "t"}));
    EXPECT_EQ(parse_table("Public.Logins"), (pg::TableName{"Public", "Logins"}));
    EXPECT_EQ(parse_table("\"a.b\".\"c \"\"d\""), (pg::TableName{"a.b", "c \"d"}));
    EXPECT_EQ(parse_table("a.\"b\""), (pg::TableName{"a", "b"}));
}

TEST(Values, TableNamesOfAnotherFormAreNone) {
    for (auto text : {"", ".", "a.", ".b", "a.b.c", "a b", "\"a", "\"\"", "a\"b\"", "\"a\"b", "a\"\""}) {
        EXPECT_FALSE(parse_table(text)) << text;
    }
    EXPECT_TRUE(parse_table(std::string(63, 'x')));
    EXPECT_FALSE(parse_table(std::string(64, 'x')));
}

TEST(Values, QueueNamesAreThoseOfSqs) {
    EXPECT_TRUE(valid_queue_name("login-queue"));
    EXPECT_TRUE(valid_queue_name("login_queue.fifo"));
    EXPECT_TRUE(valid_queue_name(std::string(80, 'q')));
    EXPECT_FALSE(valid_queue_name(std::string(81, 'q')));
    EXPECT_FALSE(valid_queue_name(".fifo"));
    EXPECT_FALSE(valid_queue_name("a.b"));
    EXPECT_FALSE(valid_queue_name(""));
}

TEST(Values, ListenAddressesHaveHostAndPort) {
    for (auto text : {"127.0.0.1:9464", "localhost:0", "[::1]:9464", "0.0.0.0:65535", "off"}) {
        EXPECT_TRUE(valid_listen(text)) << text;
    }
    for (auto text : {"", ":9464", "9464", "host:", "host:65536", "::1:9464", "[]:1", "http://h:1", "h:1:2", "on"}) {
        EXPECT_FALSE(valid_listen(text)) << text;
    }
}

TEST(Utf8, TakesTextAndPointsAtTheFirstByteThatIsNone) {
    EXPECT_FALSE(first_odd_byte("plain\ttext\r\n äöü € 𝄞"));
    for (auto [text, at] : std::vector<std::pair<std::string, std::size_t>>{{"ab\x80", 2},
                                                                            {"\xc0\xaf", 0},
                                                                            {"\xe0\x80\xaf", 0},
                                                                            {"\xed\xa0\x80", 0},
                                                                            {"\xf4\x90\x80\x80", 0},
                                                                            {"a\xe2\x82", 1},
                                                                            {"a\x7f", 1},
                                                                            {std::string("a\0b", 3), 1}}) {
        EXPECT_EQ(first_odd_byte(text), at);
    }
}

}  // namespace
}  // namespace sqs2pg::config
