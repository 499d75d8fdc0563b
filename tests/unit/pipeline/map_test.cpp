// From JSON to columns, masked: the rule of the contract, line by line.
#include "pipeline/map.h"

#include <gtest/gtest.h>

#include "pipeline/message_seal.h"

namespace sqs2pg::pipeline {
namespace {

constexpr std::string_view kKeyFile = "active: k1\nkeys:\n  k1: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n";

privacy::Keyring keyring() { return privacy::Keyring::parse(kKeyFile, "keys").value(); }

pg::Column column(std::string name, pg::TypeClass type, std::int32_t length = 0) {
    pg::Column column;
    column.name = std::move(name);
    column.type = type;
    column.type_name = "type of " + column.name;
    column.max_length = length;
    return column;
}

struct Case {
    PipelineOptions options;
    pg::TableShape table;

    Case() {
        table.name = {"public", "t"};
        options.routes.emplace_back();
    }
    Route& route() { return options.routes[0]; }

    ColumnRule& add(pg::Column in_table, std::string_view from) {
        ColumnRule rule;
        rule.column = in_table.name;
        rule.from = parse_source(from).value();
        rule.place = "c.yaml:" + std::to_string(options.routes[0].columns.size() + 1) + ":1";
        options.routes[0].columns.push_back(std::move(rule));
        table.columns.push_back(std::move(in_table));
        return options.routes[0].columns.back();
    }

    std::string row(std::string body) {
        Received message;
        message.body = std::move(body);
        return row(message);
    }

    std::string row(Received& message) {
        auto map = MapStage::make(options, {&table, 1}, keyring());
        if (!map) return "error " + map.error().detail;
        auto result = map->transform(message);
        if (!result) return result.error().reason + " " + result.error().place;
        return *result ? std::string((*result)->copy_text()) : "ignored";
    }

