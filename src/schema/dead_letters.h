// The dead letters as operators see them: selected, counted, listed, dropped, and every look into one and every removal
// written to the audit first or with it. Of a message it reads the sealed bytes only when it is told to reveal.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "pg/connection.h"

namespace sqs2pg::schema {

// All that is given must hold; nothing given: every dead letter. The texts come from users: they are quoted here.
struct LetterSelection {
    std::vector<std::string> ids;  // whole uuids
    std::string pipeline;
    std::string reason;
    std::optional<std::int64_t> since_ms;  // became a dead letter at or after
    std::optional<std::int64_t> until_ms;  // and before

    bool everything() const { return ids.empty() && pipeline.empty() && reason.empty() && !since_ms && !until_ms; }
};

// An SQL condition on the columns of sqs2pg.dead_letter.
std::string condition_of(const LetterSelection& selection);
// For the audit and for people: "pipeline=logins reason=too_long", "2 ids", "all".
std::string describe_selection(const LetterSelection& selection);

// Who does it and why, as the audit keeps it; the database adds the role of the session and the time.
struct AuditNote {
    std::string actor;      // who says they are: user@host of the operating system
    std::string selection;  // describe_selection
    std::string reason;
    std::string ticket;  // empty: none
};

// `INSERT INTO sqs2pg.audit … SELECT … FROM source HAVING count(*) > 0` for a statement whose CTE `source` has a column
// `id`: nothing is noted when nothing was done.
std::string audit_sql(const std::string& action, const AuditNote& note, const std::string& source);

// The clear columns, as text.
struct LetterLine {
    std::string id, pipeline, queue, message_id, reason, place, sqlstate, key_id;
    std::string sent_at, first_received_at, last_received_at, created_at, last_replayed_at;  // ISO 8601, UTC; "": none
    std::int64_t receive_count = 0;
    std::int64_t replay_count = 0;
};

struct LetterCount {
    std::string pipeline;
    std::string reason;
    std::int64_t letters = 0;
    std::string oldest, newest;  // ISO 8601, UTC
};

// ms since 1970, by the database's clock: what "2h ago" counts from.
awaitable<Result<std::int64_t>> database_now_ms(pg::Connection& connection);

// Newest first.
awaitable<Result<std::vector<LetterLine>>> list_letters(pg::Connection& connection, LetterSelection selection,
                                                        std::size_t limit);
// By pipeline and reason, most first.
awaitable<Result<std::vector<LetterCount>>> count_letters(pg::Connection& connection, LetterSelection selection);

// The whole ids that begin with `prefix` (hexadecimal digits, with or without hyphens): "no_letter" when there is none,
// "many_letters" when there are several, "bad_id" when it is no id (all three of kind Configuration).
awaitable<Result<std::string>> find_letter(pg::Connection& connection, std::string prefix);

// Takes out at most `limit` of the selected letters and notes their ids in the audit, in one transaction. How many were
// removed; 0: none is left.
awaitable<Result<std::int64_t>> drop_letters(pg::Connection& connection, LetterSelection selection, AuditNote note,
                                             std::size_t limit);

struct SealedLetter {
    std::string pipeline;
    std::string id;  // 16 bytes
    std::string key_id;
    std::string sealed;  // bytes
};

// Notes the reveal and commits that; only then reads the sealed message. Error "no_letter" when it is gone.
awaitable<Result<SealedLetter>> reveal_letter(pg::Connection& connection, std::string id, AuditNote note);

}  // namespace sqs2pg::schema
