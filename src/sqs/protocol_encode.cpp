// SQS requests as JSON, see protocol.h.
#include "sqs/protocol.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace sqs2pg::sqs {
namespace {

// {"name": …, "name": …} without a tree in between.
class ObjectWriter {
   public:
    explicit ObjectWriter(std::string& out) : out_(out) { out_ += '{'; }
    void close() { out_ += '}'; }

    std::string& key(std::string_view name) {
        if (!first_) out_ += ',';
        first_ = false;
        out_.append("\"").append(name).append("\":");  // our own names: nothing to escape
        return out_;
    }
    void text(std::string_view name, std::string_view value) { append_json_string(key(name), value); }
    void number(std::string_view name, int value) { key(name).append(std::to_string(value)); }

   private:
    std::string& out_;
    bool first_ = true;
};

// {"QueueUrl": …, "Entries": [ … ]}; `write` fills in the members of one entry.
template <class Entry, class Write>
std::string encode_batch(std::string_view queue_url, const std::vector<Entry>& entries, std::size_t reserve_bytes,
                         Write write) {
    std::string out;
    out.reserve(64 + queue_url.size() + reserve_bytes);
    ObjectWriter request(out);
    request.text("QueueUrl", queue_url);
    request.key("Entries") += '[';
    bool first = true;
    for (const auto& entry : entries) {
        if (!first) out += ',';
        first = false;
        ObjectWriter object(out);
        object.text("Id", entry.id);
        write(object, entry);
        object.close();
    }
    out += ']';
    request.close();
    return out;
}

// What stands for a byte inside a JSON string: itself, or up to six characters.
constexpr std::size_t kLongestEscape = 6;
struct Escape {
    char text[7];
    std::uint8_t size;
};

constexpr std::array<Escape, 256> kEscapes = [] {
    constexpr std::string_view kHexDigits = "0123456789abcdef";
    std::array<Escape, 256> escapes{};
    for (std::size_t byte = 0; byte < escapes.size(); ++byte) {
        escapes[byte] = {{static_cast<char>(byte)}, 1};
        if (byte < 0x20) escapes[byte] = {{'\\', 'u', '0', '0', kHexDigits[byte >> 4], kHexDigits[byte & 15]}, 6};
    }
    escapes['"'] = {{'\\', '"'}, 2};
    escapes['\\'] = {{'\\', '\\'}, 2};
    escapes['\n'] = {{'\\', 'n'}, 2};
    escapes['\r'] = {{'\\', 'r'}, 2};
    escapes['\t'] = {{'\\', 't'}, 2};
    return escapes;
}();

// Without an early end the compiler looks at many characters at a time.
bool is_plain(std::string_view text) {
    bool plain = true;
    for (char c : text) plain &= (static_cast<unsigned char>(c) >= 0x20) & (c != '"') & (c != '\\');
    return plain;
}

void append_attributes(std::string& out, const std::map<std::string, Attribute>& attributes) {
    out += '{';
    bool first = true;
    for (const auto& [name, attribute] : attributes) {
        if (!first) out += ',';
        first = false;
        append_json_string(out, name);
        out += ':';
        ObjectWriter object(out);
        object.text("DataType", attribute.data_type);
        if (attribute.data_type.starts_with("Binary")) {
            object.text("BinaryValue", attribute.binary_value);
        } else {
            object.text("StringValue", attribute.string_value);
        }
        object.close();
    }
    out += '}';
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
    // Bodies are JSON themselves, full of quotes: a table and no branch a byte is twice as fast as looking for the next
    // one. By the piece, on the stack, since nobody knows how long the whole will be.
    constexpr std::size_t kPiece = 128;
    char piece[kPiece * kLongestEscape + sizeof(Escape)];
    out += '"';
    // Receipt handles: several hundred characters of base64 each, ten a request.
    if (is_plain(text)) {
        out.append(text) += '"';
        return;
    }
    while (!text.empty()) {
        auto* end = piece;
        for (char c : text.substr(0, kPiece)) {
            const auto& escape = kEscapes[static_cast<unsigned char>(c)];
            std::memcpy(end, &escape, sizeof escape);  // one move of eight bytes; those beyond the size are overwritten
            end += escape.size;
        }
        out.append(piece, static_cast<std::size_t>(end - piece));
        text.remove_prefix(std::min(kPiece, text.size()));
    }
    out += '"';
}

std::string encode_receive(const ReceiveCall& call) {
    std::string out;
    out.reserve(256 + call.queue_url.size());
    ObjectWriter request(out);
    request.text("QueueUrl", call.queue_url);
    request.number("MaxNumberOfMessages", call.max_messages);
    request.number("WaitTimeSeconds", call.wait_seconds);
    if (call.visibility_timeout_seconds >= 0) request.number("VisibilityTimeout", call.visibility_timeout_seconds);
    if (!call.attempt_id.empty()) request.text("ReceiveRequestAttemptId", call.attempt_id);
    // Older servers know only the old name, newer ones deprecate it.
    request.key("AttributeNames") += "[\"All\"]";
    request.key("MessageSystemAttributeNames") += "[\"All\"]";
    request.key("MessageAttributeNames") += "[\"All\"]";
    request.close();
    return out;
}

std::string encode_delete_batch(std::string_view queue_url, const std::vector<DeleteEntry>& entries) {
    auto write = [](ObjectWriter& object, const DeleteEntry& entry) {
        object.text("ReceiptHandle", entry.receipt_handle);
    };
    return encode_batch(queue_url, entries, entries.size() * 512, write);
}

std::string encode_change_visibility_batch(std::string_view queue_url, const std::vector<VisibilityEntry>& entries) {
    auto write = [](ObjectWriter& object, const VisibilityEntry& entry) {
        object.text("ReceiptHandle", entry.receipt_handle);
        object.number("VisibilityTimeout", entry.visibility_timeout_seconds);
    };
    return encode_batch(queue_url, entries, entries.size() * 512, write);
}

std::string encode_send_batch(std::string_view queue_url, const std::vector<SendEntry>& entries) {
    std::size_t bytes = 0;
    for (const auto& entry : entries) bytes += entry.body.size() + entry.body.size() / 8 + 256;
    auto write = [](ObjectWriter& object, const SendEntry& entry) {
        object.text("MessageBody", entry.body);
        if (entry.delay_seconds >= 0) object.number("DelaySeconds", entry.delay_seconds);
        if (!entry.attributes.empty()) append_attributes(object.key("MessageAttributes"), entry.attributes);
        if (!entry.group_id.empty()) object.text("MessageGroupId", entry.group_id);
        if (!entry.deduplication_id.empty()) object.text("MessageDeduplicationId", entry.deduplication_id);
    };
    return encode_batch(queue_url, entries, bytes, write);
}

std::string encode_get_queue_url(std::string_view queue_name, std::string_view owner_account) {
    std::string out;
    ObjectWriter request(out);
    request.text("QueueName", queue_name);
    if (!owner_account.empty()) request.text("QueueOwnerAWSAccountId", owner_account);
    request.close();
    return out;
}

std::string encode_create_queue(std::string_view queue_name, const std::map<std::string, std::string>& attributes) {
    std::string out;
    ObjectWriter request(out);
    request.text("QueueName", queue_name);
    if (!attributes.empty()) {
        request.key("Attributes") += '{';
        bool first = true;
        for (const auto& [name, value] : attributes) {
            if (!first) out += ',';
            first = false;
            append_json_string(out, name);
            out += ':';
            append_json_string(out, value);
        }
        out += '}';
    }
    request.close();
    return out;
}

std::string encode_delete_queue(std::string_view queue_url) {
    std::string out;
    ObjectWriter request(out);
    request.text("QueueUrl", queue_url);
    request.close();
    return out;
}

std::string encode_get_queue_attributes(std::string_view queue_url, const std::vector<std::string>& names) {
    std::string out;
    ObjectWriter request(out);
    request.text("QueueUrl", queue_url);
    request.key("AttributeNames") += '[';
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i > 0) out += ',';
        append_json_string(out, names[i]);
    }
    out += ']';
    request.close();
    return out;
}

}  // namespace sqs2pg::sqs
