// Signature verification: what each kind of wrong request is told, and that nothing secret is told.
#include "devqueue/authentication.h"

#include <gtest/gtest.h>

namespace sqs2pg::devqueue {
namespace {

constexpr std::int64_t kNow = 1'700'000'000'000;
constexpr std::int64_t kMinute = 60'000;

aws::Credentials key(const std::string& id, const std::string& secret, const std::string& token = "") {
    aws::Credentials credentials;
    credentials.access_key_id = id;
    credentials.secret_access_key = Secret(secret);
    credentials.session_token = Secret(token);
    credentials.source = "test";
    return credentials;
}

class Authentication : public ::testing::Test {
   protected:
    void sign(const aws::Credentials& credentials, std::int64_t at_ms = kNow, const std::string& service = "sqs") {
        headers_ = {{"Host", "127.0.0.1:9324"}, {"X-Amz-Target", "AmazonSQS.SendMessage"}};
        aws::Signer("us-east-1", service).sign(credentials, "POST", "/", headers_, body_, at_ms);
    }

    ApiError refused() {
        auto verdict = authenticate(accepted_, SignedRequest{"POST", "/", headers_, body_}, kNow);
        return verdict ? ApiError{"", ""} : verdict.error();
    }
    std::string_view code() { return refused().code; }

    std::string& header(std::string_view name) {
        for (auto& [key, value] : headers_) {
            if (key == name) return value;
        }
        return headers_.emplace_back(name, "").second;
    }

    std::vector<aws::Credentials> accepted_{key("AKIDFIRST", "first secret"), key("AKIDSECOND", "second secret"),
                                            key("ASIATEMPORARY", "third secret", "the token")};
    std::vector<aws::Header> headers_;
    std::string body_ = R"({"MessageBody":"a"})";
};

TEST_F(Authentication, every_accepted_key_signs) {
    for (const auto& credentials : accepted_) {
        sign(credentials);
        EXPECT_EQ(code(), "") << credentials.access_key_id;
    }
}

TEST_F(Authentication, an_unsigned_request_misses_its_token) {
    headers_ = {{"Host", "127.0.0.1:9324"}};
    EXPECT_EQ(code(), "MissingAuthenticationToken");
    headers_.emplace_back("Authorization", "Basic dXNlcjpwYXNz");
    EXPECT_EQ(code(), "MissingAuthenticationToken");
}

TEST_F(Authentication, an_unknown_access_key_is_told_from_a_wrong_secret) {
    sign(key("AKIDTHIRD", "first secret"));
    EXPECT_EQ(code(), "InvalidClientTokenId");
    sign(key("AKIDFIRST", "second secret"));
    EXPECT_EQ(code(), "InvalidSignature");
    sign(key("", ""));
    EXPECT_EQ(code(), "InvalidClientTokenId");
}

TEST_F(Authentication, an_altered_request_does_not_match) {
    sign(accepted_[0]);
    body_ = R"({"MessageBody":"b"})";
    EXPECT_EQ(code(), "InvalidSignature");
    sign(accepted_[0]);
    header("X-Amz-Target") = "AmazonSQS.PurgeQueue";
    EXPECT_EQ(code(), "InvalidSignature");
    sign(accepted_[0], kNow, "s3");
    EXPECT_EQ(code(), "InvalidSignature");
}

TEST_F(Authentication, fifteen_minutes_off_is_too_much_in_either_direction) {
    sign(accepted_[0], kNow - 14 * kMinute);
    EXPECT_EQ(code(), "");
    sign(accepted_[0], kNow + 14 * kMinute);
    EXPECT_EQ(code(), "");
    sign(accepted_[0], kNow - 15 * kMinute);
    EXPECT_EQ(code(), "InvalidSignature");
    EXPECT_EQ(refused().message,
              "Signature expired: 20231114T215820Z is now earlier than 20231114T215820Z (20231114T221320Z - 15 min.)");
    sign(accepted_[0], kNow + 15 * kMinute);
    EXPECT_EQ(refused().message.substr(0, 25), "Signature not yet current");
}

TEST_F(Authentication, a_session_token_is_the_keys_own) {
    sign(key("ASIATEMPORARY", "third secret"));
    EXPECT_EQ(code(), "InvalidClientTokenId") << "absent";
    sign(key("ASIATEMPORARY", "third secret", "another token"));
    EXPECT_EQ(code(), "InvalidClientTokenId");
    sign(key("AKIDFIRST", "first secret", "the token"));
    EXPECT_EQ(code(), "InvalidClientTokenId") << "a key without a token";
    sign(accepted_[2]);
    header("X-Amz-Security-Token") = "other";
    EXPECT_EQ(code(), "InvalidSignature") << "the token is signed";
}

TEST_F(Authentication, a_header_of_another_shape_is_incomplete) {
    for (const char* authorization :
         {"AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=AKIDFIRST/20231114/us-east-1/sqs/aws4_request",
          "AWS4-HMAC-SHA256 Credential=AKIDFIRST, SignedHeaders=host;x-amz-date, Signature=00"}) {
        sign(accepted_[0]);
        header("Authorization") = authorization;
        EXPECT_EQ(code(), "IncompleteSignature") << authorization;
    }
}

TEST_F(Authentication, no_sentence_holds_a_key_or_a_token) {
    std::vector<std::string> sentences;
    auto note = [&] { sentences.push_back(refused().message); };
    sign(key("AKIDTHIRD", "first secret"));
    note();
    sign(key("AKIDFIRST", "second secret"));
    note();
    sign(key("ASIATEMPORARY", "third secret", "another token"));
    note();
    sign(accepted_[0], kNow - 60 * kMinute);
    note();
    for (const auto& sentence : sentences) {
        ASSERT_NE(sentence, "");
        for (const char* part : {"AKID", "ASIA", "first secret", "third secret", "the token", "another token"}) {
            EXPECT_EQ(sentence.find(part), std::string::npos) << sentence;
        }
    }
}

}  // namespace
}  // namespace sqs2pg::devqueue
