// Our own tables in the user's database, schema `sqs2pg`: the ledger that makes rows exactly-once, the dead letters,
// the key check values; made and upgraded by one repeatable SQL script that `migrate` runs and `migrate --print` shows.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "pg/connection.h"
#include "pg/table_shape.h"
#include "schema/rights.h"

namespace sqs2pg::schema {

// What this program knows how to make and to use.
inline constexpr int kSchemaVersion = 3;

// The queues' longest MessageRetentionPeriod (14 days at SQS) and two days more.
inline constexpr std::chrono::hours kDefaultLedgerRetention{24 * 16};

// A table that rows go to.
struct GrantTarget {
    pg::TableName table;
    // What on_conflict needs beside INSERT on the table: its SELECT and UPDATE columns, and temporary tables.
    pg::ColumnRights columns{};
    bool stages = false;
};

struct MigrationOptions {
    std::string owner_role;            // owns the schema; empty: the connecting role
    std::string worker_role;           // gets the rights that `run` needs; empty (or the owner): one role is both
    std::string replayer_role;         // those of `dead-letters`; likewise
    std::string analyst_role;          // may count and list dead letters; likewise
    std::vector<GrantTarget> targets;  // worker and replayer get INSERT, where the connecting role may grant it

    // How long ledger entries are kept. Never lowers what the database has: a shorter ledger forgets messages that the
    // queue may still hand out. Absent: the default at first, then what is there.
    std::optional<std::chrono::seconds> ledger_retention;
    // A day, or an hour where a day would be too large. Absent: a day at first, then what is there. For new partitions.
    std::optional<std::chrono::hours> partition_width;
    std::optional<std::chrono::hours> dead_letter_retention;  // 30 days at first

    std::vector<std::pair<std::string, std::string>> key_checks;  // key id, check value
};

struct MigrationReport {
    int version_before = 0;  // 0: there was no schema
    int version = 0;
    int partitions_made = 0;
    std::vector<std::string> warnings;  // sentences: rights that another role must grant, with the statement
};

// The whole script: one transaction, safe to run again and at the same time as itself. Takes no server to make.
// Identifiers are quoted.
std::string migration_sql(const MigrationOptions& options);

// The statements that grant worker and replayer their rights on the targets, one a line; empty when neither is named.
std::string target_grants_sql(const MigrationOptions& options);

// Runs the script, then the grants on the targets (each may fail: a warning), then holds the key checks. Configuration
// errors: rights, a role that does not exist, a schema newer than this program, a wrong key. The connection outlives
// it.
awaitable<Result<MigrationReport>> migrate(pg::Connection& connection, MigrationOptions options);

struct SchemaState {
    bool present = false;  // there is a schema sqs2pg with its version table
    int version = 0;       // 0 when absent; may be newer than kSchemaVersion
    Role role = Role::Worker;
    bool rights = false;  // the connecting role can do all that such a role does in schema sqs2pg
    std::string missing;  // when not: the first right that it lacks, for a sentence
    std::chrono::seconds ledger_retention{0};
    std::chrono::seconds partition_width{0};
    std::int64_t covered_from_ms = 0;  // SentTimestamps [from, until) that partitions stand for; gaps not looked at
    std::int64_t covered_until_ms = 0;
    std::int64_t ledger_bytes = 0;

    bool usable() const { return present && version == kSchemaVersion && rights; }
};

// For every command: one round trip or two, changes nothing. `role`: what the connecting role is to do. The ledger's
// figures are for a worker only.
awaitable<Result<SchemaState>> inspect(pg::Connection& connection, Role role = Role::Worker);

// Configuration error with what to do, when the state cannot be used; else done.
Status judge(const SchemaState& state, const std::string& role);

// Compares the stored check value of a key with `check_value`; changes nothing. False: the database does not know the
// key yet. Configuration error "wrong_key" as below.
awaitable<Result<bool>> compare_key_check(pg::Connection& connection, std::string key_id, std::string check_value);

// The same, and stores the check value where there is none and the role may.
// Configuration error "wrong_key": another key bears this id, and its tokens would join with none of the rows written
// so far. Configuration error "unknown_key": none is stored and the role may not store it (`migrate` does).
awaitable<Status> hold_key_check(pg::Connection& connection, std::string key_id, std::string check_value);

struct MaintenanceReport {
    int made = 0;  // partitions
    int dropped = 0;
    int postponed = 0;         // partitions that were due but busy: the next call tries again
    std::int64_t expired = 0;  // dead letters past their retention
    bool busy = false;         // another session is at it; nothing was done here
};

// Calls sqs2pg.maintain_ledger(): partitions for the days to come, none older than the retention, dead letters expired.
// Any role with the worker's rights may. Never waits longer than 200 ms for a lock.
awaitable<Result<MaintenanceReport>> maintain(pg::Connection& connection);

}  // namespace sqs2pg::schema
