// The complete message as one text, to be sealed into a dead letter and replayed from it. JSON, one object: body,
// attributes, group, sequence. Pure.
#pragma once

#include <string>

#include "pipeline/message.h"

namespace sqs2pg::pipeline {

// {"v":1,"message_id":…,"sent_ms":…,"body":…,"attributes":[{"name":…,"type":…,"value":…}],"group_id":…,
//  "sequence_number":…}
// Bytes that are no UTF-8 in the body make it "body_base64" instead, so that nothing is altered.
std::string to_sealable_text(const Received& message);

}  // namespace sqs2pg::pipeline
