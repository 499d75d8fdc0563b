// Several kinds of message in one pipeline, and several rows of one message.
#include <gtest/gtest.h>

#include <algorithm>

#include "pipeline/map.h"
#include "pipeline/route.h"

namespace sqs2pg::pipeline {
namespace {

constexpr std::string_view kKeyFile = "active: k1\nkeys:\n  k1: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n";

pg::Column column(std::string name, pg::TypeClass type = pg::TypeClass::Text) {
    pg::Column column;
    column.type = type;
    column.type_name = "type of " + name;
    column.name = std::move(name);
    return column;
}

ColumnRule rule(std::string name, std::string_view from) {
    ColumnRule rule;
    rule.column = std::move(name);
    rule.from = parse_source(from).value();
    return rule;
}

Condition condition(std::string_view from, std::vector<std::string> values, bool null = false) {
    return {parse_source(from).value(), std::move(values), null};
}

struct Kinds {
    PipelineOptions options;
    std::vector<pg::TableShape> tables;

    Route& add(std::string table, std::vector<std::pair<std::string, std::string>> columns) {
        auto& shape = tables.emplace_back();
        shape.name = {"public", table};
        auto& route = options.routes.emplace_back();
        route.table = shape.name;
        for (const auto& [name, from] : columns) {
            shape.columns.push_back(column(name));
            route.columns.push_back(rule(name, from));
        }
        return route;
    }

    // "TARGET: rows", a reason and a place, or "ignored".
    std::string of(std::string body, std::vector<MessageAttribute> attributes = {}) {
        Received message;
        message.body = std::move(body);
        message.attributes = std::move(attributes);
        auto map = MapStage::make(options, tables, privacy::Keyring::parse(kKeyFile, "keys").value());
        if (!map) return "error " + map.error().detail;
        auto result = map->transform(message);
        if (!result) return result.error().reason + " " + result.error().place;
        if (!*result) return "ignored";
        EXPECT_EQ(static_cast<std::size_t>(std::ranges::count((*result)->copy_text(), '\n')), (*result)->rows());
        return std::to_string((*result)->target()) + ": " + std::string((*result)->copy_text());
    }
};

TEST(Routes, TheFirstThatFitsTakesTheMessage) {
    Kinds kinds;
    kinds.add("orders", {{"id", "order.id"}}).when = {condition("type", {"order"}), condition("v", {"1", "2"})};
    kinds.add("odd", {{"what", "type"}}).when = {condition("type", {"order", "true", "7"}, true)};
    kinds.add("tagged", {{"b", "$body"}}).when = {condition("$attributes.kind", {"tag"})};
    EXPECT_EQ(kinds.of(R"({"type":"order","v":2,"order":{"id":5}})"), "0: 5\n");
    EXPECT_EQ(kinds.of(R"({"v":"1","order":{"id":5},"type":"order"})"), "0: 5\n");
    EXPECT_EQ(kinds.of(R"({"type":"order","v":3})"), "1: order\n");
    EXPECT_EQ(kinds.of(R"({"type":true})"), "1: true\n");
    EXPECT_EQ(kinds.of(R"({"type":7})"), "1: 7\n");
    EXPECT_EQ(kinds.of(R"({"type":null})"), "1: \\N\n");
    EXPECT_EQ(kinds.of(R"({"type":"x"})", {{"kind", "String", "tag"}}), "2: {\"type\":\"x\"}\n");
}

TEST(Routes, WhatFitsNoneIsADeadLetterThatNamesThePlacesOrIgnored) {
    Kinds kinds;
    kinds.add("a", {{"a", "a"}}).when = {condition("type", {"a"})};
    kinds.add("b", {{"a", "a"}}).when = {condition("type", {"b"}), condition("$group_id", {"g"})};
    for (auto body :
         {R"({"type":"c"})", "{}", R"({"type":7.0})", R"({"type":{"a":1}})", R"({"type":"\ud800"})", "17"}) {
        EXPECT_EQ(kinds.of(body), "no_route type, $group_id") << body;
    }
    EXPECT_EQ(kinds.of("{"), "not_json ");
    kinds.options.otherwise = Otherwise::Ignore;
    EXPECT_EQ(kinds.of(R"({"type":"c"})"), "ignored");
    EXPECT_EQ(kinds.of("{"), "not_json ");
    EXPECT_EQ(kinds.of(R"({"type":"a"})"), "missing_field a");
}

TEST(Routes, CoveringAndOverlapping) {
    auto route = [](std::vector<Condition> when) {
        Route made;
        made.when = std::move(when);
        return made;
    };
    auto wide = route({condition("t", {"a", "b"})});
    auto narrow = route({condition("\"t\"", {"a"}), condition("v", {"1"})});
    auto other = route({condition("t", {"c"})});
    auto null = route({condition("t", {}, true)});
    auto all = route({});
    EXPECT_TRUE(covers(wide, narrow));
    EXPECT_FALSE(covers(narrow, wide));
    EXPECT_FALSE(covers(wide, other));
    EXPECT_FALSE(covers(wide, null));
    EXPECT_TRUE(covers(all, wide));
    EXPECT_FALSE(covers(wide, all));
    EXPECT_TRUE(can_overlap(wide, narrow));
    EXPECT_FALSE(can_overlap(wide, other));
    EXPECT_FALSE(can_overlap(wide, null));
    EXPECT_TRUE(can_overlap(null, null));
    EXPECT_TRUE(can_overlap(narrow, route({condition("x", {"1"})})));
}

struct Items : Kinds {
    Route& route;

