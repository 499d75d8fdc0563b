// From messages to columns, masks and routes.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "infer/types.h"
#include "sampled.h"

namespace sqs2pg::infer {
namespace {

std::string type_of(const ProposedRoute& route, const std::string& column) {
    const auto* found = column_in(route, column);
    return found == nullptr ? "absent" : found->column.type_name;
}

TEST(proposal, types_are_as_wide_as_what_was_seen) {
    auto sample = sample_of({
        R"({"n":1,"big":5000000000,"huge":99999999999999999999,"part":1.50,"flag":true,"day":"2026-01-01",
            "at":"2026-01-01T00:00:00Z","key":"424cdd21-063a-43a7-b91b-7ca1a833afae","tags":["a"],"sizes":[1,2],
            "things":[{"a":1}],"mixed":1,"ts":1700000000,"ms_time":1700000000000,"later":null})",
        R"({"n":2,"big":1,"huge":1,"part":2,"flag":false,"day":"2026-01-02","at":"2026-01-01T00:00:00+02:00",
            "key":"424cdd21-063a-43a7-b91b-7ca1a833afaf","tags":[],"sizes":[],"things":[],"mixed":"x",
            "ts":1700000001,"ms_time":1700000000001,"later":"z"})",
    });
    const auto proposal = proposal_for(sample);
    const auto& route = proposal.routes.front();
    EXPECT_EQ(type_of(route, "n"), "integer");
    EXPECT_EQ(type_of(route, "big"), "bigint");
    EXPECT_EQ(type_of(route, "huge"), "numeric");
    EXPECT_EQ(type_of(route, "part"), "numeric");
    EXPECT_EQ(type_of(route, "flag"), "boolean");
    EXPECT_EQ(type_of(route, "day"), "date");
    EXPECT_EQ(type_of(route, "at"), "timestamptz");
    EXPECT_EQ(type_of(route, "key"), "uuid");
    EXPECT_EQ(type_of(route, "tags"), "text[]");
    EXPECT_EQ(type_of(route, "sizes"), "integer[]");
    EXPECT_EQ(type_of(route, "things"), "jsonb");
    EXPECT_EQ(type_of(route, "mixed"), "text");
    EXPECT_EQ(column_in(route, "ts")->rule.convert, pipeline::Convert::EpochSeconds);
    EXPECT_EQ(column_in(route, "ms_time")->rule.convert, pipeline::Convert::EpochMillis);
    EXPECT_FALSE(column_in(route, "later")->column.not_null);
    EXPECT_TRUE(column_in(route, "n")->column.not_null);
    EXPECT_EQ(route.dead, 0u);
}

TEST(proposal, what_some_messages_lack_is_optional_and_a_stray_message_makes_nothing_optional) {
    std::vector<std::string> bodies;
    for (int i = 0; i < 20; ++i) {
        const std::string more = i % 2 == 0 ? R"(,"c":3)" : "";
        bodies.push_back(R"({"a":1,"b":{"x":)" + std::to_string(i) + "}" + more + "}");
    }
    bodies.push_back(R"({"foo":1,"bar":2})");
    auto sample = sample_of(bodies);
    const auto proposal = proposal_for(sample);
    const auto& route = proposal.routes.front();
    EXPECT_FALSE(column_in(route, "a")->rule.optional);
    EXPECT_EQ(column_in(route, "x")->rule.from.text, "b.x");
    EXPECT_TRUE(column_in(route, "c")->rule.optional);
    EXPECT_EQ(column_in(route, "foo"), nullptr);
    EXPECT_TRUE(has_note(proposal, "strays"));
}

