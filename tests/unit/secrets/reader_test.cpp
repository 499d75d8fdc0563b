// Secrets from a scripted AWS: what is asked, what is kept, and what each refusal says.
#include "secrets/reader.h"

#include <filesystem>
#include <fstream>

#include <unistd.h>

#include <gtest/gtest.h>

#include "unit/aws/scripted_service.h"

namespace sqs2pg::secrets {
namespace {

struct SecretReader : testing::Test {
    SecretReader() : reader(options(), std::make_unique<test::FixedKeys>(), cache, clock) {}

    ReaderOptions options() {
        ReaderOptions made;
        made.configured.region = "eu-west-1";
        made.environment = [this](const std::string& name) -> std::optional<std::string> {
            if (name == "AWS_ENDPOINT_URL") return server.origin();
            return std::nullopt;
        };
        return made;
    }
    Result<HeldPtr> read(const Reference& reference) { return read(reference, clock.now()); }
    Result<HeldPtr> read(const Reference& reference, Clock::Steady not_before) {
        return test::run(loop, reader.read(loop.get_executor(), reference, not_before));
    }
    Error refused(int status, std::string body, const Reference& reference) {
        for (int i = 0; i < 3; ++i) server.answer(status, body);
        const auto held = read(reference);
        server.answers.clear();
        clock.passed += std::chrono::minutes(1);
        return held ? Error{ErrorKind::Stopping, Stage::Start, "none", ""} : held.error();
    }

