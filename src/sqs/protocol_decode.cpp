// SQS replies from JSON, see protocol.h. On the hot path: simdjson on-demand, one pass, each string copied once.
#include <algorithm>
#include <list>

#include <simdjson.h>

#include "sqs/digest.h"
#include "sqs/json_text.h"
#include "sqs/protocol.h"

namespace sqs2pg::sqs {
namespace {

namespace ondemand = simdjson::ondemand;
using simdjson::error_code;
using simdjson::SUCCESS;

constexpr std::size_t kKeptParserBytes = 1u << 20;
constexpr std::size_t kLongestCode = 100;

// One parser a thread; after an unusually large reply its buffers are given back.
class ParserLease {
   public:
    ParserLease() : parser_(shared()) {}
    ParserLease(const ParserLease&) = delete;
    ParserLease& operator=(const ParserLease&) = delete;
    ~ParserLease() {
        if (parser_.capacity() > kKeptParserBytes) parser_ = ondemand::parser();
    }

    error_code open(std::string& body, ondemand::document& document) {
        body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
        simdjson::padded_string_view view(body.data(), body.size(), body.capacity());
        return parser_.iterate(view).get(document);
    }

   private:
    static ondemand::parser& shared() {
        thread_local ondemand::parser parser;
        return parser;
    }
    ondemand::parser& parser_;
};

tl::unexpected<Error> bad_reply() {
    return fail(
        ErrorKind::Retry, Stage::Start, "bad_reply",
        "the reply is not what the SQS API promises; is the endpoint an SQS server that speaks its JSON protocol?");
}

// The text lies in the parser's memory, until it parses the next reply, or, if it is an odd one, in `odd`.
error_code read_text(ondemand::value value, std::string_view& out, std::list<std::string>& odd) {
    auto raw = value.raw_json_token();
    auto error = value.get_string().get(out);
    if (error != simdjson::STRING_ERROR) return error;
    // A lone surrogate, most likely: one odd body must not make the whole reply unreadable.
    auto& text = odd.emplace_back();
    if (!unescape_leniently(raw, text)) return error;
    out = text;
    return SUCCESS;
}

error_code read_text(ondemand::value value, std::string& out) {
    std::string_view text;
    std::list<std::string> odd;
    auto error = read_text(value, text, odd);
    if (error == SUCCESS) out.assign(text);
    return error;
}

// Calls `visit(key, value)` for each member; what it returns ends the walk unless it is SUCCESS.
template <class Visit>
error_code each_member(ondemand::object object, Visit visit) {
    for (auto member : object) {
        std::string_view key;
        ondemand::value value;
        if (auto error = member.unescaped_key().get(key)) return error;
        if (auto error = member.value().get(value)) return error;
        if (auto error = visit(key, value)) return error;
    }
    return SUCCESS;
}

template <class Visit>
error_code each_member(ondemand::value value, Visit visit) {
    ondemand::object object;
    if (auto error = value.get_object().get(object)) return error;
    return each_member(object, visit);
}

// Calls `visit(value)` for each element; null counts as an empty array.
template <class Visit>
error_code each_element(ondemand::value value, Visit visit) {
    bool is_null = false;
    if (auto error = value.is_null().get(is_null)) return error;
    if (is_null) return SUCCESS;
    ondemand::array array;
    if (auto error = value.get_array().get(array)) return error;
    for (auto element : array) {
        ondemand::value item;
        if (auto error = element.get(item)) return error;
        if (auto error = visit(item)) return error;
    }
    return SUCCESS;
}

error_code read_attribute(ondemand::value value, Attribute& out) {
    return each_member(value, [&](std::string_view key, ondemand::value member) -> error_code {
        if (key == "DataType") return read_text(member, out.data_type);
        bool is_null = false;  // as unused members may be
        if (auto error = member.is_null().get(is_null)) return error;
        if (is_null) return SUCCESS;
        if (key == "StringValue") return read_text(member, out.string_value);
        if (key == "BinaryValue") return read_text(member, out.binary_value);
        return SUCCESS;
    });
}

// A message as the reply has it: views of the parser's memory.
struct RawMessage {
    std::string_view message_id, receipt_handle, body, body_md5, attributes_md5;
    std::string_view sent_timestamp, first_receive_timestamp, receive_count, group_id, sequence_number, sender_id;
    std::map<std::string, Attribute> attributes;
    bool intact = true;

