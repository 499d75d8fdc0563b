// The table of queue attributes, and the JSON inside the two redrive policies.
#include "devqueue/settings.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>
#include <simdjson.h>

namespace sqs2pg::devqueue {
namespace {

struct NumberAttribute {
    std::string_view name;
    int QueueSettings::* member;
    int least;
    int most;
};

constexpr std::array kNumbers = {
    NumberAttribute{"VisibilityTimeout", &QueueSettings::visibility_timeout_seconds, 0, 43'200},
    NumberAttribute{"DelaySeconds", &QueueSettings::delay_seconds, 0, 900},
    NumberAttribute{"MessageRetentionPeriod", &QueueSettings::retention_seconds, 60, 1'209'600},
    NumberAttribute{"ReceiveMessageWaitTimeSeconds", &QueueSettings::wait_seconds, 0, 20},
    NumberAttribute{"MaximumMessageSize", &QueueSettings::max_message_bytes, 1'024, 1'048'576},
};

// Accepted, kept and given back; they change nothing in this queue.
constexpr std::array<std::string_view, 4> kKept = {"Policy", "KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds",
                                                   "SqsManagedSseEnabled"};
constexpr std::array<std::string_view, 6> kReadOnly = {
    "QueueArn",
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
    "CreatedTimestamp",
    "LastModifiedTimestamp",
};
constexpr std::array<std::string_view, 4> kFifo = {"FifoQueue", "ContentBasedDeduplication", "DeduplicationScope",
                                                   "FifoThroughputLimit"};

template <class Names>
bool contains(const Names& names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

bool same_ignoring_case(std::string_view text, std::string_view lower) {
    return std::ranges::equal(text, lower, [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

std::optional<int> parse_int(std::string_view text) {
    int value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

tl::unexpected<ApiError> bad_value(std::string_view name) {
    return refuse("InvalidAttributeValue", fmt::format("Invalid value for the parameter {}.", name));
}

// "maxReceiveCount": 5 and "5" are both in use.
std::optional<int> read_count(const simdjson::dom::element& element) {
    std::int64_t number = 0;
    if (element.get(number) == simdjson::SUCCESS)
        return number >= 1 && number <= 1000 ? std::optional(int(number)) : std::nullopt;
    std::string_view text;
    if (element.get(text) != simdjson::SUCCESS) return std::nullopt;
    auto value = parse_int(text);
    return value && *value >= 1 && *value <= 1000 ? value : std::nullopt;
}

std::optional<RedrivePolicy> read_redrive(std::string_view text) {
    simdjson::dom::parser parser;
    simdjson::dom::object object;
    if (parser.parse(text.data(), text.size()).get(object) != simdjson::SUCCESS) return std::nullopt;
    std::string_view target;
    simdjson::dom::element count;
    if (object["deadLetterTargetArn"].get(target) != simdjson::SUCCESS || queue_name_of_arn(target).empty() ||
        object["maxReceiveCount"].get(count) != simdjson::SUCCESS) {
        return std::nullopt;
    }
    auto times = read_count(count);
    if (!times) return std::nullopt;
    return RedrivePolicy{std::string(target), *times};
}

std::optional<RedriveAllowPolicy> read_redrive_allow(std::string_view text) {
    simdjson::dom::parser parser;
    simdjson::dom::object object;
    std::string_view permission;
    if (parser.parse(text.data(), text.size()).get(object) != simdjson::SUCCESS ||
        object["redrivePermission"].get(permission) != simdjson::SUCCESS) {
        return std::nullopt;
    }
    RedriveAllowPolicy policy;
    simdjson::dom::array sources;
    bool listed = object["sourceQueueArns"].get(sources) == simdjson::SUCCESS;
    if (listed) {
        for (auto source : sources) {
            std::string_view arn;
            if (source.get(arn) != simdjson::SUCCESS || queue_name_of_arn(arn).empty()) return std::nullopt;
            policy.source_arns.emplace_back(arn);
        }
    }
    if (permission == "byQueue") {
        policy.permission = RedriveAllowPolicy::Permission::ByQueue;
        if (policy.source_arns.empty() || policy.source_arns.size() > 10) return std::nullopt;
        return policy;
    }
    if (listed) return std::nullopt;
    if (permission == "denyAll") {
        policy.permission = RedriveAllowPolicy::Permission::DenyAll;
    } else if (permission != "allowAll") {
        return std::nullopt;
    }
    return policy;
}

Verdict set_redrive(QueueSettings& settings, std::string_view name, std::string_view value) {
    bool allow = name == "RedriveAllowPolicy";
    if (value.empty()) {
        if (allow) {
            settings.redrive_allow = {};
        } else {
            settings.redrive.reset();
        }
        settings.texts.erase(std::string(name));
        return {};
    }
    if (allow) {
        auto policy = read_redrive_allow(value);
        if (!policy) return bad_value(name);
        settings.redrive_allow = std::move(*policy);
    } else {
        auto policy = read_redrive(value);
        if (!policy) return bad_value(name);
        settings.redrive = std::move(*policy);
    }
    settings.texts.insert_or_assign(std::string(name), std::string(value));
    return {};
}

Verdict set_choice(bool& chosen, std::string_view name, std::string_view value, std::string_view on,
                   std::string_view off) {
    if (value != on && value != off) return bad_value(name);
    chosen = value == on;
    return {};
}

Verdict set_fifo(QueueSettings& settings, std::string_view name, std::string_view value) {
    if (!settings.fifo) {
        bool plain = name == "FifoQueue" || name == "ContentBasedDeduplication";
        return refuse("InvalidAttributeName",
                      plain ? fmt::format("Unknown Attribute {}.", name)
                            : fmt::format("You can specify the {} only when FifoQueue is set to true.", name));
    }
    if (name == "FifoQueue") {
        if (is_true(value)) return {};
        return refuse("InvalidAttributeValue",
                      "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.");
    }
    if (name == "DeduplicationScope") {
        return set_choice(settings.deduplicate_by_group, name, value, "messageGroup", "queue");
    }
    if (name == "FifoThroughputLimit") {
        return set_choice(settings.throughput_limit_by_group, name, value, "perMessageGroupId", "perQueue");
    }
    if (!is_true(value) && !same_ignoring_case(value, "false")) return bad_value(name);
    settings.content_based_deduplication = is_true(value);
    return {};
}

Verdict set_kept(QueueSettings& settings, std::string_view name, std::string_view value) {
    if (name == "SqsManagedSseEnabled" && value != "true" && value != "false") return bad_value(name);
    if (name == "KmsDataKeyReusePeriodSeconds") {
        auto seconds = parse_int(value);
        if (!seconds || *seconds < 60 || *seconds > 86'400) return bad_value(name);
    }
    if (value.empty()) {
        settings.texts.erase(std::string(name));
    } else {
        settings.texts.insert_or_assign(std::string(name), std::string(value));
    }
    return {};
}

}  // namespace

Verdict set_attribute(QueueSettings& settings, std::string_view name, std::string_view value) {
    if (const auto* number = std::ranges::find(kNumbers, name, &NumberAttribute::name); number != kNumbers.end()) {
        auto parsed = parse_int(value);
        if (!parsed || *parsed < number->least || *parsed > number->most) return bad_value(name);
        settings.*(number->member) = *parsed;
        return {};
    }
    if (name == "RedrivePolicy" || name == "RedriveAllowPolicy") return set_redrive(settings, name, value);
    if (contains(kKept, name)) return set_kept(settings, name, value);
    if (contains(kFifo, name)) return set_fifo(settings, name, value);
    return refuse("InvalidAttributeName", fmt::format("Unknown Attribute {}.", name));
}

Verdict check_settings(const QueueSettings& settings) {
    if (!settings.throughput_limit_by_group || settings.deduplicate_by_group) return {};
    return refuse("InvalidAttributeValue",
                  "Invalid value for the parameter FifoThroughputLimit. Reason: The perMessageGroupId value is allowed "
                  "only when the value for DeduplicationScope is messageGroup.");
}

bool is_true(std::string_view text) noexcept { return same_ignoring_case(text, "true"); }

AttributeMap to_attributes(const QueueSettings& settings) {
    AttributeMap attributes = settings.texts;
    for (const auto& number : kNumbers) {
        attributes.insert_or_assign(std::string(number.name), std::to_string(settings.*(number.member)));
    }
    attributes.try_emplace("SqsManagedSseEnabled", "true");
    if (settings.fifo) {
        attributes.insert_or_assign("FifoQueue", "true");
        attributes.insert_or_assign("ContentBasedDeduplication",
                                    settings.content_based_deduplication ? "true" : "false");
        attributes.insert_or_assign("DeduplicationScope", settings.deduplicate_by_group ? "messageGroup" : "queue");
        attributes.insert_or_assign("FifoThroughputLimit",
                                    settings.throughput_limit_by_group ? "perMessageGroupId" : "perQueue");
    }
    return attributes;
}

bool is_attribute_name(std::string_view name) noexcept {
    return name == "All" || name == "RedrivePolicy" || name == "RedriveAllowPolicy" || contains(kKept, name) ||
           contains(kReadOnly, name) || contains(kFifo, name) ||
           std::ranges::find(kNumbers, name, &NumberAttribute::name) != kNumbers.end();
}

std::string_view queue_name_of_arn(std::string_view arn) noexcept {
    if (!arn.starts_with("arn:")) return {};
    if (std::ranges::count(arn, ':') != 5) return {};
    return arn.substr(arn.rfind(':') + 1);
}

}  // namespace sqs2pg::devqueue
