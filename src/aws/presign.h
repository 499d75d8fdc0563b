// Signatures in the query string: URLs that somebody else may use for a while, and RDS's passwords, which are such
// URLs. Source: AWS IAM User Guide, "Create a signed AWS API request", query parameters; Amazon RDS User Guide,
// "Connecting with IAM authentication". Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "aws/credentials.h"
#include "base/secret.h"

namespace sqs2pg::aws {

struct PresignRequest {
    std::string_view method = "GET";
    std::string_view host;    // as in the Host header, with its port where it has one
    std::string_view target;  // path and query, percent-encoded
    std::string_view region;
    std::string_view service;  // of the signature: "rds-db"
    std::int64_t expires_seconds = 900;
    bool s3 = false;  // S3: the path encoded once, the payload unsigned
};

// The target with the signature's parameters. Who has it may make the request until it expires.
Secret presigned_target(const Credentials& credentials, const PresignRequest& request, std::int64_t now_ms);

// The password of an RDS or Aurora user who signs in with IAM: good for 15 minutes to begin a connection, which may
// then last. `host` and `port` are the database's own, not a tunnel's or a CNAME's.
Secret rds_auth_token(const Credentials& credentials, std::string_view region, std::string_view host,
                      std::uint16_t port, std::string_view user, std::int64_t now_ms);

// The region that the host of an RDS or Aurora database names ("db.abc.eu-west-1.rds.amazonaws.com"); empty: none.
std::string rds_region_of(std::string_view host);

}  // namespace sqs2pg::aws
