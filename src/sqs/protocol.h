// Amazon SQS's AWS JSON 1.0 protocol: requests and replies as values, encoded and decoded without a socket. Used by the
// client (encode requests, decode replies); the embedded queue's server uses the names, limits and error shapes.
// Source: Amazon SQS API Reference, "Making Query API/AWS JSON protocol requests". Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/shared_text.h"

namespace sqs2pg::sqs {

inline constexpr std::string_view kContentType = "application/x-amz-json-1.0";
inline constexpr std::string_view kTargetPrefix = "AmazonSQS.";
inline constexpr std::size_t kMaxBatchEntries = 10;
inline constexpr std::size_t kMaxMessageBytes = 1'048'576;
inline constexpr int kMaxWaitSeconds = 20;
inline constexpr int kMaxVisibilitySeconds = 43'200;

struct Attribute {
    std::string data_type;
    std::string string_value;
    std::string binary_value;  // base64, as on the wire
};

// The system attributes that are made use of, as text; empty where the reply is silent.
struct SystemAttributes {
    std::string sent_timestamp;
    std::string first_receive_timestamp;  // ApproximateFirstReceiveTimestamp
    std::string receive_count;            // ApproximateReceiveCount
    SharedText group_id;                  // MessageGroupId
    SharedText sequence_number;
    SharedText sender_id;
};

// The messages of one reply share the memory of their texts, but for those of attributes, which are rare.
struct Message {
    SharedText message_id;
    SharedText receipt_handle;
    SharedText body;
    SystemAttributes system;
    std::map<std::string, Attribute> attributes;
    bool intact = true;  // MD5OfBody and MD5OfMessageAttributes match (checked by decode_receive)
};

struct ReceiveCall {
    std::string_view queue_url;
    int max_messages = 10;
    int wait_seconds = 0;
    int visibility_timeout_seconds = -1;  // -1: the queue's own
    std::string attempt_id{};             // ReceiveRequestAttemptId, which FIFO queues alone take; empty: none
};

struct ReceiveReply {
    std::vector<Message> messages;
};

// Receipt handles are borrowed until the call is answered.
struct DeleteEntry {
    std::string id;  // up to 80 characters, unique in the batch
    std::string_view receipt_handle;
};
struct VisibilityEntry {
    std::string id;
    std::string_view receipt_handle;
    int visibility_timeout_seconds = 0;
};
struct SendEntry {
    std::string id;
    std::string body;
    int delay_seconds = -1;
    std::map<std::string, Attribute> attributes;
    std::string group_id;
    std::string deduplication_id;
};

struct FailedEntry {
    std::string id;
    std::string code;
    bool sender_fault = false;
};
struct BatchReply {
    std::vector<std::string> successful;  // ids
    std::vector<FailedEntry> failed;
};

// An error reply: __type's name after '#', and header x-amzn-query-error's code when sent.
struct ServiceError {
    int status = 0;
    std::string code;        // "QueueDoesNotExist"
    std::string query_code;  // "AWS.SimpleQueueService.NonExistentQueue"; may be empty
};

// Requests: the JSON body of each operation.
std::string encode_receive(const ReceiveCall& call);
std::string encode_delete_batch(std::string_view queue_url, const std::vector<DeleteEntry>& entries);
std::string encode_change_visibility_batch(std::string_view queue_url, const std::vector<VisibilityEntry>& entries);
std::string encode_send_batch(std::string_view queue_url, const std::vector<SendEntry>& entries);
std::string encode_get_queue_url(std::string_view queue_name, std::string_view owner_account = {});
std::string encode_create_queue(std::string_view queue_name, const std::map<std::string, std::string>& attributes);
std::string encode_delete_queue(std::string_view queue_url);
std::string encode_get_queue_attributes(std::string_view queue_url, const std::vector<std::string>& names);

// Replies: Retry error with code "bad_reply" on anything that is not what the API promises. `body` may be altered
// (padding is appended for simdjson).
Result<ReceiveReply> decode_receive(std::string& body);
Result<BatchReply> decode_batch(std::string& body);
Result<std::string> decode_queue_url(std::string& body);
Result<std::map<std::string, std::string>> decode_attributes(std::string& body);
ServiceError decode_error(int status, std::string& body, std::string_view query_error_header);

// Lower-case hex MD5, and SQS's digest of message attributes (SQS Developer Guide, "Calculating the MD5 message digest
// for message attributes").
std::string md5_hex(std::string_view text);
std::string md5_of_attributes(const std::map<std::string, Attribute>& attributes);

// Appends `text` as a JSON string with its quotes.
void append_json_string(std::string& out, std::string_view text);

// "account/name": the last two segments of the URL's path, or "/name" when there is one only.
std::string queue_identity(std::string_view queue_url);
std::string queue_name_of(std::string_view queue_url);

}  // namespace sqs2pg::sqs
