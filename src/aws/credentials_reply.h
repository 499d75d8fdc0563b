// Credentials as a JSON reply holds them: metadata services, container services and credential processes name the
// members differently. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "aws/credentials.h"
#include "aws/reply_text.h"

namespace sqs2pg::aws {

struct ReplyMembers {
    std::string_view token = "Token";
    bool token_required = true;
};

// AccessKeyId, SecretAccessKey, the token and Expiration. Error (kind Credentials): which member is missing or wrong.
// An absent Expiration is none.
Result<Credentials> read_credentials(const JsonReply& reply, ReplyMembers members);

// Metadata services hand out credentials past their end while they cannot renew them, and AWS goes on accepting those:
// they are used for ten more minutes, and their `source` says so.
void outlive(Credentials& credentials, std::int64_t now_ms);

}  // namespace sqs2pg::aws
