// Reads the members of an operation's JSON request, with SQS's errors for what is absent or of another type. The views
// that it returns live as long as the parser's document. Pure. Source: Amazon SQS API Reference; AWS JSON 1.0 protocol.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "devqueue/errors.h"
#include "devqueue/message.h"
#include "devqueue/settings.h"

namespace sqs2pg::devqueue {

using JsonObject = simdjson::dom::object;

// Parses a request body. SerializationException for anything but one JSON object in UTF-8. An empty body is an empty
// object. `body` is borrowed for the call only (spare capacity is added for the parser).
Answer<JsonObject> parse_request(simdjson::dom::parser& parser, std::string& body);

// An absent member or a null is nothing; another type is a SerializationException.
Answer<std::optional<std::string_view>> optional_text(const JsonObject& object, std::string_view name);
Answer<std::optional<int>> optional_int(const JsonObject& object, std::string_view name);
// Empty when absent; InvalidParameterValue when it is not 1 to 128 letters, digits and punctuation of ASCII.
Answer<std::string_view> optional_token(const JsonObject& object, std::string_view name);
// MissingParameter when absent or empty.
Answer<std::string_view> required_text(const JsonObject& object, std::string_view name);

Answer<std::vector<std::string_view>> text_list(const JsonObject& object, std::string_view name);
Answer<AttributeMap> text_map(const JsonObject& object, std::string_view name);
Answer<MessageAttributes> message_attributes(const JsonObject& object, std::string_view name);

// A batch: its entries, and their ids held to check_batch_ids.
struct Batch {
    std::vector<JsonObject> entries;
    std::vector<std::string_view> ids;
};
Answer<Batch> read_batch(const JsonObject& object);

// One message of SendMessage or one entry of its batch. Whether its FIFO parameters fit the queue is the queue's to
// say.
Answer<SendRequest> read_send(const JsonObject& object);

// The name at the end of a queue's URL.
Answer<std::string_view> queue_name(const JsonObject& object);

}  // namespace sqs2pg::devqueue
