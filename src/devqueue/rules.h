// What SQS accepts: names, bodies, message attributes and batches, with its documented limits. Pure.
// Source: Amazon SQS API Reference (CreateQueue, SendMessage, SendMessageBatch) and Developer Guide, "Message quotas".
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "devqueue/errors.h"
#include "sqs/protocol.h"

namespace sqs2pg::devqueue {

inline constexpr std::size_t kMaxMessageAttributes = 10;
inline constexpr std::size_t kMaxInFlight = 120'000;

// 1 to 80 of A-Z a-z 0-9 - _ ; the name of a FIFO queue, and only that, ends in .fifo.
Verdict check_queue_name(std::string_view name, bool fifo);

// Group ids, deduplication ids and receive request attempt ids: 1 to 128 letters, digits and punctuation of ASCII.
Verdict check_token(std::string_view value, std::string_view parameter);

// A parameter of FIFO queues on a standard one, or the other way round.
tl::unexpected<ApiError> refuse_for_queue_type(std::string_view value, std::string_view parameter);

// InvalidMessageContents for characters outside #x9 #xA #xD #x20-#xD7FF #xE000-#xFFFD #x10000-#x10FFFF. `body` is valid
// UTF-8 (the JSON parser has seen to it).
Verdict check_body(std::string_view body);

// At most ten; name, type and value each well formed.
Verdict check_attributes(const std::map<std::string, sqs::Attribute>& attributes);

// Bytes that count toward the limits: body, and name, type and value of every attribute (binary values decoded).
std::size_t counted_bytes(std::string_view body, const std::map<std::string, sqs::Attribute>& attributes);

// One to ten entries, ids of 1 to 80 characters A-Z a-z 0-9 - _, distinct.
Verdict check_batch_ids(std::span<const std::string_view> ids);

}  // namespace sqs2pg::devqueue
