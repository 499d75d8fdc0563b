// Names of wrappings and of their fields, see unwrap.h.
#include "pipeline/unwrap.h"

#include <algorithm>
#include <array>
#include <utility>

namespace sqs2pg::pipeline {

namespace {

constexpr std::array<std::pair<std::string_view, Unwrap>, 6> kNames{{{"sns", Unwrap::Sns},
                                                                     {"eventbridge", Unwrap::EventBridge},
                                                                     {"s3-pointer", Unwrap::S3Pointer},
                                                                     {"encoding", Unwrap::Encoding},
                                                                     {"base64", Unwrap::Base64},
                                                                     {"gzip", Unwrap::Gzip}}};

// Amazon SNS Developer Guide, "Parsing Amazon SNS message formats"; SequenceNumber is of FIFO topics.
constexpr std::array<std::string_view, 11> kSns{
    "MessageId", "TopicArn",         "Subject",   "Timestamp",      "SequenceNumber", "MessageAttributes",
    "Type",      "SignatureVersion", "Signature", "SigningCertURL", "UnsubscribeURL"};
// Amazon EventBridge Events Reference, "AWS service event metadata".
constexpr std::array<std::string_view, 9> kEventBridge{"source", "detail-type", "time",      "account",    "region",
                                                       "id",     "version",     "resources", "replay-name"};
constexpr std::array<std::string_view, 2> kS3Pointer{"s3BucketName", "s3Key"};

}  // namespace

std::string_view name_of(Unwrap step) noexcept {
    auto found = std::ranges::find(kNames, step, &std::pair<std::string_view, Unwrap>::second);
    return found == kNames.end() ? "" : found->first;
}

std::optional<Unwrap> unwrap_of(std::string_view name) noexcept {
    auto found = std::ranges::find(kNames, name, &std::pair<std::string_view, Unwrap>::first);
    if (found == kNames.end()) return std::nullopt;
    return found->second;
}

std::span<const std::string_view> envelope_fields(Unwrap step) noexcept {
    switch (step) {
        case Unwrap::Sns:
            return kSns;
        case Unwrap::EventBridge:
            return kEventBridge;
        case Unwrap::S3Pointer:
            return kS3Pointer;
        case Unwrap::Encoding:
        case Unwrap::Base64:
        case Unwrap::Gzip:
            break;
    }
    return {};
}

std::optional<Unwrap> step_with_field(std::span<const Unwrap> steps, std::string_view field) noexcept {
    for (auto step : steps) {
        if (std::ranges::find(envelope_fields(step), field) != envelope_fields(step).end()) return step;
    }
    return std::nullopt;
}

bool valid_bucket_name(std::string_view name) noexcept {
    constexpr std::size_t kMostBytes = 255;
    auto good = [](char c) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        return letter || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
    };
    return name.size() >= 3 && name.size() <= kMostBytes && std::ranges::all_of(name, good) &&
           name.find("..") == name.npos && name.front() != '.' && name.back() != '.';
}

bool has_step(std::span<const Unwrap> steps, Unwrap step) noexcept {
    return std::ranges::find(steps, step) != steps.end();
}

}  // namespace sqs2pg::pipeline
