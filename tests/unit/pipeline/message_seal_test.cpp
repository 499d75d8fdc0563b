// A sealed message is read back as it was, byte for byte, and nothing else is taken for one.
#include "pipeline/message_seal.h"

#include <random>

#include <gtest/gtest.h>

namespace sqs2pg::pipeline {
namespace {

bool same(const Received& a, const Received& b) {
    auto equal = [](const MessageAttribute& x, const MessageAttribute& y) {
        return x.name == y.name && x.data_type == y.data_type && x.value == y.value;
    };
    return a.message_id == b.message_id && a.body == b.body && a.group_id == b.group_id &&
           a.sequence_number == b.sequence_number && a.sent_ms == b.sent_ms &&
           std::ranges::equal(a.attributes, b.attributes, equal);
}

void expect_round_trip(const Received& message) {
    auto text = to_sealable_text(message);
    auto again = from_sealable_text(text);
    ASSERT_TRUE(again.has_value()) << again.error().detail << "\n" << text;
    EXPECT_TRUE(same(message, *again)) << text;
}

// Strings that JSON and UTF-8 make hard: quotes, controls, NUL, beyond the BMP, cut sequences, surrogates in UTF-8.
std::string hard_text(std::mt19937_64& random) {
    static const std::string kPieces[] = {
        "a",           "\"", "\\", "\n",           std::string(1, '\0'), "\x1f",  "\x7f",
        "é",           "€",  "😀", "\xc3",         "\xed\xa0",           "\xff",  "\\u0000",
        "{\"a\":[1]}", "=",  "/+", "\xf4\x90\x80", "\xef\xbb\xbf",       "\u2028"};
    std::string text;
    auto pieces = random() % 12;
    for (std::uint64_t i = 0; i < pieces; ++i) text += kPieces[random() % std::size(kPieces)];
    if (random() % 4 == 0) {
        for (int i = 0; i < 7; ++i) text += static_cast<char>(random());
    }
    return text;
}

TEST(MessageSeal, every_message_comes_back_as_it_was) {
    for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
        std::mt19937_64 random(seed);
        Received message;
        message.message_id = hard_text(random);
        message.body = hard_text(random);
        message.group_id = hard_text(random);
        message.sequence_number = hard_text(random);
        message.sent_ms = static_cast<std::int64_t>(random());
        for (auto count = random() % 4; count > 0; --count) {
            message.attributes.push_back({hard_text(random), hard_text(random), hard_text(random)});
        }
        expect_round_trip(message);
        ASSERT_FALSE(HasFailure()) << "seed " << seed;
    }
}

TEST(MessageSeal, many_bytes_of_any_kind_come_back_as_it_was) {
    for (std::size_t size : {0u, 1u, 2u, 3u, 4u, 200'000u}) {
        std::mt19937_64 random(size);
        Received message;
        std::string any(size, ' ');
        for (auto& byte : any) byte = static_cast<char>(random());
        message.body = any;
        expect_round_trip(message);
        message.body = std::string(size, 'x');
        expect_round_trip(message);
        message.body = std::string(size, '\x01');
        expect_round_trip(message);
    }
}

TEST(MessageSeal, deep_json_in_a_body_is_only_text) {
    Received message;
    message.body = std::string(100000, '[');
    expect_round_trip(message);
}

TEST(MessageSeal, what_earlier_versions_sealed_is_read) {
    auto read = from_sealable_text(
        R"({"v":1,"message_id":"m","sent_ms":7,"body_base64":"/wA=","attributes":[{"name":"n","type":"String",)"
        R"("value":"v"}],"group_id":"","sequence_number":""})");
    ASSERT_TRUE(read.has_value()) << read.error().detail;
    EXPECT_EQ(read->body, std::string("\xff\0", 2));
    EXPECT_EQ(read->attributes.at(0).value, "v");
}

TEST(MessageSeal, anything_else_is_refused_without_repeating_it) {
    const std::string head =
        R"({"v":1,"message_id":"m","sent_ms":7,"attributes":[],"group_id":"","sequence_number":"")";
    EXPECT_TRUE(from_sealable_text(head + R"(,"body":"secret"})").has_value());
    for (const std::string& wrong :
         {std::string(), std::string("null"), std::string("[]"), head + "}", head + R"(,"body":7})",
          head + R"(,"body_base64":"a"})", head + R"(,"body_base64":"secret=="})", head + R"(,"body_base64":"/x=="})",
          head + R"(,"body":"secret")", std::string(R"({"v":2,"body":"secret"})"), std::string(R"({"body":"secret"})"),
          std::string(R"({"v":1,"message_id":"m","sent_ms":"secret","body":""})")}) {
        auto read = from_sealable_text(wrong);
        ASSERT_FALSE(read.has_value()) << wrong;
        EXPECT_EQ(read.error().code, "sealed_text");
        EXPECT_EQ(read.error().detail.find("secret"), std::string::npos) << read.error().detail;
    }
}

}  // namespace
}  // namespace sqs2pg::pipeline