TEST(proposal, names_that_are_data_stand_in_no_column_and_in_no_text) {
    std::vector<std::string> bodies;
    for (int i = 0; i < 12; ++i) {
        bodies.push_back(R"({"id":)" + std::to_string(i) + R"(,"scores":{"player)" + std::to_string(i) +
                         R"x(":1},"seen":{"anna)x" + std::to_string(i) + R"x(@example.org":true}})x");
    }
    auto sample = sample_of(bodies);
    const auto proposal = proposal_for(sample);
    EXPECT_EQ(type_of(proposal.routes.front(), "scores"), "jsonb");
    EXPECT_TRUE(has_note(proposal, "map"));
    EXPECT_FALSE(column_in(proposal.routes.front(), "seen")->active);  // the names are personal themselves
    auto told = yaml_of(proposal, {}, {}) + sql_of(proposal);
    for (const auto& note : proposal.notes) told += note.sentence + note.place;
    EXPECT_EQ(told.find("player"), std::string::npos);
    EXPECT_EQ(told.find("anna"), std::string::npos);
}

TEST(proposal, a_secret_gets_no_column_and_what_holds_something_personal_is_a_comment) {
    auto sample = sample_of({R"({"id":1,"password":"hunter2","people":[{"email":"a@example.org"}]})",
                             R"({"id":2,"password":"hunter3","people":[{"email":"b@example.org"}]})"});
    const auto proposal = proposal_for(sample);
    EXPECT_EQ(column_in(proposal.routes.front(), "password"), nullptr);
    EXPECT_FALSE(column_in(proposal.routes.front(), "people")->active);
    const auto yaml = yaml_of(proposal, {}, {});
    EXPECT_NE(yaml.find("# people:"), std::string::npos);
    EXPECT_NE(yaml.find("not mapped: password"), std::string::npos);
}

TEST(proposal, values_tell_what_names_do_not) {
    auto sample =
        sample_of({R"({"a":"192.0.2.1","b":"x@example.org","c":"4111111111111111","d":"GB82WEST12345698765432",
                                 "version":"1.2.3.4"})",
                   R"({"a":"2001:db8::1","b":"y@example.org","c":"5500005555555559","d":"GB82WEST12345698765432",
                                 "version":"1.2.3.5"})"});
    const auto proposal = proposal_for(sample);
    const auto& route = proposal.routes.front();
    EXPECT_EQ(column_in(route, "masked_a")->rule.mask->canonical, privacy::Canonical::Ip);
    EXPECT_EQ(column_in(route, "masked_b")->rule.convert, pipeline::Convert::Lower);
    EXPECT_EQ(column_in(route, "masked_c")->rule.mask->domain, "card");
    EXPECT_EQ(column_in(route, "masked_d")->rule.mask->domain, "account");
    EXPECT_NE(column_in(route, "version"), nullptr);
}

TEST(proposal, kinds_become_routes_and_alike_ones_share_one) {
    std::vector<std::string> bodies;
    for (int i = 0; i < 30; ++i) {
        if (i % 3 == 0) bodies.push_back(R"({"type":"order.new","id":1,"total":2.5})");
        if (i % 3 == 1) bodies.push_back(R"({"type":"order.paid","id":1,"total":3.5})");
        if (i % 3 == 2) bodies.push_back(R"({"type":"signup","user":"u)" + std::to_string(i) + R"("})");
        bodies.back().insert(1, "\"n\":" + std::to_string(i) + ",");
    }
    auto sample = sample_of(bodies);
    const auto proposal = proposal_for(sample);
    ASSERT_EQ(proposal.routes.size(), 2u);
    EXPECT_EQ(proposal.routes[0].when.front().values, (std::vector<std::string>{"order.new", "order.paid"}));
    EXPECT_EQ(proposal.routes[1].table.table, "things_signup");
    EXPECT_EQ(proposal.routes[0].dead + proposal.routes[1].dead, 0u);
}

TEST(proposal, a_member_that_changes_nothing_tells_no_kinds_apart) {
    std::vector<std::string> bodies;
    for (int i = 0; i < 20; ++i) {
        bodies.push_back(R"({"type":")" + std::string(i % 2 == 0 ? "ios" : "android") + R"(","n":)" +
                         std::to_string(i) + "}");
    }
    auto sample = sample_of(bodies);
    EXPECT_FALSE(proposal_for(sample).several);
}

