// What a queue is called: a name, a URL, or an ARN, which names account and region too. Pure.
// Source: Amazon SQS Developer Guide, "Queue and message identifiers".
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sqs2pg::aws {

struct QueueArn {
    std::string region;
    std::string account;  // 12 digits
    std::string name;
};

// arn:PARTITION:sqs:REGION:ACCOUNT:NAME; absent for anything else.
std::optional<QueueArn> parse_queue_arn(std::string_view text);

// The region that an AWS host names; empty when it names none. sqs.REGION.…, sqs-fips.REGION.…, REGION.queue.…,
// queue.amazonaws.com (us-east-1), vpce-….sqs.REGION.vpce.….
std::string region_of_host(std::string_view host);

// Whether the host is of a VPC endpoint: it is reached by that name only.
bool is_vpc_endpoint(std::string_view host);

}  // namespace sqs2pg::aws