    boost::asio::io_context loop{1};
    test::ScriptedService server{loop};
    test::SwiftClock clock;
    Cache cache;
    Reader reader;
    const Reference secret{Keeper::SecretsManager, "prod/db", ""};
    const Reference parameter{Keeper::Ssm, "/prod/db", ""};
};

TEST_F(SecretReader, AsksSecretsManagerForTheCurrentVersion) {
    server.answer(200, R"({"Name":"prod/db","VersionId":"v-1","SecretString":"{\"password\":\"p\"}"})");
    const auto held = read(secret);
    ASSERT_TRUE(held) << describe(held.error());
    EXPECT_EQ((*held)->fetched.value.reveal(), R"({"password":"p"})");
    EXPECT_EQ((*held)->fetched.version, "v-1");
    const auto& request = server.requests.at(0);
    EXPECT_EQ(request.header("x-amz-target"), "secretsmanager.GetSecretValue");
    EXPECT_EQ(request.body, R"({"SecretId":"prod/db"})");
    EXPECT_NE(request.header("authorization").find("/eu-west-1/secretsmanager/"), std::string_view::npos);
}

TEST_F(SecretReader, AsksTheRegionOfAnArn) {
    server.answer(200, R"({"VersionId":"v","SecretString":"x"})");
    ASSERT_TRUE(read({Keeper::SecretsManager, "arn:aws:secretsmanager:us-west-2:123456789012:secret:db-AbCdEf", ""}));
    EXPECT_NE(server.requests.at(0).header("authorization").find("/us-west-2/secretsmanager/"), std::string_view::npos);
}

TEST_F(SecretReader, AsksForAParameterDecrypted) {
    server.answer(200, R"({"Parameter":{"Type":"SecureString","Value":"p","Version":7}})");
    auto held = read(parameter);
    ASSERT_TRUE(held) << describe(held.error());
    EXPECT_EQ((*held)->fetched.version, "7");
    EXPECT_FALSE((*held)->fetched.plain);
    EXPECT_EQ(server.requests.at(0).body, R"({"WithDecryption":true,"Name":"/prod/db"})");
    clock.passed += std::chrono::seconds(1);
    server.answer(200, R"({"Parameter":{"Type":"String","Value":"p","Version":8}})");
    held = read(parameter);
    ASSERT_TRUE(held);
    EXPECT_TRUE((*held)->fetched.plain);
}

TEST_F(SecretReader, AFileIsDecryptedWithItsContextAndAKeyFileInTheClearNeverLeaves) {
    const auto path = std::filesystem::temp_directory_path() / ("sqs2pg_kms_" + std::to_string(::getpid()));
    std::ofstream(path) << "active: k1\nkeys:\n  k1: hidden\n";
    auto held = read(kms_file(path));
    ASSERT_FALSE(held);
    EXPECT_EQ(held.error().code, "kms_file");
    EXPECT_EQ(held.error().kind, ErrorKind::Configuration);
    EXPECT_TRUE(server.requests.empty()) << "it may hold keys in the clear";
    EXPECT_EQ(held.error().detail.find("hidden"), std::string::npos);

    clock.passed += std::chrono::minutes(1);
    std::ofstream(path) << "Y2lwaGVy\ndGV4dA==\n";
    server.answer(200, R"({"KeyId":"arn:key","Plaintext":"YWN0aXZlOiBrMQ=="})");
    held = read(kms_file(path));
    ASSERT_TRUE(held) << describe(held.error());
    EXPECT_EQ((*held)->fetched.value.reveal(), "active: k1");
    EXPECT_EQ(server.requests.at(0).header("x-amz-target"), "TrentService.Decrypt");
    EXPECT_EQ(server.requests.at(0).body,
              R"({"CiphertextBlob":"Y2lwaGVydGV4dA==","EncryptionContext":{"sqs2pg":"keys"}})");
    std::filesystem::remove(path);
    clock.passed += std::chrono::minutes(1);
    held = read(kms_file(path));
    ASSERT_FALSE(held);
    EXPECT_NE(held.error().detail.find(path.string()), std::string::npos);
}

TEST_F(SecretReader, WhatIsYoungEnoughIsNotAskedForAgain) {
    server.answer(200, R"({"VersionId":"v-1","SecretString":"a"})");
    const auto begun = clock.now();
    const auto first = read(secret);
    ASSERT_TRUE(first);
    clock.passed += std::chrono::minutes(1);
    auto member = secret;
    member.member = "password";
    const auto again = read(member, begun);
    ASSERT_TRUE(again) << "another member of one secret is the same request";
    EXPECT_EQ(*again, *first);
    EXPECT_EQ(server.requests.size(), 1u);
    server.answer(200, R"({"VersionId":"v-2","SecretString":"b"})");
    const auto fresh = read(secret);
    ASSERT_TRUE(fresh);
    EXPECT_EQ((*fresh)->fetched.version, "v-2");
    EXPECT_EQ(reader.newest(secret), *fresh);
}

TEST_F(SecretReader, OneAsksAndTheOthersTakeItsAnswerOrItsTurn) {
    auto asked = cache.look("k", clock.now(), clock.now());
    ASSERT_TRUE(asked.claim);
    auto waits = cache.look("k", clock.now(), clock.now());
    EXPECT_TRUE(!waits.held && !waits.failed && !waits.claim);
    asked.claim.reset();  // gave up
    auto next = cache.look("k", clock.now(), clock.now());
    ASSERT_TRUE(next.claim);
    ASSERT_TRUE(next.claim->keep(Fetched{Secret("x"), "v", false}, clock.now()));
    EXPECT_TRUE(cache.look("k", clock.now(), clock.now()).held);
}

TEST_F(SecretReader, AFailureIsToldForTwoSecondsWithoutAskingAgain) {
    for (int i = 0; i < 3; ++i) server.answer(503, "");
    auto held = read(secret);
    ASSERT_FALSE(held);
    EXPECT_EQ(held.error().kind, ErrorKind::Retry);
    const auto asked = server.requests.size();
    EXPECT_EQ(asked, 3u);
    EXPECT_FALSE(read(secret));
    EXPECT_EQ(server.requests.size(), asked);
    clock.passed += std::chrono::seconds(3);
    server.answer(200, R"({"VersionId":"v","SecretString":"a"})");
    EXPECT_TRUE(read(secret));
}

TEST_F(SecretReader, EachRefusalSaysWhatToDo) {
    auto error = refused(400, R"({"__type":"ResourceNotFoundException"})", secret);
    EXPECT_EQ(error.kind, ErrorKind::Configuration);
    EXPECT_EQ(error.code, "ResourceNotFoundException");
    for (const auto* part : {"secretsmanager:prod/db", "region eu-west-1", "there is no such secret"}) {
        EXPECT_NE(error.detail.find(part), std::string::npos) << error.detail;
    }
    error = refused(
        400, R"({"__type":"AccessDeniedException","Message":"User: arn:aws:iam::1:user/me is not allowed"})", secret);
    EXPECT_EQ(error.kind, ErrorKind::Configuration);
    EXPECT_NE(error.detail.find("allow secretsmanager:GetSecretValue"), std::string::npos) << error.detail;
    EXPECT_NE(error.detail.find("user/me"), std::string::npos) << error.detail;
    error = refused(400, R"({"__type":"AccessDeniedException"})", parameter);
    EXPECT_NE(error.detail.find("ssm:GetParameter"), std::string::npos) << error.detail;
    error = refused(400, R"({"__type":"ParameterNotFound"})", parameter);
    EXPECT_NE(error.detail.find("no such parameter"), std::string::npos) << error.detail;
    error = refused(400, R"({"__type":"DisabledException"})", secret);
    EXPECT_NE(error.detail.find("the KMS key is disabled: `aws kms enable-key`"), std::string::npos) << error.detail;
    EXPECT_EQ(error.kind, ErrorKind::Configuration);
    error = refused(200, R"({"VersionId":"v","SecretBinary":"aGlkZGVu"})", secret);
    EXPECT_EQ(error.code, "secret_binary");
    EXPECT_EQ(error.detail.find("aGlkZGVu"), std::string::npos);
    error = refused(200, "<html>", secret);
    EXPECT_EQ(error.code, "secret_bad_reply");
    error = refused(200, R"({"VersionId":"v","SecretString":")" + std::string(70'000, 'x') + "\"}", secret);
    EXPECT_EQ(error.code, "secret_too_large");
    error = refused(400, R"({"__type":"UnrecognizedClientException"})", secret);
    EXPECT_EQ(error.kind, ErrorKind::Credentials);
}

TEST_F(SecretReader, RotationIsTold) {
    auto rotation = [&] { return test::run(loop, reader.rotation(loop.get_executor(), secret)); };
    server.answer(200, R"({"RotationEnabled":true,"RotationRules":{"AutomaticallyAfterDays":30}})");
    EXPECT_EQ(rotation(), "rotated every 30 days");
    server.answer(200, R"({"Name":"prod/db"})");
    EXPECT_EQ(rotation(), "not rotated by AWS");
    server.answer(400, R"({"__type":"AccessDeniedException"})");
    EXPECT_FALSE(rotation());
}

}  // namespace
}  // namespace sqs2pg::secrets
