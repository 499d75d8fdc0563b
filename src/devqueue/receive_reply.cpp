// Messages as JSON: this is the server's hottest writer, so it appends to one string and asks for no other memory.
#include "devqueue/receive_reply.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "devqueue/account.h"
#include "devqueue/fifo.h"

namespace sqs2pg::devqueue {
namespace {

enum SystemBit : std::uint32_t {
    kSenderId = 1,
    kSentTimestamp = 2,
    kReceiveCount = 4,
    kFirstReceive = 8,
    kGroupId = 16,
    kTraceHeader = 32,
    kSourceArn = 64,
    kSequenceNumber = 128,
    kDeduplicationId = 256,
    kEverything = 511,
};

struct SystemName {
    std::string_view name;
    SystemBit bit;
};

constexpr std::array kSystemNames = {
    SystemName{"All", kEverything},
    SystemName{"SenderId", kSenderId},
    SystemName{"SentTimestamp", kSentTimestamp},
    SystemName{"ApproximateReceiveCount", kReceiveCount},
    SystemName{"ApproximateFirstReceiveTimestamp", kFirstReceive},
    SystemName{"MessageGroupId", kGroupId},
    SystemName{"AWSTraceHeader", kTraceHeader},
    SystemName{"DeadLetterQueueSourceArn", kSourceArn},
    SystemName{"SequenceNumber", kSequenceNumber},
    SystemName{"MessageDeduplicationId", kDeduplicationId},
};

void append_text_member(std::string& out, std::string_view name, std::string_view value) {
    if (out.back() != '{') out += ',';
    out += '"';
    out += name;
    out += "\":";
    sqs::append_json_string(out, value);
}

void append_number_member(std::string& out, std::string_view name, std::int64_t value) {
    if (out.back() != '{') out += ',';
    fmt::format_int digits(value);
    out += '"';
    out += name;
    out += "\":\"";
    out.append(digits.data(), digits.size());
    out += '"';
}

void append_system(std::string& out, const StoredMessage& message, std::uint32_t shown) {
    const auto& content = message.content;
    out += ",\"Attributes\":{";
    if (shown & kSenderId) append_text_member(out, "SenderId", kAccountId);
    if (shown & kSentTimestamp) append_number_member(out, "SentTimestamp", content.sent_ms);
    if (shown & kReceiveCount) append_number_member(out, "ApproximateReceiveCount", message.receive_count);
    if (shown & kFirstReceive) {
        append_number_member(out, "ApproximateFirstReceiveTimestamp", message.first_received_ms);
    }
    if (content.extras) {
        const auto& extras = *content.extras;
        if ((shown & kGroupId) && !extras.group_id.empty()) append_text_member(out, "MessageGroupId", extras.group_id);
        if ((shown & kDeduplicationId) && !extras.deduplication_id.empty()) {
            append_text_member(out, "MessageDeduplicationId", extras.deduplication_id);
        }
        if ((shown & kSequenceNumber) && extras.sequence != 0) {
            append_text_member(out, "SequenceNumber", sequence_text(extras.sequence));
        }
        if ((shown & kTraceHeader) && !extras.trace_header.empty()) {
            append_text_member(out, "AWSTraceHeader", extras.trace_header);
        }
        if ((shown & kSourceArn) && !extras.source_queue_arn.empty()) {
            append_text_member(out, "DeadLetterQueueSourceArn", extras.source_queue_arn);
        }
    }
    out += '}';
}

bool is_shown(const Shown& shown, std::string_view name) {
    if (shown.all_attributes) return true;
    return std::ranges::any_of(shown.attribute_names, [&](std::string_view wanted) {
        return wanted.ends_with(".*") ? name.starts_with(wanted.substr(0, wanted.size() - 2)) : name == wanted;
    });
}

void append_attributes(std::string& out, const Extras& extras, const Shown& shown) {
    MessageAttributes some;
    const auto* attributes = &extras.attributes;
    if (!shown.all_attributes) {
        for (const auto& [name, attribute] : extras.attributes) {
            if (is_shown(shown, name)) some.emplace(name, attribute);
        }
        attributes = &some;
    }
    if (attributes->empty()) return;
    bool every = attributes->size() == extras.attributes.size();
    append_text_member(out, "MD5OfMessageAttributes", every ? extras.md5_of_attributes : sqs::md5_of_attributes(some));
    out += ",\"MessageAttributes\":{";
    for (const auto& [name, attribute] : *attributes) {
        if (out.back() != '{') out += ',';
        sqs::append_json_string(out, name);
        out += ":{";
        append_text_member(out, "DataType", attribute.data_type);
        bool binary = !attribute.binary_value.empty();
        append_text_member(out, binary ? "BinaryValue" : "StringValue",
                           binary ? attribute.binary_value : attribute.string_value);
        out += '}';
    }
    out += '}';
}

// Another ordinary character in place of the first letter or digit, so that the JSON stays well formed. The lowest bit
// turns '0' into '1', 'a' into '`'.
std::string flipped(std::string body) {
    auto at = std::ranges::find_if(body, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'); });
    if (at != body.end()) *at = static_cast<char>(*at ^ 1);
    return body;
}

}  // namespace

Verdict show_system(Shown& shown, std::span<const std::string_view> names) {
    for (auto name : names) {
        const auto* found = std::ranges::find(kSystemNames, name, &SystemName::name);
        if (found == kSystemNames.end()) {
            return refuse("InvalidAttributeName", fmt::format("Unknown Attribute {}.", name));
        }
        shown.system |= found->bit;
    }
    return {};
}

void show_attributes(Shown& shown, std::span<const std::string_view> names) {
    for (auto name : names) {
        if (name == "All" || name == ".*") {
            shown.all_attributes = true;
        } else {
            shown.attribute_names.emplace_back(name);
        }
    }
}

std::string receive_reply(std::span<const Delivery> deliveries, const Shown& shown, bool flip_bit) {
    if (deliveries.empty()) return "{}";
    std::size_t bytes = 16;
    for (const auto& delivery : deliveries) bytes += 400 + delivery.message->content.body.size() * 5 / 4;
    std::string out;
    out.reserve(bytes);
    out += "{\"Messages\":[";
    for (const auto& delivery : deliveries) {
        const auto& message = *delivery.message;
        if (out.back() != '[') out += ',';
        out += "{\"MessageId\":\"";
        append_text(out, message.content.id);
        out += "\",\"ReceiptHandle\":\"";
        append_text(out, delivery.handle);
        out += "\",\"MD5OfBody\":\"";
        out.append(message.content.md5_of_body.data(), message.content.md5_of_body.size());
        out += "\",\"Body\":";
        if (std::exchange(flip_bit, false)) {
            sqs::append_json_string(out, flipped(message.content.body));
        } else {
            sqs::append_json_string(out, message.content.body);
        }
        if (shown.system != 0) append_system(out, message, shown.system);
        if (message.content.extras) append_attributes(out, *message.content.extras, shown);
        out += '}';
    }
    out += "]}";
    return out;
}

}  // namespace sqs2pg::devqueue
