// The ledger's key, see message.h.
#include "pipeline/message.h"

#include <cstring>

#include "base/sha256.h"

namespace sqs2pg::pipeline {

namespace {

constexpr std::size_t kTimeBytes = 6;   // 48 bits
constexpr std::size_t kHashBytes = 10;  // 80 bits

}  // namespace

LedgerKey ledger_key(std::string_view queue_identity, std::string_view message_id, std::int64_t sent_ms) {
    const auto hash = sha256({queue_identity, std::string_view("\0", 1), message_id});
    LedgerKey key;
    auto time = static_cast<std::uint64_t>(sent_ms);
    for (std::size_t i = 0; i < kTimeBytes; ++i) {
        key.bytes[i] = static_cast<std::uint8_t>(time >> (8 * (kTimeBytes - 1 - i)));
    }
    std::memcpy(key.bytes.data() + kTimeBytes, hash.data(), kHashBytes);
    return key;
}

std::string to_uuid_text(const LedgerKey& key) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    text.reserve(36);
    for (std::size_t i = 0; i < key.bytes.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) text.push_back('-');
        text.push_back(kDigits[key.bytes[i] >> 4]);
        text.push_back(kDigits[key.bytes[i] & 15]);
    }
    return text;
}

}  // namespace sqs2pg::pipeline
