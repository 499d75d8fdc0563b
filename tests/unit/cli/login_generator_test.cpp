// Generated logins: the same for the same seed, shaped as the pipeline expects, repeating, malformed in every way.
#include "cli/login_generator.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <map>
#include <set>

namespace sqs2pg::cli {
namespace {

std::vector<std::string> logins(std::size_t count, LoginOptions options) {
    LoginGenerator generator(options);
    std::vector<std::string> made;
    for (std::size_t i = 0; i < count; ++i) made.push_back(generator.next());
    return made;
}

TEST(Logins, are_the_same_for_the_same_seed_and_others_for_another) {
    auto one = logins(500, {.seed = 7, .malformed = 0.1});
    EXPECT_EQ(one, logins(500, {.seed = 7, .malformed = 0.1}));
    EXPECT_NE(one, logins(500, {.seed = 8, .malformed = 0.1}));
}

TEST(Logins, have_every_field_in_its_type) {
    simdjson::dom::parser parser;
    int nulls = 0;
    for (const auto& login : logins(5000, {})) {
        simdjson::dom::object object;
        ASSERT_EQ(parser.parse(login).get(object), simdjson::SUCCESS) << login;
        std::string_view text;
        for (const char* field : {"user_id", "app_version", "device_type", "ip", "device_id"}) {
            ASSERT_EQ(object[field].get(text), simdjson::SUCCESS) << field << " in " << login;
        }
        EXPECT_EQ(std::string_view(object["user_id"]).size(), 36u);
        EXPECT_EQ(std::string_view(object["device_id"]).size(), 11u);
        EXPECT_EQ(std::ranges::count(std::string_view(object["ip"]), '.'), 3);
        text = object["device_type"];
        EXPECT_TRUE(text == "android" || text == "ios");
        if (object["locale"].is_null()) {
            ++nulls;
        } else {
            EXPECT_EQ(std::string_view(object["locale"]).size(), 2u);
        }
    }
    EXPECT_NEAR(nulls, 1500, 200);
}

TEST(Logins, repeat_addresses_and_devices_a_few_of_them_often) {
    simdjson::dom::parser parser;
    std::map<std::string, int> ips, devices;
    for (const auto& login : logins(10'000, {})) {
        auto object = parser.parse(login);
        ++ips[std::string(std::string_view(object["ip"]))];
        ++devices[std::string(std::string_view(object["device_id"]))];
    }
    auto most = [](const auto& counts) {
        return std::ranges::max_element(counts, {}, [](const auto& entry) { return entry.second; })->second;
    };
    EXPECT_GT(most(ips), 50);
    EXPECT_GT(most(devices), 50);
    EXPECT_GT(ips.size(), 1000u);
    EXPECT_GT(devices.size(), 1000u);
}

TEST(Logins, are_malformed_as_often_as_asked_and_in_every_way) {
    LoginGenerator generator({.seed = 1, .malformed = 0.05});
    for (int i = 0; i < 20'000; ++i) generator.next();
    std::uint64_t flawed = 0;
    for (int flaw = 0; flaw < LoginGenerator::kFlaws; ++flaw) {
        auto count = generator.flawed(static_cast<LoginGenerator::Flaw>(flaw));
        EXPECT_GT(count, 100u) << flaw;
        flawed += count;
    }
    EXPECT_NEAR(static_cast<double>(flawed), 1000.0, 150.0);
    EXPECT_EQ(generator.well_formed() + flawed, 20'000u);
}

TEST(Logins, all_malformed_ones_differ_from_a_login_and_none_holds_a_raw_control_character) {
    simdjson::dom::parser parser;
    std::set<std::string> shapes;
    for (const auto& login : logins(2000, {.seed = 3, .malformed = 1.0})) {
        EXPECT_TRUE(std::ranges::none_of(login, [](char c) { return static_cast<unsigned char>(c) < 0x20; }));
        simdjson::dom::object object;
        if (parser.parse(login).get(object) != simdjson::SUCCESS) {
            shapes.insert("not json");
        } else if (object["foo"].error() == simdjson::SUCCESS) {
            shapes.insert("other type");
        } else if (object["ip"].error() != simdjson::SUCCESS) {
            shapes.insert("missing field");
        } else if (object["app_version"].is_object()) {
            shapes.insert("wrong version");
        } else {
            std::string_view locale = object["locale"];
            shapes.insert(locale.size() > 32                 ? "long locale"
                          : locale.find('\0') != locale.npos ? "nul"
                                                             : "fine: " + login);
        }
    }
    EXPECT_EQ(shapes, (std::set<std::string>{"not json", "other type", "missing field", "wrong version", "long locale",
                                             "nul"}));
}

}  // namespace
}  // namespace sqs2pg::cli