TEST(proposal, of_forty_kinds_the_most_frequent_get_a_route_and_that_is_said) {
    std::vector<std::string> bodies;
    for (int kind = 0; kind < 40; ++kind) {
        const auto name = std::string("k") + static_cast<char>('a' + kind / 26) + static_cast<char>('a' + kind % 26);
        for (int i = 0; i < 3; ++i) {
            bodies.push_back(R"({"event":")" + name + R"(","n":)" + std::to_string(i) + R"(,")" + name + R"(_id":1})");
        }
    }
    auto sample = sample_of(bodies);
    const auto proposal = proposal_for(sample, {}, 10);
    EXPECT_TRUE(has_note(proposal, "kinds"));
    std::size_t active = 0;
    for (const auto& route : proposal.routes) active += route.active ? 1 : 0;
    EXPECT_EQ(active, 10u);
}

pg::Column column(const std::string& name, pg::TypeClass type, bool not_null = false, std::int32_t length = 0) {
    auto made = column_of(type);
    made.name = name;
    made.not_null = not_null;
    made.max_length = length;
    return made;
}

TEST(join, a_live_table_takes_what_fits_and_says_what_does_not) {
    using enum pg::TypeClass;
    pg::TableShape table;
    table.name = {"public", "things"};
    table.columns = {column("user_id", Text, true),     column("masked_ip", Text),   column("network", Inet),
                     column("created_at", TimestampTz), column("app_version", Int4), column("price", Numeric),
                     column("client_ip", Inet),         column("birth_date", Date),  column("needed", Text, true)};
    std::vector<std::string> bodies;
    for (int i = 0; i < 30; ++i) {
        bodies.push_back(R"({"userId":"u)" + std::to_string(i) + R"(","clientIp":"192.0.2.1","appVersion":"2.3.0",
                         "birthDate":"1990-01-01","price":"x"})");
    }
    auto sample = sample_of(bodies);
    const auto proposal = proposal_for(sample, {table});
    const auto& route = proposal.routes.front();
    EXPECT_EQ(column_in(route, "user_id")->rule.from.text, "userId");
    EXPECT_EQ(column_in(route, "masked_ip")->rule.mask->method, privacy::Method::Hmac);
    EXPECT_EQ(column_in(route, "client_ip")->rule.mask->method, privacy::Method::Truncate);
    EXPECT_EQ(column_in(route, "app_version")->rule.convert, pipeline::Convert::MajorVersion);
    EXPECT_EQ(column_in(route, "created_at")->rule.from.metadata, pipeline::Metadata::SentAt);
    EXPECT_FALSE(column_in(route, "birth_date")->active);  // a date holds no token
    EXPECT_TRUE(has_note(proposal, "mask_column_type"));
    EXPECT_TRUE(has_note(proposal, "column_without_source"));
    EXPECT_EQ(route.dead, 30u);  // price is no number
    EXPECT_TRUE(has_note(proposal, "dead_letters"));
}

TEST(sample, what_is_no_json_object_is_counted_with_its_place_and_a_guess) {
    auto sample =
        sample_of({"{}", "{}", "<a/>", "H4sIAAAAAAAAA6tWSlSyUjKsBQAoNqKXCAAAAA==", "[1]", "3", "{'a': 1}", "{\"a\":"});
    EXPECT_EQ(sample.duplicates, 1u);
    EXPECT_EQ(sample.not_json.number, 4u);
    EXPECT_EQ(sample.not_json.places.front(), 3u);
    EXPECT_EQ(sample.arrays.number, 1u);
    EXPECT_EQ(sample.scalars.number, 1u);
    EXPECT_EQ(guess_at("H4sIAAAAAAAAA6tWSlSyUjKsBQAoNqKXCAAAAA=="), Guess::Base64Gzip);
    EXPECT_EQ(guess_at("eyJhIjogMX0="), Guess::Base64);
    EXPECT_EQ(guess_at("a=1&b=2"), Guess::Form);
    EXPECT_EQ(guess_at("{'a': 1}"), Guess::SingleQuotes);
    EXPECT_EQ(guess_at("\"{\\\"a\\\":1}\""), Guess::QuotedJson);
}

