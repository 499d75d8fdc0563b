// Replay: dead letters once more through the walk, under the present configuration and keys. A letter is opened, mapped
// and masked; then one transaction a batch takes it out of the dead letters and writes its rows, or leaves it there
// with its new reason. The ledger is not asked: the letter's entry exists.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "pipeline/map.h"
#include "pipeline/ports.h"
#include "privacy/seal.h"

namespace sqs2pg::pipeline {

// A dead letter as it is stored, as far as replay needs it.
struct StoredLetter {
    LedgerKey id;
    std::int64_t first_received_ms = 0;
    std::int64_t last_received_ms = 0;
    std::uint32_t receive_count = 0;
    std::string key_id;
    std::string sealed;
};

// `row`: take the letter and write this. `again`: leave it, with this reason. Neither: take it, it is to be ignored.
// Both are borrowed for the duration of the call.
struct ReplayEntry {
    LedgerKey id;
    const MaskedRow* row = nullptr;
    const BadMessage* again = nullptr;
};

// The dead letters of one pipeline that the user selected. Every call has a deadline of its own and never throws.
class DeadLetterPort {
   public:
    virtual ~DeadLetterPort() = default;

    // The next ones by id after `after`: at most `max_letters`, and about `max_bytes` of sealed messages (one is always
    // handed out). None: the end.
    virtual awaitable<Result<std::vector<StoredLetter>>> next(LedgerKey after, std::size_t max_letters,
                                                              std::size_t max_bytes) = 0;

    // One transaction, as DatabasePort::write() but for the claim: DELETE … RETURNING instead of the ledger's INSERT.
    // Duplicate: the letter was no longer there; nothing was done for it. Entries are distinct, in the order in which
    // their rows are written.
    virtual awaitable<tl::expected<WriteReport, WriteFailure>> replay(std::span<const ReplayEntry> entries) = 0;
};

// In letters, but for `rows`.
struct ReplayCounts {
    std::uint64_t written = 0;  // became rows
    std::uint64_t rows = 0;
    std::uint64_t ignored = 0;                         // no route wants them: removed
    std::uint64_t gone = 0;                            // somebody else took them meanwhile
    std::uint64_t unreadable = 0;                      // the seal does not open, or what is in it is no message
    std::uint64_t objects_left = 0;                    // were to be deleted after their row, and were not
    std::uint64_t held = 0;                            // locked by somebody else for too long: left
    std::map<std::string, std::uint64_t> again;        // dead letters again, by their new reason
    std::map<std::string, std::uint64_t> without_key;  // left: sealed with a key that is not in the key file
    std::optional<std::string> unreadable_id{};        // the first one, to be looked at

    std::uint64_t stayed() const;  // dead letters still
    std::uint64_t seen() const;
};

struct ReplayOptions {
    std::string pipeline;
    bool dry_run = false;  // maps and masks, and writes nothing: what only the server can refuse is not tried
    std::size_t max_letters = 2000;
    std::size_t max_bytes = 16u << 20;                  // of sealed messages in memory
    std::size_t max_row_bytes = 32u << 20;              // of rows a transaction
    int max_attempts = 8;                               // of a transaction or a read, about half a minute of waiting
    std::uint64_t seed = 1;                             // of the backoff's jitter
    ObjectPort* objects = nullptr;                      // where a message may be a pointer; borrowed
    std::size_t max_object_bytes = 16u << 20;           // of one object
    bool delete_objects = false;                        // of letters that became rows
    std::function<bool()> stop;                         // asked between transactions; may be empty
    std::function<void(const ReplayCounts&)> progress;  // after each transaction; may be empty
};

struct ReplayOutcome {
    ReplayCounts counts;
    bool stopped = false;        // `stop` said so; what is left was not touched
    std::optional<Error> error;  // what ended it before its end; what was done stays done
};

class Replay {
   public:
    // Everything is borrowed until run() has ended.
    Replay(DeadLetterPort& letters, MapStage& map, const privacy::Sealer& sealer, Clock& clock, ReplayOptions options)
        : letters_(letters),
          map_(map),
          sealer_(sealer),
          clock_(clock),
          options_(std::move(options)),
          random_(options_.seed) {}

    // Once.
    awaitable<ReplayOutcome> run();

   private:
    struct Item {
        LedgerKey id;
        std::string sequence_number;  // FIFO: the order within one millisecond
        std::optional<MaskedRow> row;
        std::optional<BadMessage> again;
        std::optional<ObjectRef> object;
        bool written = false;  // by a COMMIT
    };
    using Piece = std::vector<Item*>;

    std::optional<Received> open(const StoredLetter& letter);
    // nullopt: counted, and left alone. An error ends the replay.
    awaitable<Result<std::optional<Item>>> transform(const StoredLetter& letter);
    awaitable<Status> fetch_into(Item& item, Received& message, std::string& body);
    awaitable<void> delete_objects(const std::vector<Item>& items);
    awaitable<Status> next_page(LedgerKey after, std::vector<StoredLetter>& page);
    awaitable<Status> replay_page(std::vector<StoredLetter>& page);
    awaitable<Status> write_all(std::vector<Item>& items);
    awaitable<Status> after_failure(Piece piece, WriteFailure failure);
    void refuse(Item& item, const WriteFailure& failure);
    void count(Piece& piece, std::span<const Fate> fates);
    bool stopping() const { return options_.stop && options_.stop(); }
    awaitable<bool> wait_after_failure();  // false: enough attempts

    DeadLetterPort& letters_;
    MapStage& map_;
    const privacy::Sealer& sealer_;
    Clock& clock_;
    ReplayOptions options_;
    std::mt19937_64 random_;
    ReplayCounts counts_;
    std::vector<Piece> pending_;  // last first
    int failures_ = 0;            // in a row
};

}  // namespace sqs2pg::pipeline
