// Takes messages out of what they came in (`unwrap:`), between receive and decode: from body and attributes to another
// body, the envelope's fields and attributes, or a bad message (`envelope`). The message itself stays as it is, since a
// dead letter holds it complete. What an S3 pointer points at is fetched by somebody else (fetch.h). Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "pipeline/decode.h"
#include "pipeline/message.h"
#include "pipeline/options.h"

namespace sqs2pg::pipeline {

// The bad message of an envelope. `place` says which step and what is wrong with it, never a value.
BadMessage bad_envelope(std::string_view place);

// Not thread-safe: one a worker.
class Envelope {
   public:
    // Slot i of an opened message's fields holds the value of wanted[i]: $envelope.… and $attributes.NAME.
    Envelope(const PipelineOptions& options, const std::vector<Source>& wanted);
    ~Envelope();
    Envelope(Envelope&&) noexcept;
    Envelope& operator=(Envelope&&) noexcept;

    struct Opened {
        PaddedText body;
        std::span<const JsonValue> fields;
    };

    // What has to be fetched before the message can be opened; nullopt: nothing.
    tl::expected<std::optional<ObjectRef>, BadMessage> object_of(const Received& message);

    // `object`: what was fetched for object_of(), null where that was nothing; it outlives the result and is not
    // altered but for its capacity. The result is valid until the next call of either function.
    tl::expected<Opened, BadMessage> open(const Received& message, std::string* object);

   private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace sqs2pg::pipeline
