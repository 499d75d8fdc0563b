// What a FIFO queue keeps beside the messages: its groups in order, the deduplication ids of the last five minutes, and
// the receives that can be asked for again. Pure.
// Source: Amazon SQS Developer Guide, "FIFO queue delivery logic", "Exactly-once processing", "Using the receive
// request attempt ID"; API Reference, SendMessage and ReceiveMessage.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "devqueue/identifiers.h"
#include "devqueue/message.h"
#include "devqueue/timeline.h"

namespace sqs2pg::devqueue {

inline constexpr Millis kFifoInterval = 300'000;  // of deduplication, and of receive request attempts
// Ids that are remembered at once. Beyond, sends are throttled: to forget one early would deliver a message twice.
inline constexpr std::size_t kMaxDeduplicationIds = 2'000'000;
// Receives that can be asked for again. Beyond, the oldest is forgotten: asked for again, it is a new receive.
inline constexpr std::size_t kMaxReceiveAttempts = 120'000;

// "18849496460467696128": 20 digits and more than 64 bits hold, as AWS's numbers have.
std::string sequence_text(std::uint64_t sequence);

struct FifoGroup {
    std::string id;
    std::map<std::uint64_t, StoredMessage*> messages;  // by sequence
    Link<FifoGroup> link;
    bool available = false;  // in the chain: its first message is visible
    bool held = false;       // a receive is taking from it
};

// The groups that have messages, and the chain of those whose first message is visible, in the order in which they
// became so. A message that is in flight or delayed blocks all later ones of its group.
class FifoGroups {
   public:
    // The message has its Extras with group id and sequence, and keeps its group there until remove().
    void add(StoredMessage& message);
    void remove(StoredMessage& message);
    // After a message of the group came to another place.
    void refresh(FifoGroup& group);

    // Takes the group that waits longest out of the chain; null: none. release() puts it at the end or away.
    FifoGroup* hold_first();
    void release(FifoGroup& group);
    const FifoGroup* first() const noexcept { return available_.first(); }

   private:
    std::unordered_map<std::string, FifoGroup> groups_;  // addresses are stable
    Chain<FifoGroup, &FifoGroup::link> available_;
};

// What a send was answered with; the same answer goes to its repetitions.
struct AcceptedSend {
    MessageId id;
    std::uint64_t sequence = 0;
};

class Deduplication {
   public:
    // Nothing, or the send within the last five minutes that had the same key.
    const AcceptedSend* find(const std::string& key, Millis now);
    // False, and nothing is kept, when kMaxDeduplicationIds are remembered.
    bool remember(std::string key, AcceptedSend accepted, Millis now);
    void clear();

   private:
    void forget_old(Millis now);

    std::unordered_map<std::string, AcceptedSend> accepted_;
    std::deque<std::pair<Millis, const std::string*>> ages_;
};

class ReceiveAttempts {
   public:
    // The handles that a receive with this id was answered with within the last five minutes; null: none.
    const std::vector<Handle>* find(const std::string& id, Millis now);
    void remember(const std::string& id, std::vector<Handle> handles, Millis now);
    void forget(const std::string& id) { attempts_.erase(id); }
    void clear();

   private:
    struct Attempt {
        std::uint64_t number = 0;
        std::vector<Handle> handles;
    };
    struct Age {
        Millis made;
        std::uint64_t number;
        std::string id;
    };
    std::unordered_map<std::string, Attempt> attempts_;
    std::deque<Age> ages_;
    std::uint64_t last_number_ = 0;
};

struct Fifo {
    FifoGroups groups;
    Deduplication deduplication;
    ReceiveAttempts attempts;
    std::uint64_t last_sequence = 0;
};

}  // namespace sqs2pg::devqueue
