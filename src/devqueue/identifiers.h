// Message ids, request ids and receipt handles of the embedded queue, from a seeded generator: the same seed gives the
// same run. A receipt handle says where the message is and which receive it belongs to, so that a delete needs no
// look-up. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sqs2pg::devqueue {

// splitmix64 (Steele, Lea, Flood 2014): small, fast and good enough for ids; nothing here is a secret.
class Random {
   public:
    explicit Random(std::uint64_t seed) noexcept : state_(seed) {}
    std::uint64_t next() noexcept;
    // In [0, 1).
    double unit() noexcept { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

   private:
    std::uint64_t state_;
};

struct MessageId {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    friend bool operator==(const MessageId&, const MessageId&) = default;
};

MessageId random_message_id(Random& random) noexcept;  // a version 4 uuid
void append_text(std::string& out, MessageId id);      // 36 characters
std::string to_text(MessageId id);

struct Handle {
    std::uint64_t serial = 0;   // of the message, unique in the process
    std::uint32_t slot = 0;     // where the queue keeps it
    std::uint32_t queue = 0;    // number of the queue, never used again
    std::uint32_t receive = 0;  // ApproximateReceiveCount of the receive that made the handle

    friend bool operator==(const Handle&, const Handle&) = default;
};

inline constexpr std::size_t kHandleLength = 48;

void append_text(std::string& out, const Handle& handle);
// Nothing when the text was not made by append_text.
std::optional<Handle> parse_handle(std::string_view text) noexcept;

}  // namespace sqs2pg::devqueue
