// SQS replies from JSON, see protocol.h. On the hot path: simdjson on-demand, one pass, each string copied once.
#include <algorithm>

#include <simdjson.h>

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

// With `room` bytes kept free behind the text.
error_code read_text(ondemand::value value, std::string& out, std::size_t room = 0) {
    auto raw = value.raw_json_token();
    std::string_view text;
    auto error = value.get_string().get(text);
    if (error == SUCCESS) {
        if (room > 0) out.reserve(text.size() + room);
        out.assign(text);
        return SUCCESS;
    }
    // A lone surrogate, most likely: one odd body must not make the whole reply unreadable.
    return error == simdjson::STRING_ERROR && unescape_leniently(raw, out) ? SUCCESS : error;
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

// The digests that a reply gives of a message.
struct Digests {
    std::string body;
    std::string attributes;
};

error_code read_system_attribute(std::string_view key, ondemand::value value, SystemAttributes& out) {
    if (key == "SentTimestamp") return read_text(value, out.sent_timestamp);
    if (key == "ApproximateReceiveCount") return read_text(value, out.receive_count);
    if (key == "ApproximateFirstReceiveTimestamp") return read_text(value, out.first_receive_timestamp);
    if (key == "SenderId") return read_text(value, out.sender_id);
    if (key == "MessageGroupId") return read_text(value, out.group_id);
    if (key == "SequenceNumber") return read_text(value, out.sequence_number);
    std::string unused;  // the API promises a text all the same
    return read_text(value, unused);
}

error_code read_message(ondemand::value value, Message& out, Digests& digests) {
    auto read_system = [&](std::string_view key, ondemand::value member) {
        return read_system_attribute(key, member, out.system);
    };
    auto read_own = [&](std::string_view key, ondemand::value member) {
        std::string name(key);
        return read_attribute(member, out.attributes[name]);
    };
    return each_member(value, [&](std::string_view key, ondemand::value member) -> error_code {
        if (key == "Body") return read_text(member, out.body, simdjson::SIMDJSON_PADDING);
        if (key == "MessageId") return read_text(member, out.message_id);
        if (key == "ReceiptHandle") return read_text(member, out.receipt_handle);
        if (key == "MD5OfBody") return read_text(member, digests.body);
        bool is_null = false;
        if (auto error = member.is_null().get(is_null)) return error;
        if (is_null) return SUCCESS;
        if (key == "MD5OfMessageAttributes") return read_text(member, digests.attributes);
        if (key == "Attributes") return each_member(member, read_system);
        if (key == "MessageAttributes") return each_member(member, read_own);
        return SUCCESS;
    });
}

// A digest that the server did not send cannot be held against the message.
bool is_intact(const Message& message, const Digests& digests) {
    if (!digests.body.empty() && !has_md5(message.body, digests.body)) return false;
    return digests.attributes.empty() || md5_of_attributes(message.attributes) == digests.attributes;
}

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
    ReceiveReply reply;
    Digests digests;  // kept from message to message for their room
    auto read_one = [&](ondemand::value value) -> error_code {
        if (reply.messages.empty()) reply.messages.reserve(kMaxBatchEntries);
        auto& message = reply.messages.emplace_back();
        digests.body.clear();
        digests.attributes.clear();
        if (auto error = read_message(value, message, digests)) return error;
        message.intact = is_intact(message, digests);
        return SUCCESS;
    };
    auto error = walk(parser, body, [&](std::string_view key, ondemand::value value) -> error_code {
        return key == "Messages" ? each_element(value, read_one) : SUCCESS;
    });
    if (error) return bad_reply();
    for (const auto& message : reply.messages) {
        if (message.message_id.empty() || message.receipt_handle.empty()) return bad_reply();
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
