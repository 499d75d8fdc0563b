// The pieces of the cases: COPY text read back, JSON in one form, and what may be shown of a column.
#include <gtest/gtest.h>

#include "cases/json_text.h"
#include "cases/outcome.h"
#include "cases/preview.h"
#include "cases/run_cases.h"
#include "pg/copy.h"
#include "pg/type_text.h"

namespace sqs2pg::cases {
namespace {

TEST(Outcome, RowsAreReadBackAsTheyWereEncoded) {
    const std::string odd = "tab\t newline\n return\r backslash\\ \\N";
    std::string text;
    pg::append_field(text, odd);
    text += "\t\\N\t\n";
    pg::append_field(text, "");
    text += "\tb\tc\n";
    const auto rows = rows_of(text);
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[0], (std::vector<Cell>{odd, std::nullopt, ""}));
    EXPECT_EQ(rows[1], (std::vector<Cell>{"", "b", "c"}));
    EXPECT_TRUE(rows_of("").empty());
}

TEST(JsonText, OneFormWhateverBlanksAndOrder) {
    EXPECT_EQ(canonical_json(R"( { "b" : [ 1 , "x y\"" ] , "a" : null } )"), R"({"a":null,"b":[1,"x y\""]})");
    EXPECT_EQ(canonical_json(R"({"a":1,"a":2})"), R"({"a":2})");
    EXPECT_EQ(canonical_json("{}"), "{}");
    EXPECT_EQ(canonical_json("[]"), "[]");
    EXPECT_NE(canonical_json("1.0"), canonical_json("1"));
}

TEST(JsonText, NothingBrokenMakesItRunOn) {
    for (const auto* text : {"", "{", "[", "[1", "{\"a", "{\"a\"", "{\"a\":", "[}", "{]", "\"\\", "{1:2}", "[,,]"}) {
        canonical_json(text);
    }
}

TEST(JsonText, YamlIsWhatItLooksLikeUnlessInQuotes) {
    config::Report report;
    const auto node =
        config::read_yaml("{n: 1.50, t: true, s: \"1\", v: 2.3.0, z: null, q: 'null', l: [1e3, 0x1f]}", "f", report);
    ASSERT_TRUE(node && report.good());
    EXPECT_EQ(json_of(*node),
              R"({"n": 1.50, "t": true, "s": "1", "v": "2.3.0", "z": null, "q": "null", "l": [1e3, "0x1f"]})");
}

pipeline::ColumnRule rule(const std::string& column, const std::string& from,
                          std::optional<privacy::Method> mask = std::nullopt) {
    pipeline::ColumnRule made;
    made.column = column;
    made.from = *pipeline::parse_source(from);
    if (mask) made.mask = privacy::MaskOptions{.method = *mask, .domain = "d"};
    return made;
}

TEST(Preview, WhatHoldsAMaskedValueIsHidden) {
    pipeline::PipelineOptions options;
    auto& route = options.routes.emplace_back();
    route.table = {"", "t"};
    route.each = *pipeline::parse_source("order.items");
    route.columns = {rule("masked", "$item.who.mail", privacy::Method::Hmac),
                     rule("body", "$body"),
                     rule("order", "order.id"),
                     rule("who", "$item.who"),
                     rule("item", "$item.sku"),
                     rule("same", "$item.who.mail"),
                     rule("all", "order")};
    pg::TableShape table;
    for (const auto& one : route.columns) {
        auto column = pg::parse_column_type(one.column == "masked" ? "text" : "jsonb")->column;
        column.name = one.column;
        table.columns.push_back(std::move(column));
    }
    const std::vector<pg::TableShape> tables{table};
    const auto preview = Preview::make({options, tables}, test_keyring());
    ASSERT_TRUE(preview) << describe(preview.error());
    std::string hidden;
    for (const auto& column : preview->seen().routes[0].columns) {
        hidden += std::string(name_of(column.reveal)) + " ";
    }
    EXPECT_EQ(hidden, "token hidden value hidden value hidden hidden ");
}

}  // namespace
}  // namespace sqs2pg::cases
