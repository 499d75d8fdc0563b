// check() beside the server's own input functions, over grids of numbers, texts and the like. Differences that are
// wanted are named with their reason.
#include "unit/pg/check_server.h"

namespace sqs2pg::pg {
namespace {

const std::vector<std::string> kNumbers = {
    "0",
    "-0",
    "+0",
    "1",
    "-1",
    "+1",
    " 1",
    "1 ",
    "\t1\n",
    "\v1\f",
    "",
    " ",
    "+",
    "-",
    "--1",
    "1-",
    "1 1",
    "01",
    "007",
    "1.",
    ".1",
    ".",
    "1.5",
    "-1.5",
    "1e3",
    "1E3",
    "1e+3",
    "1e-3",
    "1e",
    "1e+",
    "e3",
    "1.5.5",
    "0x10",
    "0b1",
    "1_000",
    "1,000",
    "abc",
    "true",
    "NaN",
    "nan",
    "NAN",
    "-NaN",
    "+NaN",
    "Infinity",
    "-Infinity",
    "+Infinity",
    "inf",
    "-INF",
    "infinit",
    "nanx",
    "1f",
    "1d",
    "32767",
    "32768",
    "-32768",
    "-32769",
    "2147483647",
    "2147483648",
    "-2147483648",
    "-2147483649",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "-9223372036854775809",
    "18446744073709551616",
    "99999999999999999999999",
    "00000000000000000000000000000001",
    "99999999999999999999999999999x",
    "1e37",
    "1e38",
    "3.4e38",
    "3.5e38",
    "1e39",
    "1e-37",
    "1e-45",
    "1e-46",
    "1e-60",
    "1e308",
    "1.7976931348623157e308",
    "1.8e308",
    "1e309",
    "1e-307",
    "1e-323",
    "1e-324",
    "1e-400",
    "1e400",
    "0e999",
    "0e-999",
    "123456789012345678901234567890.123456789",
    "999.994",
    "999.995",
    "999.99499999",
    "-999.995",
    "99.995",
    "0.004",
    "0.005",
    "0.0049",
    "9.5",
    "99.5",
    "999.5",
    "999.4",
    "1e2",
    "1e-2",
    "100e-2",
    "0.00999e5",
    "12345",
    "1234500",
    "12349.9",
    "12350",
    "99949",
    "99950",
    "1e131071",
    "1e131072",
    "9e131071",
    "1e-16383",
    "1e-16384",
    "1e1000000000",
    "1e1073741823",
    "1e9999999999",
    "1e-9999999999",
    "0e131073",
    "0.0e-16384",
    "\xC2\xA0"
    "1",
    "1\xC2\xA0",
    "\xD9\xA1",
    "1;",
    "$1",
    "(1)",
    "1/2",
    "½",
};

TEST_F(CheckServerTest, integers_as_the_server) {
    for (const char* type : {"int2", "int4", "int8"}) compare(type, kNumbers);
}

TEST_F(CheckServerTest, numeric_as_the_server) {
    for (const char* type :
         {"numeric", "numeric(5,2)", "numeric(3)", "numeric(2,4)", "numeric(3,-2)", "numeric(1000,900)"}) {
        compare(type, kNumbers);
    }
    compare("numeric", {std::string(131072, '9'), std::string(131073, '9'), "0." + std::string(16383, '1'),
                        "0." + std::string(16384, '1'), std::string(200000, '0') + "1"});
}

TEST_F(CheckServerTest, floats_as_the_server) {
    for (const char* type : {"float4", "float8"}) compare(type, kNumbers);
}

TEST_F(CheckServerTest, booleans_as_the_server) {
    compare("bool", {"t", "T",  "tr",  "true",   "TRUE",     "truee",   "f",    "fal", "false", "y",   "ye", "yes",
                     "n", "no", "noo", "o",      "on",       "ON",      "of",   "off", "offf",  "0",   "1",  "00",
                     "2", "",   " ",   " true ", "\ttrue\n", "enabled", "tRuE", "-1",  "1.0",   "null"});
}

TEST_F(CheckServerTest, uuids_as_the_server) {
    const std::string plain = "a0eebc999c0b4ef8bb6d6bb9bd380a11";
    compare(
        "uuid",
        {"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", plain, "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", "{" + plain + "}",
         "{a0eebc99-9c0b4ef8-bb6d6bb9-bd380a11}", "a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11", " " + plain, plain + " ",
         "{" + plain, plain + "}", plain.substr(1), plain + "0", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1g", "",
         "a0eebc99--9c0b-4ef8-bb6d-6bb9bd380a11", "-" + plain, plain + "-", "a0-eebc999c0b4ef8bb6d6bb9bd380a11", "{}"});
}

TEST_F(CheckServerTest, texts_as_the_server_but_for_blanks_that_it_cuts_off) {
    compare("varchar(3)", {"", "a", "abc", "abcd", "ééé", "éééé", "😀😀😀", "😀😀😀😀", "ab\n", "a\\N", "\\N", "\\."});
    compare("char(3)", {"", "abc", "abcd", "ééé", "éééé"});
    compare("text", {"", "\t", "\\", "\\.", "\x01\x1f", std::string(3000, 'x')});
}

TEST_F(CheckServerTest, json_and_jsonb_as_the_server_for_wellformed_json) {
    const std::vector<std::string> values = {"{}",
                                             "[]",
                                             "1",
                                             "\"x\"",
                                             "null",
                                             "{\"a\": [1, 2.5e3, \"\\u00e9\"]}",
                                             "\"\\u0000\"",
                                             "\"a\\u0000b\"",
                                             "\"\\\\u0000\"",
                                             "\"\\ud83d\\ude00\"",
                                             "\"\\ud83d\"",
                                             "\"\\ude00\"",
                                             "\"\\ud83d\\ud83d\\ude00\"",
                                             "\"\\ud83dx\"",
                                             "\"\\ud83d\\n\"",
                                             "{\"\\u0000\": 1}",
                                             "{\"\\ud800\": 1}",
                                             "1e400",
                                             "1e131072",
                                             "[1, 1e200000]",
                                             "{\"a\": -1e-20000}",
                                             "\"1e200000\"",
                                             std::string("[") + std::string(200, '1') + "]",
                                             "\"\\\"\\u0000\""};
    compare("jsonb", values);
    compare("json", values);
}

TEST_F(CheckServerTest, addresses_as_the_server) {
    compare("inet", {"192.168.0.1",     "192.168.0.1/24",
                     "192.168.0.1/32",  "192.168.0.1/33",
                     "192.168.0.1/",    "192.168.0.256",
                     "1.2.3",           "1.2.3.4.5",
                     "01.002.003.004",  "::1",
                     "::1/128",         "::1/129",
                     "2001:db8::/32",   "::ffff:1.2.3.4",
                     "fe80::1%eth0",    "",
                     " 1.2.3.4",        "1.2.3.4 ",
                     "localhost",       "1..2.3",
                     "2001:db8::g",     ":::",
                     "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8:9",
                     "255.255.255.255", "-1.2.3.4",
                     "1.2.3.4/08",      "1.2.3.4/-1",
                     "::ffff:1.2.3.256"});
}

TEST_F(CheckServerTest, bytea_as_the_server) {
    compare("bytea", {"", "\\x", "\\xdeadBEEF", "\\xd", "\\xdeadg0", "\\x de ad", "\\xd e", "plain", "a\\\\b", "a\\b",
                      "\\001", "\\400", "\\377", "\\08", "\\", "é", "\\X00", "\\x\n01"});
}

}  // namespace
}  // namespace sqs2pg::pg
