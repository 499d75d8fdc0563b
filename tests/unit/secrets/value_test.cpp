// What is taken of a secret, and that no error says what it holds.
#include "secrets/value.h"

#include <gtest/gtest.h>

namespace sqs2pg::secrets {
namespace {

const Reference kWhole{Keeper::SecretsManager, "db", ""};

Reference member(std::string name) { return {Keeper::SecretsManager, "db", std::move(name)}; }

std::string text(const Result<Secret>& secret) { return secret ? std::string(secret->reveal()) : secret.error().code; }

TEST(SecretValue, APasswordIsTheWholeOrTheMemberPasswordOfAnObject) {
    EXPECT_EQ(text(password_of(Secret("s3cret"), kWhole)), "s3cret");
    EXPECT_EQ(text(password_of(Secret("s3cret\r\n"), kWhole)), "s3cret");
    EXPECT_EQ(text(password_of(Secret(R"({"username":"u","password":"p\"q"})"), kWhole)), "p\"q");
    EXPECT_EQ(text(password_of(Secret("{no json"), kWhole)), "{no json") << "a password may begin so";
    EXPECT_EQ(text(password_of(Secret(R"({"other":"x","password":"p"})"), member("other"))), "x");
    EXPECT_EQ(username_of(Secret(R"({"username":"u"})")), "u");
    EXPECT_EQ(username_of(Secret("plain")), "");
}

TEST(SecretValue, WhatIsNoPasswordIsRefused) {
    EXPECT_EQ(text(password_of(Secret(R"({"username":"hidden"})"), kWhole)), "secret_member_absent");
    EXPECT_EQ(text(password_of(Secret(R"({"password":12345})"), kWhole)), "secret_member_absent");
    EXPECT_EQ(text(password_of(Secret("plain"), member("password"))), "secret_not_json");
    EXPECT_EQ(text(password_of(Secret(""), kWhole)), "secret_no_password");
    EXPECT_EQ(text(password_of(Secret("two\nlines"), kWhole)), "secret_no_password");
    EXPECT_EQ(text(password_of(Secret(std::string("a\0b", 3)), kWhole)), "secret_no_password");
    EXPECT_EQ(text(password_of(Secret(std::string(5000, 'x')), kWhole)), "secret_no_password");
}

TEST(SecretValue, ErrorsNameTheMemberAndNeverAValue) {
    for (const auto* whole : {R"({"username":"hidden"})", R"({"password":{"a":"hidden"}})", "hidden\nhidden"}) {
        const auto refused = password_of(Secret(whole), kWhole);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().kind, ErrorKind::Configuration);
        EXPECT_EQ(refused.error().detail.find("hidden"), std::string::npos) << refused.error().detail;
        EXPECT_NE(refused.error().detail.find("secretsmanager:db"), std::string::npos);
    }
}

TEST(SecretValue, Base64IsExactButForBlanks) {
    EXPECT_EQ(text(decode_base64("aGVs\nbG8=\n")), "hello");
    EXPECT_EQ(text(decode_base64("aGVsbG8h")), "hello!");
    for (const auto* bad : {"", "\n", "abc", "active: k1", "a-b_"}) {
        EXPECT_EQ(text(decode_base64(bad)), "secret_not_base64") << bad;
    }
}

}  // namespace
}  // namespace sqs2pg::secrets