    Items() : route(add("items", {{"id", "id"}, {"sku", "$item.sku"}, {"place", "$index"}})) {
        route.each = parse_source("order.items").value();
    }
};

TEST(Each, AnElementIsARow) {
    Items items;
    EXPECT_EQ(items.of(R"({"order":{"items":[{"sku":"a"}, {"n":1,"sku":"b\tc"},{"sku":null}]},"id":7})"),
              "0: 7\ta\t0\n7\tb\\tc\t1\n7\t\\N\t2\n");
}

TEST(Each, AnEmptyArrayAndNullMakeNoRow) {
    Items items;
    EXPECT_EQ(items.of(R"({"id":7,"order":{"items":[]}})"), "0: ");
    EXPECT_EQ(items.of(R"({"id":7,"order":{"items":null}})"), "0: ");
    EXPECT_EQ(items.of(R"({"id":7,"order":{}})"), "missing_field order.items");
    items.options.missing_is_null = true;
    EXPECT_EQ(items.of(R"({"id":7,"order":{}})"), "0: ");
    EXPECT_EQ(items.of(R"({"id":7,"order":{"items":{"sku":"a"}}})"), "wrong_type order.items");
}

TEST(Each, OneBadElementMakesTheMessageBadAndSaysWhich) {
    Items items;
    EXPECT_EQ(items.of(R"({"id":7,"order":{"items":[{"sku":"a"},{}]}})"), "missing_field $item.sku in order.items[1]");
    items.tables[0].columns[1].type = pg::TypeClass::Int4;
    EXPECT_EQ(items.of(R"({"id":7,"order":{"items":[{"sku":"1"},{"sku":1},{"sku":"x"}]}})"),
              "wrong_type sku in order.items[2]");
    EXPECT_EQ(items.of(R"({"id":7,"order":{"items":[17]}})"), "missing_field $item.sku in order.items[0]");
}

TEST(Each, ElementsMayBeScalarsOrArraysAndPathsMayHaveIndexes) {
    Kinds kinds;
    kinds.add("t", {{"whole", "$item"}, {"first", "$item[0]"}}).each = parse_source("a").value();
    for (auto& one : kinds.options.routes[0].columns) one.optional = true;
    kinds.tables[0].columns[0].type = pg::TypeClass::Json;
    EXPECT_EQ(kinds.of(R"({"a": [1, true , null, [2, 3] , {"x" : 1} ] } )"),
              "0: 1\t\\N\ntrue\t\\N\n\\N\t\\N\n[2, 3]\t2\n{\"x\" : 1}\t\\N\n");
}

TEST(Each, MoreThanAThousandElementsOrTooManyBytesAreAFanOut) {
    Items items;
    auto body = [](std::size_t count, const std::string& more) {
        std::string text = R"({"id":7,"order":{"items":[)";
        for (std::size_t i = 0; i < count; ++i) text += (i > 0 ? "," : "") + std::string(R"({"sku":1})");
        return text + "]}" + more + "}";
    };
    EXPECT_TRUE(items.of(body(1000, "")).starts_with("0: 7\t1\t0\n"));
    EXPECT_EQ(items.of(body(1001, "")), "fan_out order.items");
    items.route.columns[0].from = parse_source("big").value();
    auto big = R"(,"big":")" + std::string(100'000, 'x') + '"';
    EXPECT_TRUE(items.of(body(300, big)).starts_with("0: xxx"));
    EXPECT_EQ(items.of(body(400, big)), "fan_out order.items");
}

TEST(Each, ElementsAreMaskedOneByOne) {
    Items items;
    items.route.columns[1].mask = privacy::MaskOptions{privacy::Method::Redact, "", privacy::Canonical::Text};
    EXPECT_EQ(items.of(R"({"id":7,"order":{"items":[{"sku":"secret"},{"sku":"secret"}]}})"),
              "0: 7\t[redacted]\t0\n7\t[redacted]\t1\n");
}

TEST(Value, IsTheSameInEveryRow) {
    Kinds kinds;
    auto& route = kinds.add("t", {{"a", "a"}, {"source", "a"}, {"none", "a"}});
    route.columns[1].constant = true;
    route.columns[1].default_value = "w\teb";
    route.columns[2].constant = true;
    EXPECT_EQ(kinds.of(R"({"a":1})"), "0: 1\tw\\teb\t\\N\n");
    kinds.tables[0].columns[1].type = pg::TypeClass::Int4;
    EXPECT_EQ(kinds.of(R"({"a":1})"),
              "error : the `value` of column \"source\" does not fit its type type of source (wrong_type); write one "
              "that does");
    kinds.tables[0].columns[1].type = pg::TypeClass::Text;
    kinds.tables[0].columns[2].not_null = true;
    EXPECT_EQ(kinds.of(R"({"a":1})"),
              "error : column \"none\" is NOT NULL, but its `value` is null; write another, or leave the column out "
              "where it has a default");
}

TEST(Default, ThatTheColumnDoesNotTakeIsToldBeforeTheFirstMessage) {
    Kinds kinds;
    kinds.add("t", {{"a", "a"}}).columns[0].default_value = "x";
    kinds.tables[0].columns[0].type = pg::TypeClass::Date;
    EXPECT_EQ(kinds.of("{}"),
              "error : the `default` of column \"a\" does not fit its type type of a (wrong_type); write one that "
              "does");
}

}  // namespace
}  // namespace sqs2pg::pipeline
