// What the error reply of an AWS service says and means: its code from JSON (`__type`), Query XML or S3 XML, and what
// to do next. Pure. Source: each protocol's page in the Smithy specification; AWS "Common errors"; AWS SDKs Reference,
// "Retry behavior".
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "net/http_client.h"

namespace sqs2pg::aws {

// What a client does with a failed attempt before it tells the caller.
enum class ServiceRemedy {
    None,            // the next attempt would fail in the same way
    Again,           // after a backoff
    NewCredentials,  // drop the cached ones and try once more
    CheckClock,      // sign again by the server's clock if ours is off, else the secret is wrong
};

struct ServiceFault {
    ErrorKind kind = ErrorKind::Retry;
    ServiceRemedy remedy = ServiceRemedy::None;
    std::string code;    // "ResourceNotFoundException"; "http_503" when the reply names none
    std::string advice;  // what to do, or what the service says of a missing right; may be empty. No secret, no body
};

// Of a reply with a status of 300 and above.
ServiceFault judge_service_reply(const net::HttpReply& reply);

// The code alone: "AccessDenied". At most 100 characters of a name; empty when there is none.
std::string service_error_code(const net::HttpReply& reply);

}  // namespace sqs2pg::aws
