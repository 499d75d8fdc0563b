// Decode: the second step of the walk. One pass over a body with simdjson's on-demand parser that finds the mapped
// paths, keys in any order, and proves that all of the body is JSON, the unmapped parts too (on-demand alone would skip
// them).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "pipeline/message.h"
#include "pipeline/options.h"

namespace sqs2pg::pipeline {

enum class JsonKind : std::uint8_t { Absent, Null, Bool, Number, String, Object, Array, BadText };

// A found value as text: a string without its quotes and unescaped; a number, true, false as written; an object or
// array as its raw JSON. BadText: a string that is JSON but no text (a lone surrogate). Valid until the next decode().
struct JsonValue {
    JsonKind kind = JsonKind::Absent;
    std::string_view text;
};

// A text behind which the parser may read on, SharedText::kRoom bytes or more. Borrowed.
struct PaddedText {
    std::string_view text;
    std::size_t readable = 0;  // from the text's start

    PaddedText(const SharedText& shared) noexcept  // NOLINT(google-explicit-constructor): what every body is
        : text(shared), readable(shared.size() + SharedText::kRoom) {}
    // The string keeps its content; its capacity grows where it has too little room.
    PaddedText(std::string& string);  // NOLINT(google-explicit-constructor): as above
};

// Bodies nested deeper are refused as not_json; the walk recurses once a level.
inline constexpr int kMaxDepth = 1000;

// Not thread-safe; one a worker.
class Decoder {
   public:
    // Slot i of the result holds the value at paths[i]. Equal and overlapping paths are fine; an empty path is the
    // whole of an element (decode_elements).
    explicit Decoder(const std::vector<std::vector<PathStep>>& paths);
    ~Decoder();
    Decoder(Decoder&&) noexcept;
    Decoder& operator=(Decoder&&) noexcept;

    // Bad message: not_json, or invalid_text for bytes that are not UTF-8. Of duplicate keys the last wins.
    tl::expected<std::span<const JsonValue>, BadMessage> decode(PaddedText body);

    // Takes the elements of an array one after the other: `take` gets each one's position and the values at the paths,
    // counted from the element; what it returns ends the walk and is returned. `array` is an Array's text from
    // another decoder, of whose body `readable` bytes may be read from its start (its padding included).
    using TakeElement = std::function<std::optional<BadMessage>(std::size_t index, std::span<const JsonValue> values)>;
    std::optional<BadMessage> decode_elements(std::string_view array, std::size_t readable, const TakeElement& take);

   private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace sqs2pg::pipeline
