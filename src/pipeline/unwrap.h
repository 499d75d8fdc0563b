// The vocabulary of `unwrap:` — what a message may be wrapped in, by name, and what each wrapping tells beside the body
// (`$envelope.FIELD`). Pure; the unwrapping itself is in envelope.h.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sqs2pg::pipeline {

enum class Unwrap : std::uint8_t {
    Sns,          // a notification of Amazon SNS: `Message` is the body, `MessageAttributes` are attributes
    EventBridge,  // an event of Amazon EventBridge: `detail` is the body
    S3Pointer,    // the extended client's pointer to an object in S3, which is the body; or a body that is none
    Encoding,     // gzip, deflate and base64, as an attribute such as Content-Encoding says; without one: as it is
    Base64,       // always base64
    Gzip,         // always gzip, as bytes or in base64
};

std::string_view name_of(Unwrap step) noexcept;
std::optional<Unwrap> unwrap_of(std::string_view name) noexcept;

// The names that may follow `$envelope.`; none for a mere encoding. No name belongs to two kinds.
std::span<const std::string_view> envelope_fields(Unwrap step) noexcept;

// The step that tells this field, where it is one of `steps`.
std::optional<Unwrap> step_with_field(std::span<const Unwrap> steps, std::string_view field) noexcept;

// A name that S3 may have given a bucket, old ones too: 3 to 255 letters, digits, dots, dashes and underscores.
bool valid_bucket_name(std::string_view name) noexcept;

bool has_step(std::span<const Unwrap> steps, Unwrap step) noexcept;

}  // namespace sqs2pg::pipeline
