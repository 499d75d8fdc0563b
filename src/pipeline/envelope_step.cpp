// Setting a step of unwrapping up, see envelope_step.h.
#include "pipeline/envelope_step.h"

#include <algorithm>
#include <optional>

namespace sqs2pg::pipeline {

namespace {

using Path = std::vector<PathStep>;

PathStep member(std::string_view name) { return PathStep{std::string(name), std::nullopt}; }

// In the order of the slots.
std::vector<Path> fixed_paths(Unwrap kind) {
    const PathStep second{{}, 1};
    switch (kind) {
        case Unwrap::Sns:
            return {{member("Type")}, {member("Message")}};
        case Unwrap::EventBridge:
            return {{member("detail")}, {member("detail-type")}, {member("source")}};
        case Unwrap::S3Pointer:
            return {{PathStep{{}, 0}}, {second, member("s3BucketName")}, {second, member("s3Key")}};
        case Unwrap::Encoding:
        case Unwrap::Base64:
        case Unwrap::Gzip:
            break;
    }
    return {};
}

// Where the step finds what `source` names; nullopt: it is another step's, or nobody's.
std::optional<Path> place_of(Unwrap kind, const Source& source) {
    if (source.metadata == Metadata::Attribute) {
        if (kind != Unwrap::Sns) return std::nullopt;
        return Path{member("MessageAttributes"), member(source.attribute), member("Value")};
    }
    const Unwrap steps[] = {kind};
    if (!step_with_field(steps, source.path.front().member)) return std::nullopt;
    auto path = source.path;
    if (kind == Unwrap::S3Pointer) path.insert(path.begin(), PathStep{{}, 1});
    return path;
}

}  // namespace

EnvelopeStep make_step(Unwrap kind, const std::vector<Source>& wanted) {
    auto paths = fixed_paths(kind);
    std::vector<std::pair<std::uint32_t, std::uint32_t>> fields;
    for (std::uint32_t slot = 0; slot < wanted.size(); ++slot) {
        auto path = place_of(kind, wanted[slot]);
        if (!path) continue;
        fields.emplace_back(static_cast<std::uint32_t>(paths.size()), slot);
        paths.push_back(std::move(*path));
    }
    return EnvelopeStep{kind, Decoder(paths), std::move(fields)};
}

bool is_coding(std::string_view name, std::string_view coding) noexcept {
    auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
    return std::ranges::equal(name, coding, {}, lower);
}

}  // namespace sqs2pg::pipeline
