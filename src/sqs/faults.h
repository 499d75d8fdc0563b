// What an SQS error code means: the table behind the client's retries. Pure.
// Source: Amazon SQS API Reference, "Common errors" and each operation's errors; AWS SDKs Reference, "Retry behavior".
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "sqs/protocol.h"

namespace sqs2pg::sqs {

// What the client does with a failed attempt before it tells the caller.
enum class Remedy {
    None,            // the next attempt would fail in the same way
    Again,           // after a backoff
    NewCredentials,  // drop the cached ones and try once more
    CheckClock,      // sign again by the server's clock if ours is off, else the secret is wrong
};

struct FaultVerdict {
    ErrorKind kind = ErrorKind::Retry;
    Remedy remedy = Remedy::None;
    std::string code;         // as the caller sees it; both names of an absent queue are "QueueDoesNotExist"
    std::string_view advice;  // what to do, for people; may be empty
};

// A line of the table; the first that fits decides.
struct FaultRule {
    std::string_view code;  // with "*" at its end: a prefix
    ErrorKind kind;
    Remedy remedy;
    std::string_view advice;
};

std::span<const FaultRule> known_faults() noexcept;

// Every status of 300 and above.
FaultVerdict judge(const ServiceError& error);

// Codes of one failed entry of a batch that are worth sending again although the sender is said to be at fault.
bool is_throttling(std::string_view code);

}  // namespace sqs2pg::sqs
