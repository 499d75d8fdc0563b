// The table of the embedded queue's error codes and their two wire forms.
#include "devqueue/errors.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "sqs/protocol.h"

namespace sqs2pg::devqueue {
namespace {

struct Entry {
    std::string_view code;
    ErrorShape shape;
};

constexpr std::array kTable = {
    Entry{"QueueDoesNotExist", {"com.amazonaws.sqs#QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"}},
    Entry{"QueueNameExists", {"com.amazonaws.sqs#QueueNameExists", "QueueAlreadyExists"}},
    Entry{"OverLimit", {"com.amazonaws.sqs#OverLimit", "OverLimit"}},
    Entry{"MessageNotInflight", {"com.amazonaws.sqs#MessageNotInflight", "AWS.SimpleQueueService.MessageNotInflight"}},
    Entry{"ReceiptHandleIsInvalid", {"com.amazonaws.sqs#ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid"}},
    Entry{"TooManyEntriesInBatchRequest",
          {"com.amazonaws.sqs#TooManyEntriesInBatchRequest", "AWS.SimpleQueueService.TooManyEntriesInBatchRequest"}},
    Entry{"EmptyBatchRequest", {"com.amazonaws.sqs#EmptyBatchRequest", "AWS.SimpleQueueService.EmptyBatchRequest"}},
    Entry{"BatchEntryIdsNotDistinct",
          {"com.amazonaws.sqs#BatchEntryIdsNotDistinct", "AWS.SimpleQueueService.BatchEntryIdsNotDistinct"}},
    Entry{"InvalidBatchEntryId",
          {"com.amazonaws.sqs#InvalidBatchEntryId", "AWS.SimpleQueueService.InvalidBatchEntryId"}},
    Entry{"BatchRequestTooLong",
          {"com.amazonaws.sqs#BatchRequestTooLong", "AWS.SimpleQueueService.BatchRequestTooLong"}},
    Entry{"PurgeQueueInProgress",
          {"com.amazonaws.sqs#PurgeQueueInProgress", "AWS.SimpleQueueService.PurgeQueueInProgress", true, 403}},
    Entry{"UnsupportedOperation",
          {"com.amazonaws.sqs#UnsupportedOperation", "AWS.SimpleQueueService.UnsupportedOperation"}},
    Entry{"InvalidMessageContents", {"com.amazonaws.sqs#InvalidMessageContents", "InvalidMessageContents"}},
    Entry{"InvalidAttributeName", {"com.amazonaws.sqs#InvalidAttributeName", "InvalidAttributeName"}},
    Entry{"InvalidAttributeValue", {"com.amazonaws.sqs#InvalidAttributeValue", "InvalidAttributeValue"}},
    Entry{"ResourceNotFoundException",
          {"com.amazonaws.sqs#ResourceNotFoundException", "ResourceNotFoundException", true, 404}},
    Entry{"RequestThrottled", {"com.amazonaws.sqs#RequestThrottled", "RequestThrottled"}},
    Entry{"ThrottlingException", {"com.amazon.coral.availability#ThrottlingException", "ThrottlingException"}},
    Entry{"InvalidParameterValue",
          {"com.amazon.coral.service#InvalidParameterValueException", "InvalidParameterValue"}},
    Entry{"MissingParameter", {"com.amazon.coral.service#MissingRequiredParameterException", "MissingParameter"}},
    Entry{"SerializationException", {"com.amazon.coral.service#SerializationException", "MalformedInput"}},
    Entry{"UnknownOperationException", {"com.amazon.coral.service#UnknownOperationException", "InvalidAction"}},
    Entry{"AccessDeniedException", {"com.amazon.coral.service#AccessDeniedException", "AccessDenied", true, 403}},
    Entry{"MissingAuthenticationToken",
          {"com.amazon.coral.service#MissingAuthenticationTokenException", "MissingAuthenticationToken", true, 403}},
    Entry{"IncompleteSignature",
          {"com.amazon.coral.service#IncompleteSignatureException", "IncompleteSignature", true, 403}},
    Entry{"InvalidClientTokenId",
          {"com.amazon.coral.service#UnrecognizedClientException", "InvalidClientTokenId", true, 403}},
    Entry{"InvalidSignature",
          {"com.amazon.coral.service#InvalidSignatureException", "SignatureDoesNotMatch", true, 403}},
    Entry{"InternalError", {"com.amazonaws.sqs#InternalError", "InternalError", false, 500}},
    Entry{"ServiceUnavailable", {"com.amazonaws.sqs#ServiceUnavailable", "ServiceUnavailable", false, 503}},
};

}  // namespace

tl::unexpected<ApiError> refuse_value(std::string_view value, std::string_view parameter, std::string_view reason) {
    return refuse("InvalidParameterValue",
                  fmt::format("Value {} for parameter {} is invalid. Reason: {}", value, parameter, reason));
}

ErrorShape shape_of(std::string_view code) noexcept {
    const auto* found = std::ranges::find(kTable, code, &Entry::code);
    if (found != kTable.end()) return found->shape;
    return {"com.amazonaws.sqs#InternalError", "InternalError", false, 500};
}

std::string error_body(const ApiError& error) {
    std::string body = "{\"__type\":";
    sqs::append_json_string(body, shape_of(error.code).type);
    body += ",\"message\":";
    sqs::append_json_string(body, error.message);
    body += '}';
    return body;
}

}  // namespace sqs2pg::devqueue
