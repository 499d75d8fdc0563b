// The messages that are looked at: each once, bounded in number and bytes; and what of them is no JSON object, with a
// guess at what it is instead. The bodies live here while the command runs and nowhere else. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "infer/profile.h"
#include "pipeline/message.h"
#include "pipeline/unwrap.h"

namespace sqs2pg::infer {

inline constexpr std::size_t kMostSampleBytes = 64u << 20;
inline constexpr std::size_t kMostSampled = 10'000;

// What a body that is not JSON may be.
enum class Guess : std::uint8_t {
    Unknown,
    Empty,
    Gzip,
    Base64,      // of text that looks like JSON
    Base64Gzip,  // the usual way to put compressed text into SQS
    Xml,
    Form,          // a=1&b=2
    QuotedJson,    // a JSON string that holds JSON
    SingleQuotes,  // {'a': 1}: a printed dictionary
    CutOff,        // begins like JSON and ends early
    SeveralLines,  // several JSON texts in one body
};
inline constexpr std::size_t kGuesses = 11;

std::string_view words_for(Guess guess) noexcept;   // "gzip-compressed"
std::string_view remedy_for(Guess guess) noexcept;  // what to do about it; empty: nothing special
Guess guess_at(std::string_view body);

enum class Envelope : std::uint8_t { None, Sns, EventBridge, S3Event, S3Pointer };

class Sample {
   public:
    // `place`: the line of a file, or the number of the message, from 1. False: the sample is full, and the message was
    // not taken.
    bool add(pipeline::Received message, std::uint64_t place);

    bool full() const noexcept { return messages_.size() >= kMostSampled || bytes_ >= kMostSampleBytes; }

    std::vector<pipeline::Received>& messages() noexcept { return messages_; }  // the JSON objects
    const std::vector<pipeline::Received>& messages() const noexcept { return messages_; }

    // In messages, each counted once.
    struct Count {
        std::uint32_t number = 0;
        std::vector<std::uint64_t> places;  // the first few
    };
    std::uint32_t seen = 0;  // all that add() took, duplicates too
    std::uint32_t duplicates = 0;
    Count not_json;
    Count not_text;  // bytes that are not UTF-8
    Count arrays;
    Count scalars;
    std::array<std::uint32_t, kGuesses> guesses{};
    Guess most_likely() const;

    // The envelope that most messages stand in.
    Envelope envelope() const;

    // What takes most messages out of what they stand in; empty: they stand in nothing that `unwrap` knows.
    std::vector<pipeline::Unwrap> unwrapping() const;

   private:
    std::vector<pipeline::Received> messages_;
    std::set<SharedText> ids_;
    std::set<std::uint64_t> bodies_;  // of messages without an id
    std::size_t bytes_ = 0;
    std::array<std::uint32_t, 5> envelopes_{};
    Profile judge_;
};

}  // namespace sqs2pg::infer
