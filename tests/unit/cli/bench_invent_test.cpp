// Invented messages: every one of them becomes a row, through the map stage that a worker has.
#include "cli/bench_invent.h"

#include <set>

#include <gtest/gtest.h>

#include "base/base64.h"
#include "cases/run_cases.h"
#include "cli/bench_values.h"
#include "pg/copy.h"
#include "pipeline/map.h"

namespace sqs2pg::cli {
namespace {

using pg::TypeClass;

pg::Column column_of(std::string name, TypeClass type) {
    pg::Column column;
    column.name = std::move(name);
    column.type = type;
    column.sql_type = column.type_name = "text";
    column.not_null = true;
    return column;
}

pipeline::ColumnRule rule_of(std::string column, std::string_view from, std::vector<pipeline::Unwrap> unwrap = {}) {
    pipeline::ColumnRule rule;
    rule.column = std::move(column);
    rule.from = pipeline::parse_source(from, unwrap).value();
    return rule;
}

struct Plan {
    pipeline::PipelineOptions options;
    std::vector<pg::TableShape> tables;

    void add(std::string table, std::vector<pipeline::ColumnRule> rules, std::vector<TypeClass> types) {
        pipeline::Route route;
        route.table = {"public", table};
        pg::TableShape shape;
        shape.name = route.table;
        for (std::size_t i = 0; i < rules.size(); ++i) shape.columns.push_back(column_of(rules[i].column, types[i]));
        route.columns = std::move(rules);
        options.routes.push_back(std::move(route));
        tables.push_back(std::move(shape));
    }