TEST(yaml, names_that_yaml_or_the_configuration_would_read_otherwise_are_quoted) {
    EXPECT_EQ(yaml_scalar("user.id"), "user.id");
    EXPECT_EQ(yaml_scalar("on"), "\"on\"");
    EXPECT_EQ(yaml_scalar("1"), "\"1\"");
    EXPECT_EQ(yaml_scalar("a: b"), "\"a: b\"");
    EXPECT_EQ(yaml_scalar("a,b", true), "\"a,b\"");
    EXPECT_EQ(yaml_scalar("items[0]", true), "\"items[0]\"");
    EXPECT_EQ(yaml_scalar("${HOME}"), "\"$${HOME}\"");
    EXPECT_EQ(yaml_scalar("a\"b\\\n"), "\"a\\\"b\\\\\\n\"");
}

TEST(proposal, a_suggested_row_for_each_element_masks_what_is_personal_in_it) {
    std::vector<std::string> bodies;
    for (int i = 0; i < 30; ++i) {
        bodies.push_back(fmt::format(
            R"({{"order_no":{},"passengers":[{{"email":"p{}@example.com","seat":"{}A"}},{{"email":"q{}@example.com",)"
            R"("seat":"{}B"}}]}})",
            i, i, i, i, i));
    }
    auto sample = sample_of(bodies);
    const auto proposal = proposal_for(sample);
    ASSERT_TRUE(proposal.routes.front().each);
    const auto text = yaml_of(proposal, {}, {});
    EXPECT_TRUE(text.contains("# email: {from: $item.email, convert: lower, mask: hmac")) << text;
    EXPECT_TRUE(text.contains("# seat: $item.seat")) << text;
    EXPECT_FALSE(text.contains("# email: $item.email")) << text;
}

TEST(proposal, addresses_inside_longer_texts_are_told_where_the_text_would_be_written) {
    std::vector<std::string> bodies;
    for (int i = 0; i < 30; ++i) {
        bodies.push_back(fmt::format(R"({{"no":{},"remark":"please write to p{}@example.com before noon"}})", i, i));
    }
    auto sample = sample_of(bodies);
    const auto proposal = proposal_for(sample);
    EXPECT_TRUE(has_note(proposal, "email_inside"));
    for (const auto& note : proposal.notes) EXPECT_FALSE(note.sentence.contains("example.com")) << note.sentence;
    EXPECT_FALSE(yaml_of(proposal, {}, {}).contains("example.com"));
}

TEST(proposal, kinds_beyond_the_routes_stand_in_the_file_as_comments_up_to_a_bound) {
    std::vector<std::string> bodies;
    for (int i = 0; i < 240; ++i) {
        const int kind = i % 60;
        bodies.push_back(fmt::format(R"({{"type":"kind{}","a{}":{},"b{}":"x"}})", kind, kind, i, kind));
    }
    auto sample = sample_of(bodies);
    const auto proposal = proposal_for(sample, {}, 5);
    ASSERT_EQ(proposal.routes.size(), 5U);
    EXPECT_EQ(proposal.further.size(), kMostFurther);
    EXPECT_EQ(proposal.untold, 5U);
    const auto text = yaml_of(proposal, {}, {});
    std::size_t commented = 0;
    for (auto at = text.find("# - when: {type:"); at != text.npos; at = text.find("# - when: {type:", at + 1))
        ++commented;
    EXPECT_EQ(commented, kMostFurther) << text;
    EXPECT_TRUE(text.contains("5 kinds more")) << text;
}

}  // namespace
}  // namespace sqs2pg::infer