    std::size_t kept_bytes() const {
        return message_id.size() + receipt_handle.size() + body.size() + group_id.size() + sequence_number.size() +
               sender_id.size();
    }
    Message keep(SharedMemory& memory) &&;
};

Message RawMessage::keep(SharedMemory& memory) && {
    Message message;
    message.intact = intact;
    message.message_id = memory.append(message_id);
    message.receipt_handle = memory.append(receipt_handle);
    message.body = memory.append(body);
    message.system.sent_timestamp = sent_timestamp;
    message.system.first_receive_timestamp = first_receive_timestamp;
    message.system.receive_count = receive_count;
    message.system.group_id = memory.append(group_id);
    message.system.sequence_number = memory.append(sequence_number);
    message.system.sender_id = memory.append(sender_id);
    message.attributes = std::move(attributes);
    return message;
}

// Holds the messages of a reply against their digests. One that the server did not send cannot be held against them.
void look_for_damage(std::span<RawMessage> messages) {
    std::vector<std::string_view> bodies(messages.size());
    std::vector<Md5Digest> digests(messages.size());
    std::ranges::transform(messages, bodies.begin(), &RawMessage::body);
    md5_of_all(bodies, digests);
    for (std::size_t i = 0; i < messages.size(); ++i) {
        auto& message = messages[i];
        message.intact = message.body_md5.empty() || is_hex_of(digests[i], message.body_md5);
        if (message.attributes_md5.empty()) continue;
        message.intact = message.intact && md5_of_attributes(message.attributes) == message.attributes_md5;
    }
}

// Reads the messages of a reply one after the other.
class MessageReader {
   public:
    error_code read(ondemand::value value, RawMessage& out) {
        return each_member(value, [&](std::string_view key, ondemand::value member) -> error_code {
            if (key == "Body") return text(member, out.body);
            if (key == "MessageId") return text(member, out.message_id);
            if (key == "ReceiptHandle") return text(member, out.receipt_handle);
            if (key == "MD5OfBody") return text(member, out.body_md5);
            bool is_null = false;
            if (auto error = member.is_null().get(is_null)) return error;
            if (is_null) return SUCCESS;
            if (key == "MD5OfMessageAttributes") return text(member, out.attributes_md5);
            if (key == "Attributes") return read_system(member, out);
            if (key == "MessageAttributes") return read_own(member, out);
            return SUCCESS;
        });
    }

   private:
    error_code text(ondemand::value value, std::string_view& out) { return read_text(value, out, odd_); }

    error_code read_system(ondemand::value value, RawMessage& out) {
        return each_member(value, [&](std::string_view key, ondemand::value member) -> error_code {
            if (key == "SentTimestamp") return text(member, out.sent_timestamp);
            if (key == "ApproximateReceiveCount") return text(member, out.receive_count);
            if (key == "ApproximateFirstReceiveTimestamp") return text(member, out.first_receive_timestamp);
            if (key == "SenderId") return text(member, out.sender_id);
            if (key == "MessageGroupId") return text(member, out.group_id);
            if (key == "SequenceNumber") return text(member, out.sequence_number);
            std::string_view unused;  // the API promises a text all the same
            return text(member, unused);
        });
    }

    error_code read_own(ondemand::value value, RawMessage& out) {
        return each_member(value, [&](std::string_view key, ondemand::value member) {
            std::string name(key);
            return read_attribute(member, out.attributes[name]);
        });
    }

    std::list<std::string> odd_;
};

// Opens the reply's object and walks it.
template <class Visit>
error_code walk(ParserLease& parser, std::string& body, Visit visit) {
    ondemand::document document;
    ondemand::object object;
    if (auto error = parser.open(body, document)) return error;
    if (auto error = document.get_object().get(object)) return error;
    if (auto error = each_member(object, visit)) return error;
    const char* rest = nullptr;
    return document.current_location().get(rest) == simdjson::OUT_OF_BOUNDS ? SUCCESS : simdjson::TRAILING_CONTENT;
}

// Codes end up in logs: letters, digits and a few marks only.
std::string clean_code(std::string_view text) {
    auto hash = text.rfind('#');
    if (hash != text.npos) text.remove_prefix(hash + 1);
    text = text.substr(0, std::min(text.find_first_of(":;"), kLongestCode));
    auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
               c == '-';
    };
    return std::all_of(text.begin(), text.end(), fits) ? std::string(text) : std::string();
}

// <Code>…</Code> of the old Query protocol and of proxies' answers.
std::string code_of_xml(std::string_view body) {
    auto open = body.find("<Code>");
    auto close = open == body.npos ? open : body.find("</Code>", open);
    return close == body.npos ? std::string() : clean_code(body.substr(open + 6, close - open - 6));
}

}  // namespace

