// One step of `unwrap:` as it was set up: what its decoder looks for, and where the fields that somebody wants go. See
// envelope.h.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pipeline/decode.h"
#include "pipeline/options.h"

namespace sqs2pg::pipeline {

struct EnvelopeStep {
    // The decoder's first slots, by the kind of step.
    enum Sns : std::uint8_t { kType, kMessage };
    enum EventBridge : std::uint8_t { kDetail, kDetailType, kSource };
    enum S3Pointer : std::uint8_t { kClass, kBucket, kKey };

    Unwrap kind;
    Decoder decoder;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> fields;  // from a slot of the decoder to one of the envelope
    std::string output{};                                         // the body that this step made

    // What was found, to those who want it.
    void hand_over(std::span<const JsonValue> found, std::vector<JsonValue>& to) const {
        for (auto [from, slot] : fields) to[slot] = found[from];
    }
};

// Slot i of the envelope belongs to wanted[i]; the step serves those that it can.
EnvelopeStep make_step(Unwrap kind, const std::vector<Source>& wanted);

// Names of encodings are the same in capitals.
bool is_coding(std::string_view name, std::string_view coding) noexcept;

}  // namespace sqs2pg::pipeline
