// A look at the messages of a queue that leaves them there, for `preview` and `init`: each is received once, hidden
// from other consumers for seconds, and released. What SQS cannot take back is the receive itself, which counts towards
// maxReceiveCount: where that would be near, nothing is received without an explicit yes.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "config/settings.h"
#include "pipeline/message.h"
#include "pipeline/ports.h"

namespace sqs2pg::cli {

inline constexpr std::size_t kMostPeeked = 1000;            // messages a look
inline constexpr std::size_t kMostPeekedBytes = 64u << 20;  // …and bytes
inline constexpr int kPeekVisibilitySeconds = 30;           // longer than the look: no message comes twice in it
inline constexpr std::chrono::seconds kPeekTime{15};        // receives end then, and what came is released
inline constexpr long kSafePeekCount = 5;                   // maxReceiveCount from which on a look is no risk

// `queue`: name or URL. `yes`: look even where the redrive policy is near or unknown.
struct PeekRequest {
    config::AwsSettings aws;
    std::string queue;
    std::size_t messages = 20;  // 1 to kMostPeeked
    bool yes = false;
};

struct Peeked {
    std::vector<pipeline::Received> messages;  // distinct by id, in the order that they came
    std::size_t not_released = 0;              // visible again by themselves within kPeekVisibilitySeconds
    std::optional<long> max_receive_count;     // of the redrive policy; nullopt: none, or not known
    std::string stopped;                       // why the look ended early, as a sentence; else empty
    std::string queue_url;
};

// Every queue call has its own deadline; the whole ends within about kPeekTime and one call. Errors: as the client's,
// naming the queue; Configuration with code "redrive_near" when it wants a yes (the detail says why).
awaitable<Result<Peeked>> peek(PeekRequest request, Clock& clock);

// The same on an event loop of its own, blocking.
Result<Peeked> peek_now(PeekRequest request);

// What a look does to the messages, for the user to read before the results: "20 messages were looked at and released
// …". `queue`: as the user named it.
std::string peek_sentence(const Peeked& peeked, const std::string& queue);

// --- for tests ---

// Why a look needs a yes, as the end of a sentence; empty: it does not. `attributes`: nullopt when they may not be
// read.
std::string redrive_risk(const std::optional<std::map<std::string, std::string>>& attributes);

// Receives and releases on a port. `max_receive_count`: ends the look at the first message that has it within one
// receive, unless `yes`.
awaitable<Result<Peeked>> peek_at(pipeline::QueuePort& queue, std::size_t messages, bool yes,
                                  std::optional<long> max_receive_count, Clock& clock);

}  // namespace sqs2pg::cli