Result<ReceiveReply> decode_receive(std::string& body) {
    ParserLease parser;
    MessageReader reader;
    std::vector<RawMessage> raw;
    std::size_t bytes = 0;
    auto read_one = [&](ondemand::value value) -> error_code {
        if (raw.empty()) raw.reserve(kMaxBatchEntries);
        auto& message = raw.emplace_back();
        if (auto error = reader.read(value, message)) return error;
        bytes += message.kept_bytes();
        return SUCCESS;
    };
    auto error = walk(parser, body, [&](std::string_view key, ondemand::value value) -> error_code {
        return key == "Messages" ? each_element(value, read_one) : SUCCESS;
    });
    if (error) return bad_reply();
    look_for_damage(raw);
    ReceiveReply reply;
    reply.messages.reserve(raw.size());
    SharedMemory memory(bytes);
    for (auto& message : raw) {
        if (message.message_id.empty() || message.receipt_handle.empty()) return bad_reply();
        reply.messages.push_back(std::move(message).keep(memory));
    }
    return reply;
}

Result<BatchReply> decode_batch(std::string& body) {
    ParserLease parser;
    BatchReply reply;
    auto read_success = [&](ondemand::value value) {
        if (reply.successful.empty()) reply.successful.reserve(kMaxBatchEntries);
        auto& id = reply.successful.emplace_back();
        return each_member(value, [&](std::string_view key, ondemand::value member) -> error_code {
            return key == "Id" ? read_text(member, id) : SUCCESS;
        });
    };
    auto read_failure = [&](ondemand::value value) {
        auto& failed = reply.failed.emplace_back();
        return each_member(value, [&](std::string_view key, ondemand::value member) -> error_code {
            if (key == "Id") return read_text(member, failed.id);
            if (key == "SenderFault") return member.get_bool().get(failed.sender_fault);
            if (key != "Code") return SUCCESS;
            auto error = read_text(member, failed.code);
            failed.code = clean_code(failed.code);
            return error;
        });
    };
    auto error = walk(parser, body, [&](std::string_view key, ondemand::value value) -> error_code {
        if (key == "Successful") return each_element(value, read_success);
        if (key == "Failed") return each_element(value, read_failure);
        return SUCCESS;
    });
    if (error) return bad_reply();
    return reply;
}

Result<std::string> decode_queue_url(std::string& body) {
    ParserLease parser;
    std::string url;
    auto error = walk(parser, body, [&](std::string_view key, ondemand::value value) -> error_code {
        return key == "QueueUrl" ? read_text(value, url) : SUCCESS;
    });
    if (error || url.empty()) return bad_reply();
    return url;
}

Result<std::map<std::string, std::string>> decode_attributes(std::string& body) {
    ParserLease parser;
    std::map<std::string, std::string> attributes;
    auto read_one = [&](std::string_view key, ondemand::value value) {
        std::string name(key);
        return read_text(value, attributes[name]);
    };
    auto error = walk(parser, body, [&](std::string_view key, ondemand::value value) -> error_code {
        if (key != "Attributes") return SUCCESS;
        bool is_null = false;
        if (auto error = value.is_null().get(is_null)) return error;
        return is_null ? SUCCESS : each_member(value, read_one);
    });
    if (error) return bad_reply();
    return attributes;
}

ServiceError decode_error(int status, std::string& body, std::string_view query_error_header) {
    ParserLease parser;
    ServiceError result;
    result.status = status;
    std::string type;
    auto error = walk(parser, body, [&](std::string_view key, ondemand::value value) -> error_code {
        return key == "__type" ? read_text(value, type) : SUCCESS;
    });
    result.code = error ? code_of_xml(body) : clean_code(type);
    result.query_code = clean_code(query_error_header);
    if (result.code.empty()) result.code = result.query_code;
    return result;
}

}  // namespace sqs2pg::sqs