    std::vector<std::string> findings() {
        std::vector<std::string> sentences;
        for (const auto& finding : check_rules(options.routes[0], table)) {
            sentences.push_back(std::string(finding.error ? "error " : "warning ") + finding.sentence);
        }
        return sentences;
    }
};

TEST(Map, AnAbsentPathIsABadMessageAndNullIsAValue) {
    Case c;
    c.add(column("a", pg::TypeClass::Text), "x.a");
    EXPECT_EQ(c.row(R"({"x":{"a":"v"}})"), "v\n");
    EXPECT_EQ(c.row(R"({"x":{"a":null}})"), "\\N\n");
    EXPECT_EQ(c.row(R"({"x":{}})"), "missing_field x.a");
    EXPECT_EQ(c.row("17"), "missing_field x.a");
    c.table.columns[0].not_null = true;
    EXPECT_EQ(c.row(R"({"x":{"a":null}})"), "not_null a");
}

TEST(Map, OptionalDefaultAndMissingNull) {
    Case c;
    c.add(column("a", pg::TypeClass::Text), "a").optional = true;
    c.add(column("b", pg::TypeClass::Int4), "b").default_value = "7";
    EXPECT_EQ(c.row("{}"), "\\N\t7\n");
    EXPECT_EQ(c.row(R"({"a":"x","b":null})"), "x\t\\N\n");
    Case all;
    all.add(column("a", pg::TypeClass::Text), "a");
    all.options.missing_is_null = true;
    EXPECT_EQ(all.row("{}"), "\\N\n");
}

TEST(Map, AScalarIsHandedOverAsItsJsonText) {
    Case c;
    c.add(column("n", pg::TypeClass::Int4), "n");
    EXPECT_EQ(c.row(R"({"n":"2"})"), "2\n");
    EXPECT_EQ(c.row(R"({"n":2})"), "2\n");
    EXPECT_EQ(c.row(R"({"n":true})"), "wrong_type n");
    EXPECT_EQ(c.row(R"({"n":2.5})"), "wrong_type n");
    EXPECT_EQ(c.row(R"({"n":99999999999})"), "out_of_range n");
    EXPECT_EQ(c.row(R"({"n":[1]})"), "wrong_type n");
    Case text;
    text.add(column("t", pg::TypeClass::Varchar, 4), "t");
    EXPECT_EQ(text.row(R"({"t":1.10})"), "1.10\n");
    EXPECT_EQ(text.row(R"({"t":false})"), "too_long t");
    EXPECT_EQ(text.row(R"({"t":"a\tb\\"})"), "a\\tb\\\\\n");
    EXPECT_EQ(text.row(R"({"t":"\u0000"})"), "invalid_text t");
    EXPECT_EQ(text.row(R"({"t":"\ud800"})"), "invalid_text t");
    EXPECT_EQ(text.row(R"({"t":"\\N"})"), "\\\\N\n");
    EXPECT_EQ(text.row(R"({"t":"日本語字"})"), "日本語字\n");
    EXPECT_EQ(text.row(R"({"t":"日本語字五"})"), "too_long t");
}

TEST(Map, ObjectsAndArraysFitJsonColumns) {
    Case c;
    c.add(column("j", pg::TypeClass::Jsonb), "j");
    EXPECT_EQ(c.row(R"({"j": {"a": [1, 2.50]} })"), "{\"a\": [1, 2.50]}\n");
    EXPECT_EQ(c.row(R"({"j":17})"), "17\n");
    EXPECT_EQ(c.row(R"({"j":"{\"a\":1}"})"), "{\"a\":1}\n");
    EXPECT_EQ(c.row(R"({"j":"plain"})"), "wrong_type j");
    EXPECT_EQ(c.row(R"({"j":{"a":"\u0000"}})"), "invalid_text j");
    c.options.routes[0].columns[0].convert = Convert::Json;
    EXPECT_EQ(c.row(R"({"j":"plain"})"), "\"plain\"\n");
}

TEST(Map, AnArrayOfScalarsFitsAnArrayColumn) {
    Case c;
    c.add(column("a", pg::TypeClass::Array), "a");
    auto texts = std::make_shared<pg::Column>();
    texts->type = pg::TypeClass::Text;
    c.table.columns[0].element = texts;
    EXPECT_EQ(c.row(R"({"a":["x", null, 1.50, true, "q\"b\\", "NULL", ""]})"),
              "{\"x\",NULL,\"1.50\",\"true\",\"q\\\\\"b\\\\\\\\\",\"NULL\",\"\"}\n");
    EXPECT_EQ(c.row(R"({"a":[]})"), "{}\n");
    EXPECT_EQ(c.row(R"({"a":"{x,y}"})"), "{x,y}\n");
    EXPECT_EQ(c.row(R"({"a":[[1],[2]]})"), "{{\"1\"},{\"2\"}}\n");
    EXPECT_EQ(c.row(R"({"a":[[1],[2,3]]})"), "wrong_type a");
    EXPECT_EQ(c.row(R"({"a":[1,[2]]})"), "wrong_type a");
    EXPECT_EQ(c.row(R"({"a":[[[[[[[1]]]]]]]})"), "wrong_type a");
    EXPECT_EQ(c.row(R"({"a":["\ud800"]})"), "invalid_text a");
    EXPECT_EQ(c.row(R"({"a":[{"b":1}]})"), "wrong_type a");
    EXPECT_EQ(c.row(R"({"a":["\u0000"]})"), "invalid_text a");
    c.table.columns[0].type = pg::TypeClass::Other;
    c.table.columns[0].type_name = "hstore";
    EXPECT_EQ(c.row(R"({"a":["x"]})"), "wrong_type a");
}

TEST(Map, AnArrayOfJsonTakesEachElementAsAValue) {
    Case c;
    c.add(column("a", pg::TypeClass::Array), "a");
    auto json = std::make_shared<pg::Column>();
    json->type = pg::TypeClass::Jsonb;
    c.table.columns[0].element = json;
    EXPECT_EQ(c.row(R"({"a":[{"b":"x"}, [1, 2] ,3,null,true]})"),
              "{\"{\\\\\"b\\\\\":\\\\\"x\\\\\"}\",\"[1, 2]\",\"3\",NULL,\"true\"}\n");
    EXPECT_EQ(c.row(R"({"a":["plain"]})"), "wrong_type a");
}

TEST(Map, ElementsAreJudgedByTheirType) {
    Case c;
    c.add(column("a", pg::TypeClass::Array), "a");
    auto element = std::make_shared<pg::Column>();
    element->type = pg::TypeClass::Varchar;
    element->max_length = 3;
    element->not_null = true;
    c.table.columns[0].element = element;
    EXPECT_EQ(c.row(R"({"a":["abc"]})"), "{\"abc\"}\n");
    EXPECT_EQ(c.row(R"({"a":["abc","abcd"]})"), "too_long a");
    EXPECT_EQ(c.row(R"({"a":["abc",null]})"), "not_null a");
}

TEST(Map, CompositeTypesAndDefaultsThatDoNotFitAreRefusedAtTheStart) {
    Case c;
    c.add(column("home", pg::TypeClass::Composite), "home");
    c.add(column("homes", pg::TypeClass::Array), "homes");
    c.table.columns[1].element = std::make_shared<pg::Column>(c.table.columns[0]);
    c.add(column("age", pg::TypeClass::Int4), "age").default_value = "old";
    auto found = c.findings();
    ASSERT_EQ(found.size(), 3u);
    EXPECT_TRUE(found[0].starts_with("error column \"home\"") && found[0].contains("composite")) << found[0];
    EXPECT_TRUE(found[0].contains("make it jsonb")) << found[0];
    EXPECT_TRUE(found[1].starts_with("error column \"homes\"")) << found[1];
    EXPECT_TRUE(found[2].contains("the `default` of column \"age\"") && found[2].contains("wrong_type")) << found[2];
    EXPECT_FALSE(found[2].contains("old")) << found[2];
}

TEST(Map, TellsWhatRowsInAnUnusualTableAreToExpect) {
    Case c;
    c.add(column("a", pg::TypeClass::Text), "a");
    c.table.partition_of = "public.whole";
    c.table.foreign_rows = true;
    c.table.unlogged = true;
    auto found = c.findings();
    ASSERT_EQ(found.size(), 3u);
    EXPECT_TRUE(found[0].starts_with("warning") && found[0].contains("public.whole")) << found[0];
    EXPECT_TRUE(found[1].starts_with("warning") && found[1].contains("another server")) << found[1];
    EXPECT_TRUE(found[2].starts_with("warning") && found[2].contains("SET LOGGED")) << found[2];
    EXPECT_EQ(c.row(R"({"a":"x"})"), "x\n");
}

TEST(Map, MasksTheCanonicalValueToTheKnownToken) {
    Case c;
    auto& rule = c.add(column("ip", pg::TypeClass::Varchar, 256), "ip");
    rule.mask = privacy::MaskOptions{privacy::Method::Hmac, "ip", privacy::Canonical::Ip, 0};
    EXPECT_EQ(c.row(R"({"ip":"192.0.2.1"})"), "k1_uieh4axvflmyheez7dw7lwztsq\n");
    EXPECT_EQ(c.row(R"({"ip":"::ffff:192.0.2.1"})"), "k1_uieh4axvflmyheez7dw7lwztsq\n");
    EXPECT_EQ(c.row(R"({"ip":null})"), "\\N\n");
    EXPECT_EQ(c.row(R"({"ip":""})"), "\\N\n");
    EXPECT_EQ(c.row(R"({"ip":{"v":4}})"), "wrong_type ip");
    c.table.columns[0].not_null = true;
    EXPECT_EQ(c.row(R"({"ip":""})"), "not_null ip");
}

TEST(Map, MetadataOfTheMessage) {
    Case c;
    c.add(column("d", pg::TypeClass::Date), "$sent_at");
    c.add(column("id", pg::TypeClass::Text), "$message_id");
    c.add(column("n", pg::TypeClass::Int4), "$receive_count");
    c.add(column("s", pg::TypeClass::Text), "$sequence_number");
    c.add(column("t", pg::TypeClass::Text), "$attributes.trace");
    c.add(column("b", pg::TypeClass::Jsonb), "$body");
    Received message;
    message.body = R"({"a": 1})";
    message.message_id = "m-1";
    message.sent_ms = 1'700'000'000'123;
    message.receive_count = 3;
    message.attributes = {{"trace", "String", "t-9"}};
    message.sequence_number = "18849496460467696128";
    EXPECT_EQ(c.row(message), "2023-11-14\tm-1\t3\t18849496460467696128\tt-9\t{\"a\": 1}\n");
    message.attributes.clear();
    EXPECT_EQ(c.row(message), "missing_field $attributes.trace");
    message.sequence_number = {};
    EXPECT_EQ(c.row(message), "missing_field $sequence_number");
}

TEST(Map, FindingsNameEveryMistakeAtOnce) {
    Case c;
    c.add(column("user_id", pg::TypeClass::Text), "u");
    c.options.routes[0].columns[0].column = "user_idd";
    auto& rule = c.add(column("n", pg::TypeClass::Int4), "n");
    rule.mask = privacy::MaskOptions{privacy::Method::Sha256, "", privacy::Canonical::Text, 0};
    c.add(column("when", pg::TypeClass::Int8), "$sent_at");
    c.add(column("g", pg::TypeClass::Text), "g");
    c.table.columns.back().generated = true;
    pg::Column required = column("must", pg::TypeClass::Text);
    required.not_null = true;
    c.table.columns.push_back(required);
    auto found = c.findings();
    ASSERT_EQ(found.size(), 6u);
    EXPECT_EQ(found[0], "error the table public.t has no column \"user_idd\"; did you mean \"user_id\"?");
    EXPECT_NE(found[1].find("a masked value is text"), std::string::npos);
    EXPECT_TRUE(found[2].starts_with("warning column \"n\": a bare sha256"));
    EXPECT_NE(found[3].find("cannot hold a time"), std::string::npos);
    EXPECT_NE(found[4].find("generated by the database"), std::string::npos);
    EXPECT_NE(found[5].find("NOT NULL without a default"), std::string::npos);
    EXPECT_TRUE(c.row("{}").starts_with("error c.yaml:1:1: "));
}

TEST(Map, ATokenMustFitItsColumn) {
    Case c;
    auto& rule = c.add(column("ip", pg::TypeClass::Varchar, 28), "ip");
    rule.mask = privacy::MaskOptions{privacy::Method::Hmac, "ip", privacy::Canonical::Ip, 0};
    EXPECT_NE(c.row(R"({"ip":"1.2.3.4"})").find("its masked values have 29 characters"), std::string::npos);
    c.table.columns[0].max_length = 29;
    EXPECT_EQ(c.row(R"({"ip":"192.0.2.1"})"), "k1_uieh4axvflmyheez7dw7lwztsq\n");
}

TEST(CheckRules, EveryMaskThatDoesNotFitItsColumnIsFoundAtOnce) {
    Case c;
    auto add = [&](pg::Column in_table, privacy::MaskOptions mask) { c.add(std::move(in_table), "x").mask = mask; };
    using enum privacy::Method;
    using enum privacy::Canonical;
    add(column("short_siv", pg::TypeClass::Varchar, 28), {Siv, "d", Text, 0});
    add(column("some_siv", pg::TypeClass::Varchar, 64), {Siv, "d", Text, 0});
    add(column("only_v4", pg::TypeClass::Varchar, 50), {Siv, "d", Ip, 0});
    add(column("both", pg::TypeClass::Varchar, 60), {Siv, "d", Ip, 0});
    add(column("number", pg::TypeClass::Int4), {Truncate, "", Ip, 0});
    add(column("net", pg::TypeClass::Varchar, 41), {Truncate, "", Ip, 0});
    add(column("card", pg::TypeClass::Text), {KeepLast, "", Text, 12});
    add(column("peer", pg::TypeClass::Inet), {IpPrefix, "d", Ip, 0});
    auto gone = column("gone", pg::TypeClass::Int4);
    gone.not_null = true;
    add(gone, {Drop, "", Text, 0});
    const auto ring = keyring();
    std::vector<std::string> found;
    for (const auto& finding : check_rules(c.options.routes[0], c.table, &ring)) {
        auto name = finding.sentence.substr(0, finding.sentence.find('"', 8) + 1);
        found.push_back((finding.error ? "error " : "warning ") + finding.code + " " + name);
    }
    EXPECT_EQ(found, (std::vector<std::string>{
                         "error mask_column_short column \"short_siv\"",
                         "warning mask_siv_length column \"some_siv\"",
                         "warning mask_column_short column \"only_v4\"",
                         "error mask_column_type column \"number\"",
                         "error mask_column_short column \"net\"",
                         "warning mask_keep_last column \"card\"",
                         "warning mask_ip_prefix column \"peer\"",
                         "error mask_drop_not_null column \"gone\"",
                     }));
}

TEST(Map, ASivTokenTooLongForItsColumnIsABadMessageAndNeverCut) {
    Case c;
    auto& rule = c.add(column("v", pg::TypeClass::Varchar, 40), "v");
    rule.mask = privacy::MaskOptions{privacy::Method::Siv, "d", privacy::Canonical::Text, 0};
    EXPECT_EQ(c.row(R"({"v":"1234567"})").size(), 41u);
    EXPECT_EQ(c.row(R"({"v":"12345678"})"), "too_long v");
    EXPECT_EQ(c.row(R"({"v":""})"), "\\N\n");
    c.table.columns[0].not_null = true;
    EXPECT_EQ(c.row(R"({"v":""})"), "not_null v");
}

TEST(Map, AMaskOfAddressesRefusesWhatIsNone) {
    Case c;
    auto& rule = c.add(column("net", pg::TypeClass::Inet), "ip");
    rule.mask = privacy::MaskOptions{privacy::Method::Truncate, "", privacy::Canonical::Ip, 0};
    EXPECT_EQ(c.row(R"({"ip":"192.0.2.77"})"), "192.0.2.0/24\n");
    EXPECT_EQ(c.row(R"({"ip":"unknown"})"), "wrong_type net");
}

TEST(Map, KeepLastIsHeldAgainstItsColumn) {
    Case c;
    auto& rule = c.add(column("card", pg::TypeClass::Varchar, 7), "card");
    rule.mask = privacy::MaskOptions{privacy::Method::KeepLast, "", privacy::Canonical::Text, 4};
    EXPECT_EQ(c.row(R"({"card":"4111111111111111"})"), "***1111\n");
    EXPECT_EQ(c.row(R"({"card":"ääääääöööö"})"), "***öööö\n");
    rule.convert = Convert::Base64;
    EXPECT_EQ(c.row(R"({"card":"//////////8="})"), "invalid_text card");
}

TEST(Map, CountsHowOftenAPathIsSeen) {
    Case c;
    c.add(column("a", pg::TypeClass::Text), "a").optional = true;
    auto map = MapStage::make(c.options, {&c.table, 1}, keyring()).value();
    for (const char* body : {"{}", "{\"a\":1}", "{}"}) {
        Received message;
        message.body = body;
        ASSERT_TRUE(map.transform(message));
    }
    ASSERT_EQ(map.path_use().size(), 1u);
    EXPECT_EQ(map.path_use()[0].absent, 2u);
    EXPECT_EQ(map.path_use()[0].present, 1u);
}

TEST(LedgerKey, IsTimeThenHashAndSortsByTime) {
    auto key = ledger_key("000000000000/login-queue", "5fea7756-0ea4-451a-a703-a558b933e274", 1'700'000'000'123);
    // printf '000000000000/login-queue\0005fea7756-0ea4-451a-a703-a558b933e274' | sha256sum; 1700000000123 =
    // 0x018bcfe5687b
    EXPECT_EQ(to_uuid_text(key), "018bcfe5-687b-650d-9a47-b91df666331c");
    EXPECT_LT(key, ledger_key("000000000000/login-queue", "0", 1'700'000'000'124));
    EXPECT_NE(key, ledger_key("000000000000/other", "5fea7756-0ea4-451a-a703-a558b933e274", 1'700'000'000'123));
    EXPECT_EQ(key, ledger_key("000000000000/login-queue", "5fea7756-0ea4-451a-a703-a558b933e274", 1'700'000'000'123));
}

TEST(SealableText, HoldsTheWholeMessage) {
    Received message;
    message.message_id = "m";
    message.sent_ms = 5;
    message.body = "{\"a\":\"\n\"}";
    message.attributes = {{"n", "Number", "1"}};
    EXPECT_EQ(to_sealable_text(message),
              R"({"v":1,"message_id":"m","sent_ms":5,"body":"{\"a\":\"\u000a\"}",)"
              R"("attributes":[{"name":"n","type":"Number","value":"1"}],"group_id":"","sequence_number":""})");
    message.body = "\xff\xfe";
    EXPECT_NE(to_sealable_text(message).find("\"body_base64\":\"//4=\""), std::string::npos);
}

}  // namespace
}  // namespace sqs2pg::pipeline
