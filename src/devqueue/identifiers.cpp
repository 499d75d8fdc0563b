// Text forms of message ids and receipt handles.
#include "devqueue/identifiers.h"

namespace sqs2pg::devqueue {
namespace {

constexpr char kHex[] = "0123456789abcdef";

std::uint64_t mix(std::uint64_t value) noexcept {
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
    return value ^ (value >> 31);
}

void put_hex(char* out, std::uint64_t value, int digits) noexcept {
    for (int i = digits - 1; i >= 0; --i) {
        out[i] = kHex[value & 15];
        value >>= 4;
    }
}

constexpr std::uint8_t kNoDigit = 255;
constexpr std::array<std::uint8_t, 256> kDigits = [] {
    std::array<std::uint8_t, 256> digits{};
    digits.fill(kNoDigit);
    for (std::uint8_t i = 0; i < 16; ++i) digits[static_cast<unsigned char>(kHex[i])] = i;
    return digits;
}();

bool take_hex(std::string_view text, std::uint64_t& value) noexcept {
    value = 0;
    unsigned wrong = 0;
    for (char c : text) {
        const unsigned digit = kDigits[static_cast<unsigned char>(c)];
        wrong |= digit;
        value = value << 4 | (digit & 15);
    }
    return wrong < 16;
}

// Tells a handle of ours from an altered or invented one.
std::uint32_t check_of(const Handle& handle) noexcept {
    auto place = std::uint64_t{handle.slot} << 32 | handle.queue;
    return static_cast<std::uint32_t>(mix(handle.serial ^ mix(place) ^ mix(handle.receive + 0x5175ULL)));
}

}  // namespace

std::uint64_t Random::next() noexcept {
    state_ += 0x9e3779b97f4a7c15ULL;
    return mix(state_);
}

MessageId random_message_id(Random& random) noexcept {
    MessageId id{random.next(), random.next()};
    id.high = (id.high & ~0xf000ULL) | 0x4000ULL;
    id.low = (id.low & ~(3ULL << 62)) | (2ULL << 62);
    return id;
}

void append_text(std::string& out, MessageId id) {
    char text[36];
    put_hex(text, id.high >> 32, 8);
    text[8] = '-';
    put_hex(text + 9, id.high >> 16 & 0xffff, 4);
    text[13] = '-';
    put_hex(text + 14, id.high & 0xffff, 4);
    text[18] = '-';
    put_hex(text + 19, id.low >> 48, 4);
    text[23] = '-';
    put_hex(text + 24, id.low & 0xffffffffffffULL, 12);
    out.append(text, sizeof text);
}

std::string to_text(MessageId id) {
    std::string text;
    append_text(text, id);
    return text;
}

void append_text(std::string& out, const Handle& handle) {
    char text[kHandleLength];
    put_hex(text, handle.serial, 16);
    put_hex(text + 16, handle.slot, 8);
    put_hex(text + 24, handle.queue, 8);
    put_hex(text + 32, handle.receive, 8);
    put_hex(text + 40, check_of(handle), 8);
    out.append(text, sizeof text);
}

std::optional<Handle> parse_handle(std::string_view text) noexcept {
    if (text.size() != kHandleLength) return std::nullopt;
    std::array<std::uint64_t, 5> parts{};
    bool ok = take_hex(text.substr(0, 16), parts[0]) && take_hex(text.substr(16, 8), parts[1]) &&
              take_hex(text.substr(24, 8), parts[2]) && take_hex(text.substr(32, 8), parts[3]) &&
              take_hex(text.substr(40, 8), parts[4]);
    if (!ok) return std::nullopt;
    Handle handle{parts[0], static_cast<std::uint32_t>(parts[1]), static_cast<std::uint32_t>(parts[2]),
                  static_cast<std::uint32_t>(parts[3])};
    if (check_of(handle) != parts[4]) return std::nullopt;
    return handle;
}

}  // namespace sqs2pg::devqueue
