// Arbitrary bytes as an SQS server's reply: never a crash, no code that could break a log line; and what is encoded as
// a message body comes back as it was.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "net/http_date.h"
#include "sqs/json_text.h"
#include "sqs/protocol.h"

namespace {

using namespace sqs2pg::sqs;

void require(bool holds) {
    if (!holds) std::abort();
}

bool is_valid_utf8(const std::string& text) {
    // A reply that holds the text unescaped is readable exactly when the text is UTF-8.
    std::string reply = "{\"QueueUrl\":";
    append_json_string(reply, text.empty() ? "x" : text);
    reply += "}";
    return decode_queue_url(reply).has_value();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string input(reinterpret_cast<const char*>(data), size);
    auto copy = input;
    if (auto reply = decode_receive(copy)) {
        for (const auto& message : reply->messages) require(!message.message_id.empty());
    }
    copy = input;
    (void)decode_batch(copy);
    copy = input;
    (void)decode_queue_url(copy);
    copy = input;
    (void)decode_attributes(copy);
    copy = input;
    auto error = decode_error(400, copy, input);
    for (char c : error.code + error.query_code) require(c > ' ' && c < '\x7f' && c != '"');
    (void)sqs2pg::net::parse_http_date(input);
    std::string unescaped;
    (void)unescape_leniently(input, unescaped);

    if (!is_valid_utf8(input)) return 0;
    std::string reply =
        R"({"Messages":[{"MessageId":"m","ReceiptHandle":"r","MD5OfBody":")" + md5_hex(input) + "\",\"Body\":";
    append_json_string(reply, input);
    reply += "}]}";
    auto decoded = decode_receive(reply);
    require(decoded && decoded->messages.size() == 1 && decoded->messages[0].body == input);
    require(decoded->messages[0].intact);
    return 0;
}
