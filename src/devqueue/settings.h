// The attributes of a queue: what may be set, within which limits, and their text forms. Pure.
// Source: Amazon SQS API Reference, CreateQueue and SetQueueAttributes.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "devqueue/errors.h"

namespace sqs2pg::devqueue {

using AttributeMap = std::map<std::string, std::string>;

struct RedrivePolicy {
    std::string target_arn;
    int max_receive_count = 0;  // 1 to 1,000
};

// Which queues may name this one as their dead-letter queue.
struct RedriveAllowPolicy {
    enum class Permission { AllowAll, DenyAll, ByQueue };
    Permission permission = Permission::AllowAll;
    std::vector<std::string> source_arns;
};

struct QueueSettings {
    int visibility_timeout_seconds = 30;  // 0 to 43,200
    int delay_seconds = 0;                // 0 to 900
    int retention_seconds = 345'600;      // 60 to 1,209,600
    int wait_seconds = 0;                 // 0 to 20
    int max_message_bytes = 1'048'576;    // 1,024 to 1,048,576
    bool fifo = false;                    // set when the queue is made, constant since
    bool content_based_deduplication = false;
    bool deduplicate_by_group = false;       // DeduplicationScope: messageGroup
    bool throughput_limit_by_group = false;  // FifoThroughputLimit: perMessageGroupId; nothing is limited here
    std::optional<RedrivePolicy> redrive;
    RedriveAllowPolicy redrive_allow;
    // Attributes that are kept as text and given back: RedrivePolicy, RedriveAllowPolicy, Policy, KMS, SSE.
    AttributeMap texts;
};

// Sets one attribute. An empty RedrivePolicy, RedriveAllowPolicy or Policy removes it. InvalidAttributeName for
// read-only and unknown names and FIFO attributes of a standard queue, InvalidAttributeValue outside the limits.
Verdict set_attribute(QueueSettings& settings, std::string_view name, std::string_view value);

// What no attribute alone can break: InvalidAttributeValue for FifoThroughputLimit against DeduplicationScope.
Verdict check_settings(const QueueSettings& settings);

// "true" in any case, as AWS takes booleans.
bool is_true(std::string_view text) noexcept;

// Every settable attribute as text.
AttributeMap to_attributes(const QueueSettings& settings);

// Names that GetQueueAttributes knows.
bool is_attribute_name(std::string_view name) noexcept;

// "arn:aws:sqs:REGION:ACCOUNT:NAME" -> NAME; empty when it is no such ARN.
std::string_view queue_name_of_arn(std::string_view arn) noexcept;

}  // namespace sqs2pg::devqueue
