// Values that need no text of their own, see map_input.h.
#include "pipeline/map_input.h"

namespace sqs2pg::pipeline {

namespace {

JsonValue text_or_absent(std::string_view text) {
    return text.empty() ? JsonValue{} : JsonValue{JsonKind::String, text};
}

// An attribute that came in the envelope wins over one of the message that carried it.
JsonValue attribute(const Source& source, std::uint32_t slot, const MapInput& input) {
    if (!input.envelope.empty() && input.envelope[slot].kind != JsonKind::Absent) return input.envelope[slot];
    for (const auto& one : input.message.attributes) {
        if (one.name == source.attribute) return {JsonKind::String, one.value};
    }
    return {};
}

}  // namespace

JsonValue plain_value(const Source& source, std::uint32_t slot, const MapInput& input, std::string& scratch) {
    const auto& message = input.message;
    switch (source.metadata) {
        case Metadata::None:
            return input.values[slot];
        case Metadata::Envelope:
            return input.envelope[slot];
        case Metadata::Attribute:
            return attribute(source, slot, input);
        case Metadata::MessageId:
            return {JsonKind::String, message.message_id};
        case Metadata::GroupId:
            return text_or_absent(message.group_id);
        case Metadata::SequenceNumber:  // 20 digits, more than a bigint holds; absent on a standard queue
            return text_or_absent(message.sequence_number);
        case Metadata::ReceiveCount:
            scratch = std::to_string(message.receive_count);
            return {JsonKind::Number, scratch};
        default:
            return {};
    }
}

}  // namespace sqs2pg::pipeline
