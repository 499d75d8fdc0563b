// `routes`, `when`, `otherwise`, `each`, `value` and `on_conflict`: what they become, and their mistakes.
#include <gtest/gtest.h>

#include "unit/config/texts.h"

namespace sqs2pg::config {
namespace {

using testing_texts::mistakes_of;
using testing_texts::no_environment;
using testing_texts::text_of;

std::string with_routes(const std::string& routes) {
    return "keys: {file: /k}\npipelines:\n  p:\n    queue: q\n    routes:\n" + routes;
}

Loaded load_routes(const std::string& routes) { return load_text(with_routes(routes), "f.yaml", no_environment()); }

TEST(Routes, KindsOfMessagesAreReadInTheirOrder) {
    auto loaded = load_routes(
        "      - when: {type: order, $attributes.v: [1, 2]}\n"
        "        table: shop.orders\n"
        "        each: order.items\n"
        "        columns:\n"
        "          id: order.id\n"
        "          sku: $item.sku\n"
        "          place: $index\n"
        "          source: {value: web}\n"
        "          nothing: {value: null}\n"
        "      - when: {type: null}\n"
        "        table: t\n"
        "        columns: {a: a}\n"
        "      - table: rest\n"
        "        columns: {body: $body}\n"
        "    otherwise: ignore\n");
    ASSERT_EQ(text_of(loaded.mistakes), "");
    EXPECT_EQ(text_of(loaded.warnings), "");
    const auto& pipeline = loaded.settings.pipelines.at(0);
    EXPECT_EQ(pipeline.otherwise, pipeline::Otherwise::Ignore);
    ASSERT_EQ(pipeline.routes.size(), 3u);
    const auto& orders = pipeline.routes[0];
    EXPECT_EQ(orders.place, "f.yaml:6:9");
    EXPECT_EQ(orders.table, (pg::TableName{"shop", "orders"}));
    ASSERT_EQ(orders.when.size(), 2u);
    EXPECT_EQ(orders.when[0].from.text, "type");
    EXPECT_EQ(orders.when[0].values, std::vector<std::string>{"order"});
    EXPECT_EQ(orders.when[1].from.metadata, pipeline::Metadata::Attribute);
    EXPECT_EQ(orders.when[1].values, (std::vector<std::string>{"1", "2"}));
    ASSERT_TRUE(orders.each);
    EXPECT_EQ(orders.each->path.size(), 2u);
    ASSERT_EQ(orders.columns.size(), 5u);
    EXPECT_EQ(orders.columns[1].from.metadata, pipeline::Metadata::Item);
    EXPECT_EQ(orders.columns[1].from.path.size(), 1u);
    EXPECT_EQ(orders.columns[2].from.metadata, pipeline::Metadata::Index);
    EXPECT_TRUE(orders.columns[3].constant);
    EXPECT_EQ(orders.columns[3].default_value, "web");
    EXPECT_TRUE(orders.columns[4].constant);
    EXPECT_FALSE(orders.columns[4].default_value);
    EXPECT_TRUE(pipeline.routes[1].when[0].null);
    EXPECT_TRUE(pipeline.routes[2].when.empty());
}

TEST(Routes, APipelineWithoutRoutesIsOneForEverything) {
    auto loaded = load_text(testing_texts::kRight, "f.yaml", no_environment());
    ASSERT_EQ(loaded.settings.pipelines.at(0).routes.size(), 1u);
    EXPECT_TRUE(loaded.settings.pipelines.at(0).routes[0].when.empty());
    EXPECT_EQ(loaded.settings.pipelines.at(0).routes[0].place, "f.yaml:3:3");
}

TEST(Routes, ARouteThatIsNeverReachedIsAMistake) {
    EXPECT_EQ(mistakes_of(with_routes("      - {when: {type: [a, b]}, table: t, columns: {a: a}}\n"
                                      "      - {when: {\"$.type\": a, v: 1}, table: u, columns: {a: a}}\n"
                                      "      - {table: w, columns: {a: a}}\n"
                                      "      - {when: {x: 1}, table: v, columns: {a: a}}\n")),
              "f.yaml:7:9: no message ever reaches this route: the one in f.yaml:6:9 takes all that fit it; put the "
              "narrower one first, or leave one out\n"
              "f.yaml:9:9: no message ever reaches this route: the one in f.yaml:8:9 takes all that fit it; put the "
              "narrower one first, or leave one out\n");
}

TEST(Routes, RoutesThatShareMessagesAreToldAndTheFirstTakesThem) {
    auto loaded = load_routes(
        "      - {when: {type: a}, table: t, columns: {a: a}}\n"
        "      - {when: {v: 1}, table: u, columns: {a: a}}\n"
        "      - {when: {type: b, v: 2}, table: w, columns: {a: a}}\n");
    EXPECT_EQ(text_of(loaded.mistakes), "");
    EXPECT_EQ(text_of(loaded.warnings),
              "f.yaml:7:9: a message can fit this route and the one in f.yaml:6:9, which stands first and takes it\n");
}

TEST(Routes, Mistakes) {
    EXPECT_EQ(mistakes_of(with_routes("      []\n")),
              "f.yaml:6:7: `routes` is empty; write `when`, `table` and `columns` for each kind of message\n");
    EXPECT_EQ(mistakes_of(with_routes("      a: {table: t}\n")), "f.yaml:6:7: `routes` is a list of maps\n");
    EXPECT_EQ(mistakes_of(with_routes("      - {when: {}, columns: {a: a}}\n")),
              "f.yaml:6:9: the route has no `table`\n"
              "f.yaml:6:16: `when` is empty; write a path and its value, such as `{type: order}`\n");
    EXPECT_EQ(mistakes_of(with_routes("      - {when: {$sent_at: 1, a..b: 1, c: {d: 1}, e: []}, table: t, "
                                      "columns: {a: a}}\n")),
              "f.yaml:6:17: `when` cannot look at `$sent_at`; it takes paths, `$attributes.NAME`, `$envelope.FIELD` "
              "and `$group_id`\n"
              "f.yaml:6:30: `when`: at character 3 of the path: a member's name is missing\n"
              "f.yaml:6:42: `when`: `c` takes a text, a number, a flag or null, or a list of them\n"
              "f.yaml:6:53: `when`: an empty list, which nothing fits\n");
    EXPECT_EQ(mistakes_of(with_routes("      - {when: {a: 1}, table: t, columns: {a: $item}, each: $body}\n")),
              "f.yaml:6:61: `each` is the path of an array in the message, such as `items`\n");
    EXPECT_EQ(mistakes_of(testing_texts::kRight + "    otherwise: ignore\n    routes: []\n"),
              "f.yaml:5:12: `table` beside `routes`: write it in the routes that it belongs to\n"
              "f.yaml:7:7: `columns` beside `routes`: write it in the routes that it belongs to\n"
              "f.yaml:9:13: `routes` is empty; write `when`, `table` and `columns` for each kind of message\n");
    EXPECT_EQ(mistakes_of(testing_texts::kRight + "    otherwise: ignore\n"),
              "f.yaml:8:16: `otherwise` belongs to `routes`; without them every message goes into the table\n");
}

TEST(Routes, AnElementNobodyLooksAtIsTold) {
    auto loaded = load_text(testing_texts::kRight + "    each: items\n", "f.yaml", no_environment());
    EXPECT_EQ(text_of(loaded.warnings),
              "f.yaml:8:11: no column looks at the element (`$item.…`, `$index`): every row of a message will be the "
              "same\n");
}

TEST(OnConflict, IsReadForAPipelineAndForARoute) {
    auto loaded = load_text(testing_texts::kRight + "    on_conflict: {key: a}\n", "f.yaml", no_environment());
    ASSERT_EQ(text_of(loaded.mistakes), "");
    const auto& simple = *loaded.settings.pipelines.at(0).routes[0].on_conflict;
    EXPECT_EQ(simple.key, std::vector<std::string>{"a"});
    EXPECT_EQ(simple.what, pipeline::OnConflict::Do::Ignore);
    EXPECT_EQ(simple.place, "f.yaml:8:18");
    loaded = load_routes(
        "      - {when: {a: 1}, table: t, columns: {a: a, b: b, c: c},\n"
        "         on_conflict: {key: [a, b], do: update, newer_by: c}}\n");
    ASSERT_EQ(text_of(loaded.mistakes), "");
    const auto& full = *loaded.settings.pipelines.at(0).routes[0].on_conflict;
    EXPECT_EQ(full.key, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(full.what, pipeline::OnConflict::Do::Update);
    EXPECT_EQ(full.newer_by, "c");
}

TEST(OnConflict, Mistakes) {
    auto mistakes = [](const std::string& text) {
        return mistakes_of(testing_texts::kRight + "    on_conflict: " + text + "\n");
    };
    EXPECT_EQ(mistakes("{do: update}"), "f.yaml:8:18: `on_conflict` has no `key`\n");
    EXPECT_EQ(mistakes("{key: []}"), "f.yaml:8:24: `key` is a name, or a list of names\n");
    EXPECT_EQ(mistakes("{key: [a, {b: c}]}"), "f.yaml:8:24: `key` is a name, or a list of names\n");
    EXPECT_EQ(mistakes("{key: [a, a]}"), "f.yaml:8:24: `key` names a column twice\n");
    EXPECT_EQ(mistakes("{key: a, newer_by: b}"),
              "f.yaml:8:37: `newer_by` belongs to `do: update`; with `do: ignore` nothing is ever overwritten\n");
    EXPECT_EQ(mistakes("{key: a, do: update, newer_by: a}"),
              "f.yaml:8:49: `newer_by` is a column of the key, which is the same in both rows\n");
    EXPECT_EQ(mistakes("{key: a, do: upsert}"), "f.yaml:8:31: `do` is `ignore` or `update`\n");
}

}  // namespace
}  // namespace sqs2pg::config
