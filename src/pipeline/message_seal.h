// The complete message as one text, to be sealed into a dead letter and replayed from it. JSON, one object: body,
// attributes, group, sequence. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "pipeline/message.h"

namespace sqs2pg::pipeline {

// {"v":1,"message_id":…,"sent_ms":…,"body":…,"attributes":[{"name":…,"type":…,"value":…}],"group_id":…,
//  "sequence_number":…}
// A member whose bytes are no UTF-8 is called "body_base64" (and so on) instead, so that nothing is altered.
std::string to_sealable_text(const Received& message);

// The message again, byte for byte; what the text does not hold (receipt handle, receive times) is left at its default.
// Error BadMessage "sealed_text", which names the member and never its value: no program of ours wrote this.
Result<Received> from_sealable_text(std::string_view text);

}  // namespace sqs2pg::pipeline
