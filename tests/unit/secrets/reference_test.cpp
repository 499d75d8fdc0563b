// How a secret is named, and what is said of names that are none.
#include "secrets/reference.h"

#include <gtest/gtest.h>

namespace sqs2pg::secrets {
namespace {

TEST(SecretReference, ANameAnArnAMemberOrAParameter) {
    EXPECT_EQ(parse_reference("secretsmanager:prod/db"), (Reference{Keeper::SecretsManager, "prod/db", ""}));
    EXPECT_EQ(parse_reference("secretsmanager:rds!cluster-1234#username"),
              (Reference{Keeper::SecretsManager, "rds!cluster-1234", "username"}));
    EXPECT_EQ(parse_reference("ssm:/prod/db:3"), (Reference{Keeper::Ssm, "/prod/db:3", ""}));
    const auto arn =
        parse_reference("secretsmanager:arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:db-AbCdEf#k");
    ASSERT_TRUE(arn);
    EXPECT_EQ(arn->name, "arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:db-AbCdEf");
    EXPECT_EQ(arn->member, "k");
    EXPECT_EQ(region_of(*arn), "cn-north-1");
    EXPECT_EQ(region_of(*parse_reference("ssm:arn:aws:ssm:eu-west-1:123456789012:parameter/a/b")), "eu-west-1");
    EXPECT_EQ(region_of(*parse_reference("ssm:/a")), "");
}

TEST(SecretReference, IsShownAsItWasWritten) {
    for (const auto* text : {"secretsmanager:prod/db", "secretsmanager:prod/db#password", "ssm:/a/b"}) {
        EXPECT_EQ(shown(*parse_reference(text)), text);
    }
    EXPECT_EQ(shown(kms_file("/etc/keys.kms")), "the KMS-wrapped file /etc/keys.kms");
    EXPECT_FALSE(Reference{});
    EXPECT_EQ(shown(Reference{}), "");
}

TEST(SecretReference, WhatIsNoneIsToldWithoutRepeatingIt) {
    for (const auto* text : {"hunter2-the-password", "secretsmanager:", "secretsmanager:a b", "secretsmanager:a#",
                             "secretsmanager:db:password", "ssm:", "ssm:arn:aws:secretsmanager:eu-west-1:1:secret:x",
                             "secretsmanager:arn:aws:secretsmanager::1:secret:x", "vault:x", ""}) {
        const auto reference = parse_reference(text);
        ASSERT_FALSE(reference) << text;
        EXPECT_EQ(reference.error().kind, ErrorKind::Configuration);
        EXPECT_EQ(reference.error().detail.find("hunter2"), std::string::npos);
    }
}

}  // namespace
}  // namespace sqs2pg::secrets
