// The one answer that old clients get.
#include "devqueue/query_protocol.h"

#include <fmt/format.h>

namespace sqs2pg::devqueue {

bool is_query_protocol(std::string_view method, std::string_view target, std::string_view content_type) noexcept {
    if (content_type.starts_with("application/x-www-form-urlencoded")) return true;
    return method == "GET" && target.find("Action=") != std::string_view::npos;
}

// Versions: botocore's change log. JSON came with 1.31.81 (November 2023), was taken back, and came to stay
// with 1.34.90 (April 2024; botocore pull requests 3071 and 3165). AWS CLI 1.32.90 and boto3 1.34.90 use that botocore.
std::string query_protocol_refusal(std::string_view request_id) {
    return fmt::format(
        "<?xml version=\"1.0\"?><ErrorResponse xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\"><Error>"
        "<Type>Sender</Type><Code>AWS.SimpleQueueService.UnsupportedOperation</Code><Message>This client speaks the "
        "old "
        "Query protocol of Amazon SQS; this queue speaks its JSON protocol only. Use boto3 or botocore 1.34.90 or "
        "later, "
        "AWS CLI 1.32.90 or 2.16 or later, or another AWS SDK released since May 2024.</Message><Detail/></Error>"
        "<RequestId>{}</RequestId></ErrorResponse>",
        request_id);
}

}  // namespace sqs2pg::devqueue
