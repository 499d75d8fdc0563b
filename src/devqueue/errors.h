// What the embedded queue refuses, in SQS's own words: a code of the API model and a sentence. Every operation of the
// model answers with a value or with one of these; the server turns them into HTTP replies. Source: Amazon SQS API
// Reference, "Common errors" and each action's "Errors"; the codes of the old Query protocol come from the same model
// (header x-amzn-query-error).
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

namespace sqs2pg::devqueue {

// `code` is one of the names in errors.cpp's table (a literal); `message` holds names and limits, never a body.
struct ApiError {
    std::string_view code;
    std::string message;
};

template <class T>
using Answer = tl::expected<T, ApiError>;
using Verdict = Answer<void>;

inline tl::unexpected<ApiError> refuse(std::string_view code, std::string message) {
    return tl::unexpected<ApiError>(ApiError{code, std::move(message)});
}
inline tl::unexpected<ApiError> refuse(ApiError error) { return tl::unexpected<ApiError>(std::move(error)); }

// "Value 5 for parameter X is invalid. Reason: …", as InvalidParameterValue.
tl::unexpected<ApiError> refuse_value(std::string_view value, std::string_view parameter, std::string_view reason);

// How a code looks on the wire.
struct ErrorShape {
    std::string_view type;        // "com.amazonaws.sqs#QueueDoesNotExist"
    std::string_view query_code;  // "AWS.SimpleQueueService.NonExistentQueue"; also the Code of a failed batch entry
    bool sender_fault = true;
    int status = 400;
};

// Codes outside the table are shaped as InternalError (500).
ErrorShape shape_of(std::string_view code) noexcept;

// {"__type":…,"message":…}
std::string error_body(const ApiError& error);

}  // namespace sqs2pg::devqueue
