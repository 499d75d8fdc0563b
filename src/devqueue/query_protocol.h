// Clients that speak SQS's old Query protocol (form-encoded, XML): recognised, and told which versions speak JSON.
// Pure.
#pragma once

#include <string>
#include <string_view>

namespace sqs2pg::devqueue {

// A form-encoded POST, or a GET with an Action.
bool is_query_protocol(std::string_view method, std::string_view target, std::string_view content_type) noexcept;

// The XML ErrorResponse of the Query protocol, so that the old client shows the sentence instead of a parser's error.
std::string query_protocol_refusal(std::string_view request_id);

}  // namespace sqs2pg::devqueue