    // Rows of the message and its route.
    std::pair<std::uint32_t, std::uint16_t> row_of(std::uint64_t n) const {
        const auto keyring = cases::test_keyring();
        auto map = pipeline::MapStage::make(options, tables, keyring);
        EXPECT_TRUE(map) << (map ? "" : map.error().detail);
        if (!map) return {0, 0};
        auto message = invented_message(options, tables, n);
        message.message_id = "m";
        message.sent_ms = message.received_ms = 1'700'000'000'000;
        auto row = map->transform(message);
        EXPECT_TRUE(row) << (row ? "" : row.error().reason + " at " + row.error().place);
        if (!row || !*row) return {0, 0};
        return {(*row)->rows(), (*row)->target()};
    }
};

TEST(BenchInvent, DeepPathsArraysAndMetadataHaveTheirPlaces) {
    Plan plan;
    auto object = rule_of("d", "user");
    object.optional = true;
    plan.add("t",
             {rule_of("a", "user.address.city"), rule_of("b", "items[1].id"), rule_of("c", "$sent_at"), object,
              rule_of("e", "$attributes.origin"), rule_of("f", "$group_id"), rule_of("g", "\"odd.name\".x")},
             {TypeClass::Text, TypeClass::Int4, TypeClass::TimestampTz, TypeClass::Jsonb, TypeClass::Int4,
              TypeClass::Text, TypeClass::Uuid});
    EXPECT_EQ(plan.row_of(7).first, 1u);
}

TEST(BenchInvent, APathOfTwoColumnsHasAValueThatBothTake) {
    Plan plan;
    plan.add("t", {rule_of("a", "ip"), rule_of("b", "ip"), rule_of("c", "ip")},
             {TypeClass::Text, TypeClass::Inet, TypeClass::Text});
    EXPECT_EQ(plan.row_of(0).first, 1u);
}

TEST(BenchInvent, EveryRouteGetsItsMessages) {
    Plan plan;
    plan.add("logins", {rule_of("a", "id")}, {TypeClass::Int8});
    plan.add("orders", {rule_of("a", "order.id")}, {TypeClass::Int8});
    plan.options.routes[0].when = {{pipeline::parse_source("kind").value(), {"login", "signup"}, false}};
    plan.options.routes[1].when = {{pipeline::parse_source("order.paid").value(), {"true"}, false},
                                   {pipeline::parse_source("order.refund").value(), {}, true}};
    EXPECT_EQ(plan.row_of(0).second, 0);
    EXPECT_EQ(plan.row_of(1).second, 1);
}

TEST(BenchInvent, EachHasElements) {
    Plan plan;
    plan.add("t", {rule_of("a", "id"), rule_of("b", "$item.sku.code"), rule_of("c", "$index")},
             {TypeClass::Int8, TypeClass::Text, TypeClass::Int4});
    plan.options.routes[0].each = pipeline::parse_source("order.items").value();
    EXPECT_EQ(plan.row_of(3).first, kInventedElements);
    plan.options.routes[0].columns.resize(1);  // nothing of an element is mapped
    plan.tables[0].columns.resize(1);
    EXPECT_EQ(plan.row_of(3).first, kInventedElements);
}

TEST(BenchInvent, WhatIsToBeUnwrappedIsWrapped) {
    using pipeline::Unwrap;
    for (const auto& steps : std::vector<std::vector<Unwrap>>{{Unwrap::Sns},
                                                              {Unwrap::EventBridge},
                                                              {Unwrap::Gzip},
                                                              {Unwrap::Base64},
                                                              {Unwrap::S3Pointer},
                                                              {Unwrap::Encoding},
                                                              {Unwrap::Sns, Unwrap::EventBridge},
                                                              {Unwrap::Base64, Unwrap::Sns, Unwrap::Gzip}}) {
        Plan plan;
        plan.options.unwrap = steps;
        std::vector<pipeline::ColumnRule> rules{rule_of("a", "id"), rule_of("b", "$attributes.origin")};
        if (steps.front() == Unwrap::Sns) rules.push_back(rule_of("c", "$envelope.Subject", steps));
        if (steps.front() == Unwrap::EventBridge) rules.push_back(rule_of("c", "$envelope.source", steps));
        const auto types = std::vector<TypeClass>{TypeClass::Int8, TypeClass::Text, TypeClass::Text};
        plan.add("t", rules, types);
        EXPECT_EQ(plan.row_of(1).first, 1u) << name_of(steps.front());
    }
}

TEST(BenchInvent, FifoMessagesHaveGroupsAndNumbers) {
    Plan plan;
    plan.options.queue = "q.fifo";
    plan.add("t", {rule_of("a", "$sequence_number"), rule_of("b", "$group_id")}, {TypeClass::Numeric, TypeClass::Text});
    EXPECT_EQ(plan.row_of(1).first, 1u);
}

TEST(BenchValues, EveryTypeTakesItsValues) {
    for (int type = 0; type <= static_cast<int>(TypeClass::Other); ++type) {
        auto column = column_of("c", static_cast<TypeClass>(type));
        if (column.type == TypeClass::Composite) continue;
        if (column.type == TypeClass::Enum) {
            column.labels = std::make_shared<std::vector<std::string>>(std::vector<std::string>{"glad", "sad"});
        }
        const auto element = column.type == TypeClass::Array ? TypeClass::Inet : TypeClass::TimestampTz;
        column.element = std::make_shared<pg::Column>(column_of("e", element));
        for (const std::uint64_t n : {0ull, 1ull, 35ull, 19'999ull, 1'000'000ull}) {
            Plan plan;
            plan.options.routes.emplace_back();
            plan.options.routes[0].table = {"public", "t"};
            plan.options.routes[0].columns = {rule_of("c", "v")};
            plan.tables.emplace_back();
            plan.tables[0].name = {"public", "t"};
            plan.tables[0].columns = {column};
            EXPECT_EQ(plan.row_of(n).first, 1u) << type << " " << n;
        }
    }
}

TEST(BenchValues, ShortAndNarrowColumnsGetWhatFits) {
    const auto fits = [](const pg::Column& column) {
        for (std::uint64_t n = 0; n < 2000; n += 7) {
            auto json = invented_value(rule_of("c", "v"), column, n);
            if (json.starts_with('"')) json = json.substr(1, json.size() - 2);
            if (pg::check(column, json)) return false;
        }
        return true;
    };
    for (const std::int32_t length : {1, 3, 5, 7, 300}) {
        for (const auto type : {TypeClass::Varchar, TypeClass::Char, TypeClass::Bit, TypeClass::Varbit}) {
            auto column = column_of("c", type);
            column.max_length = length;
            EXPECT_TRUE(fits(column)) << length;
        }
    }
    for (const auto& [precision, scale] : {std::pair{1, 0}, {9, 3}, {3, 3}, {2, 4}, {5, -2}, {38, 10}}) {
        auto column = column_of("c", TypeClass::Numeric);
        column.precision = precision;
        column.scale = scale;
        EXPECT_TRUE(fits(column)) << precision << " " << scale;
    }
    for (const auto bit : {1, 2, 3, 10, 11, 12}) {
        auto column = column_of("c", TypeClass::Interval);
        column.interval_fields = 1 << bit;
        EXPECT_TRUE(fits(column)) << bit;
    }
}

TEST(BenchValues, TheyDifferWhereAUniqueIndexMayAsk) {
    for (const auto type : {TypeClass::Int4, TypeClass::Int8, TypeClass::Text, TypeClass::Uuid, TypeClass::Timestamp,
                            TypeClass::Inet, TypeClass::Bytea, TypeClass::Macaddr}) {
        std::set<std::string> seen;
        for (std::uint64_t n = 0; n < 20'000; ++n) {
            seen.insert(invented_value(rule_of("c", "v"), column_of("c", type), n));
        }
        EXPECT_EQ(seen.size(), 20'000u) << static_cast<int>(type);
    }
}

TEST(BenchValues, ConversionsAndMasksGetWhatTheyTake) {
    using pipeline::Convert;
    for (const auto& [convert, type] : {std::pair{Convert::MajorVersion, TypeClass::Int4},
                                        {Convert::EpochSeconds, TypeClass::TimestampTz},
                                        {Convert::EpochMillis, TypeClass::Date},
                                        {Convert::Base64, TypeClass::Bytea},
                                        {Convert::Base64, TypeClass::Text},
                                        {Convert::Json, TypeClass::Jsonb},
                                        {Convert::Lower, TypeClass::Text},
                                        {Convert::Trim, TypeClass::Uuid}}) {
        auto rule = rule_of("c", "v");
        rule.convert = convert;
        Plan plan;
        plan.add("t", {rule}, {type});
        EXPECT_EQ(plan.row_of(11).first, 1u) << static_cast<int>(convert);
    }
    for (const auto method :
         {privacy::Method::Hmac, privacy::Method::Siv, privacy::Method::IpPrefix, privacy::Method::Truncate,
          privacy::Method::KeepLast, privacy::Method::Redact, privacy::Method::Sha256}) {
        auto rule = rule_of("c", "v");
        rule.mask = privacy::MaskOptions{.method = method, .domain = privacy::is_keyed(method) ? "d" : "", .keep = 4};
        if (method != privacy::Method::KeepLast) rule.mask->keep = 0;
        Plan plan;
        plan.add("t", {rule}, {TypeClass::Text});
        EXPECT_EQ(plan.row_of(11).first, 1u) << name_of(method);
    }
}

TEST(BenchValues, Base64IsThatOfTheStandard) {
    EXPECT_EQ(encode_base64(""), "");
    EXPECT_EQ(encode_base64("f"), "Zg==");
    EXPECT_EQ(encode_base64("foobar"), "Zm9vYmFy");
}

}  // namespace
}  // namespace sqs2pg::cli
