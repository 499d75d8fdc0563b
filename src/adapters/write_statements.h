// The texts of one writing transaction: what is sent to PostgreSQL, and what its answers and line numbers mean for the
// batch. Pure; database_on_pg.h sends them.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/ports.h"

namespace sqs2pg::adapters {

struct WriteLimits {
    std::chrono::milliseconds lock_timeout{5000};        // a stalled peer holds the same ids: 55P03
    std::chrono::milliseconds statement_timeout{30000};  // 57014
    // The client's own, for each of a transaction's two round trips: while a server waits for COPY data, or is not
    // reachable any more, nothing else ends the wait.
    std::chrono::milliseconds deadline{45000};
    std::string ledger = "sqs2pg.ledger";  // as SQL names it: `bench` writes into one of its own
};

// BEGIN with everything the transaction must not leave to the session, behind a pooler above all: so many statements.
inline constexpr std::size_t kBeginStatements = 3;
std::string begin_sql(std::span<const pipeline::Target> targets, const WriteLimits& limits);

// Looks the ids up, and takes none: another transaction may have one by the time that they are written. Answers one
// row: how many the ledger has, and which (a uuid[] as text). By range, and with an array that the planner does not
// see: with one that it sees it weighs each id against each partition, and may choose to read the whole partition.
std::string known_ids_sql(std::span<const pipeline::WriteEntry> entries, std::string_view ledger);

// Takes the ids, and is right whatever others do. Answers one row: how many were new, and, when that is not all of
// them, which. Costs the server a half more an id than known_ids_sql() and COPY.
std::string ledger_sql(std::span<const pipeline::WriteEntry> entries, std::string_view ledger);

// The fates that an answer tells, in the order of the entries: those it names have fate `named`, the rest the other
// one. nullopt: the answer makes no sense.
std::optional<std::vector<pipeline::Fate>> read_fates(std::span<const pipeline::WriteEntry> entries,
                                                      std::optional<std::string_view> count,
                                                      std::optional<std::string_view> ids, pipeline::Fate named);

// The statements that bring rows into a target, with one COPY FROM STDIN among them.
std::string copy_sql(const pipeline::Target& target);
std::string dead_letter_copy_sql();

// One COPY text line of sqs2pg.dead_letter, its end included. What is no text for the server is replaced, never
// refused.
void append_dead_letter(std::string& lines, const pipeline::LedgerKey& id, const pipeline::DeadLetter& letter);

// The COPYs of what was new, then COMMIT.
struct CopyPlan {
    std::string sql;
    std::vector<std::vector<std::string_view>> copies;  // into the entries' rows and `dead_letters`
    std::vector<std::vector<std::size_t>> entries;      // a COPY: the entry of each of its pieces
    std::vector<std::vector<std::uint32_t>> lines;      // a COPY: how many lines each piece has
    std::optional<std::size_t> dead_letter_copy;        // which of the COPYs goes to our own table
    std::string dead_letters;                           // what the last COPY's views look at
    std::optional<std::size_t> claim;  // which statement brings the ids into the ledger: the first COPY
    std::string ledger_rows;           // and this is what it brings

    // The entry that line `line` (1-based) of COPY `copy` belongs to.
    std::optional<std::size_t> entry_at(std::size_t copy, std::size_t line) const;
};

// Borrows from the entries. The plan must stay where it is (its views look into it), hence `plan` to fill. False: an
// entry names a target that there is not, which is our own bug.
bool fill_plan(CopyPlan& plan, std::span<const pipeline::WriteEntry> entries, std::span<const pipeline::Fate> fates,
               std::span<const std::string> target_copies);

// For entries that are thought to be new, as nearly all are: `begin` (begin_sql(), or nothing in a transaction that has
// begun), the ids of the new ones by COPY BINARY in their order, then as fill_plan(). An id that the ledger has ends it
// with 23505, see claimed_before(). That costs the server a third less a row than INSERT … ON CONFLICT: many entries
// share a WAL record, and none is inserted on approval and confirmed. Source: PostgreSQL 15, COPY, "Binary Format".
bool fill_claiming_plan(CopyPlan& plan, std::span<const pipeline::WriteEntry> entries,
                        std::span<const pipeline::Fate> fates, std::span<const std::string> target_copies,
                        std::string_view begin, std::string_view ledger);

}  // namespace sqs2pg::adapters
