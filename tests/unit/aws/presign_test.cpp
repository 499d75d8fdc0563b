// Presigned requests, held against what botocore's signer says (version 1.44) for the same keys and time.
#include "aws/presign.h"

#include <gtest/gtest.h>

namespace sqs2pg::aws {
namespace {

constexpr std::int64_t kNowMs = 1'795'600'800'000;  // 2026-11-25T10:00:00Z

Credentials keys(std::string token = {}) {
    Credentials credentials;
    credentials.access_key_id = "AKIDEXAMPLE";
    credentials.secret_access_key = Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    credentials.session_token = Secret(std::move(token));
    return credentials;
}

const std::string kHost = "db.example.eu-west-1.rds.amazonaws.com";
const std::string kStart =
    kHost +
    ":5432/?Action=connect&DBUser=app%20user&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20261125"
    "%2Feu-west-1%2Frds-db%2Faws4_request&X-Amz-Date=20261125T100000Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host";

TEST(Presign, ATokenForRdsIsTheOneOfAwsOwnClient) {
    auto token = rds_auth_token(keys(), "eu-west-1", kHost, 5432, "app user", kNowMs);
    EXPECT_EQ(token.reveal(),
              kStart + "&X-Amz-Signature=97863316ddaa6a25b5fa4eae327be41d1eadca033777ea7f724caf85714cac4c");
}

TEST(Presign, ASessionTokenIsPartOfIt) {
    auto token = rds_auth_token(keys("IQoJb3//+to=ken"), "eu-west-1", kHost, 5432, "app user", kNowMs);
    EXPECT_EQ(token.reveal(), kStart +
                                  "&X-Amz-Security-Token=IQoJb3%2F%2F%2Bto%3Dken&X-Amz-Signature="
                                  "73fac51d28d781b32d260fb1310ac5a8160ec783f32686550f25d4544bcea7ee");
}

}  // namespace
}  // namespace sqs2pg::aws
