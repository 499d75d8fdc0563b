// What columns, conditions and elements see of a message that came in an envelope.
#include <gtest/gtest.h>

#include "pipeline/map.h"
#include "unit/pipeline/wrapped.h"

namespace sqs2pg::pipeline {
namespace {

using namespace testing_wrapped;

constexpr std::string_view kKeyFile = "active: k1\nkeys:\n  k1: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n";

struct Case {
    PipelineOptions options;
    std::vector<pg::TableShape> tables;

    explicit Case(std::vector<Unwrap> steps) { options.unwrap = std::move(steps); }

    Source source(std::string_view text) { return parse_source(text, options.unwrap).value(); }

    Route& add(std::string table, std::initializer_list<std::string_view> sources,
               pg::TypeClass type = pg::TypeClass::Text) {
        pg::TableShape shape;
        shape.name = {"public", table};
        Route route;
        route.table = shape.name;
        for (auto text : sources) {
            ColumnRule rule;
            rule.column = "c" + std::to_string(shape.columns.size());
            rule.from = source(text);
            rule.optional = true;
            pg::Column column;
            column.name = rule.column;
            column.type = type;
            column.type_name = "text";
            route.columns.push_back(std::move(rule));
            shape.columns.push_back(std::move(column));
        }
        tables.push_back(std::move(shape));
        options.routes.push_back(std::move(route));
        return options.routes.back();
    }

    std::string row(std::string body, std::vector<MessageAttribute> attributes = {}) {
        auto map = MapStage::make(options, tables, privacy::Keyring::parse(kKeyFile, "keys").value()).value();
        Received message;
        message.body = std::move(body);
        message.attributes = std::move(attributes);
        auto row = map.transform(message);
        if (!row) return row.error().reason + " " + row.error().place;
        return *row ? std::to_string((*row)->target()) + " " + std::string((*row)->copy_text()) : "ignored";
    }
};

TEST(Unwrap, ColumnsOfBodyEnvelopeAndAttributes) {
    Case sns({Unwrap::Sns});
    sns.add("t", {"id", "$envelope.TopicArn", "$attributes.kind", "$attributes.of_sqs", "$envelope.Subject", "$body"});
    EXPECT_EQ(
        sns.row(kNotification, {{"of_sqs", "String", "x"}, {"kind", "String", "the envelope's wins"}}),
        "0 7\tarn:aws:sns:eu-central-1:1:t\torder\tx\t\\N\t{\"id\": 7, \"text\": \"a \\\\\"quoted\\\\\" one\"}\n");
}

TEST(Unwrap, AFieldThatIsRequiredAndAbsentIsABadMessage) {
    Case sns({Unwrap::Sns});
    sns.add("t", {"$envelope.Subject"}).columns[0].optional = false;
    EXPECT_EQ(sns.row(kNotification), "missing_field $envelope.Subject");
}

TEST(Unwrap, RoutesByTheEnvelope) {
    Case event({Unwrap::EventBridge});
    event.add("orders", {"id"}).when = {{event.source("$envelope.detail-type"), {"order placed"}, false}};
    event.add("rest", {"$envelope.source"});
    EXPECT_EQ(event.row(kEvent), "0 7\n");
    EXPECT_EQ(event.row(R"({"detail-type":"other","source":"shop","detail":{}})"), "1 shop\n");
}

TEST(Unwrap, ElementsOfWhatWasInside) {
    Case event({Unwrap::EventBridge});
    event.add("t", {"$item", "$index", "$envelope.id"}).each = event.source("items");
    EXPECT_EQ(event.row(R"({"id":"e","detail-type":"d","source":"s","detail":{"items":["x", "y"]}})"),
              "0 x\t0\te\ny\t1\te\n");
}

TEST(Unwrap, AWholeFieldFitsAJsonColumn) {
    Case event({Unwrap::EventBridge});
    event.add("t", {"$envelope.resources"}, pg::TypeClass::Jsonb);
    EXPECT_EQ(event.row(kEvent), "0 [\"arn:1\",\"arn:2\"]\n");
}

TEST(Unwrap, WhatWasInsideMayStillBeBad) {
    Case sns({Unwrap::Sns});
    sns.add("t", {"id"});
    EXPECT_EQ(sns.row(notification_of("plain text")), "not_json ");
    EXPECT_EQ(sns.row(R"({"id": 7})"), "envelope sns: no envelope (is raw message delivery on?)");
}

}  // namespace
}  // namespace sqs2pg::pipeline
