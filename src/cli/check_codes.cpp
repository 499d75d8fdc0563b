// The table of findings, see check_codes.h. Sentences end with a full stop, and name no value.
#include "cli/check_codes.h"

#include <array>

namespace sqs2pg::cli {
namespace {

constexpr std::string_view kFile = "The configuration";
constexpr std::string_view kKeys = "Keys";
constexpr std::string_view kDatabase = "The database";
constexpr std::string_view kLedger = "Schema sqs2pg";
constexpr std::string_view kTable = "Tables and columns";
constexpr std::string_view kMask = "Masks";
constexpr std::string_view kQueue = "Queues";
constexpr std::string_view kObjects = "Objects in S3";

constexpr auto kCodes = std::to_array<CheckCode>({
    {kFile, "configuration", "error", "The file says something that sqs2pg does not take; `run` refuses it too.",
     "Change the line that the place names; docs/configuration.md holds every option."},
    {kFile, "configuration_warning", "warning",
     "The file is taken, but something in it is risky, as a password that "
     "everybody on the machine can read.",
     "As the sentence says."},
    {kFile, "queue_twice", "error",
     "A message goes to one consumer only: two pipelines that read one queue share its "
     "messages by chance.",
     "Write one pipeline with `routes`, or give each its own queue (SNS can copy to several)."},
    {kFile, "max_connections", "warning",
     "Workers write on a connection each; those that wait for one hold messages meanwhile.",
     "Raise `max_connections`, or run fewer workers."},
    {kFile, "internal", "error", "The check itself failed.", "Report it with the version of sqs2pg."},

    {kKeys, "keys", "error",
     "Without its keys nothing can be masked and no dead letter sealed; `run` refuses to start.",
     "`sqs2pg key new -o FILE`, then `keys: {file: FILE}`; `sqs2pg key check FILE` looks at a file."},
    {kKeys, "keys_readable", "warning",
     "Who reads the key file can test guesses of masked values and open dead letters.",
     "`chmod 0400 FILE`; in Kubernetes `defaultMode: 0440`."},
    {kKeys, "key_value", "error",
     "Another key bears this id: its tokens would look right and join with none of the rows "
     "written so far.",
     "Restore the key file that was used before; a new key needs a new id."},
    {kKeys, "key_unknown", "warning",
     "The database has no check value for this key id, so a wrong key under it would not "
     "be noticed.",
     "`sqs2pg migrate -c FILE` stores it."},

    {kDatabase, "password_secret", "ok, error",
     "Without the password that AWS keeps nobody connects; `run` waits for a secret that does not answer, and refuses "
     "to start without one that is not there.",
     "The sentence says what AWS answered and which right is missing; see docs/secrets.md."},
    {kDatabase, "secret_plain", "warning",
     "A parameter of type String lies unencrypted, and everybody who may list parameters reads it.",
     "Store it with `aws ssm put-parameter --type SecureString`."},
    {kDatabase, "secret_user", "warning",
     "A rotation that alternates between two roles changes the `username` of the secret too, and sqs2pg connects as "
     "the "
     "role of `url` always.",
     "Rotate with the single-user strategy, or connect as the secret's role."},
    {kDatabase, "database_connect", "error",
     "Nothing can be written. `run` waits for a database that does not answer, and "
     "refuses one that rejects it.",
     "As the sentence says: address, role, password, pg_hba.conf."},
    {kDatabase, "database_settings", "warning",
     "The session's settings could not be read, so what hangs on them was not "
     "looked at.",
     "Run the check again; a pooler may cut long statements."},
    {kDatabase, "database_tls", "warning", "Passwords and unmasked columns go over the network in clear.",
     "Add `sslmode=verify-full` to `postgres.url`."},
    {kDatabase, "database_pooler", "warning",
     "A pooler hands the server's connections around. sqs2pg works in the modes "
     "session and transaction; in mode statement no transaction does.",
     "Set `pool_mode = transaction` or `session`, or "
     "connect past the pooler."},
    {kDatabase, "database_read_only", "error",
     "A standby, or a role with default_transaction_read_only, takes no rows; "
     "`run` waits for the primary.",
     "Name the primary, or several hosts with `target_session_attrs=read-write`."},
    {kDatabase, "database_encoding", "warning",
     "In a database that is not UTF8 some characters of a message have no "
     "place; such messages become dead letters.",
     "Use a database with ENCODING 'UTF8'."},
    {kDatabase, "database_version", "warning",
     "sqs2pg is tested with PostgreSQL 15; older ones than 13 lack what the "
     "ledger uses.",
     "Upgrade PostgreSQL to 13 or later."},
    {kDatabase, "database_durability", "warning",
     "With fsync or full_page_writes off, a crash of the server loses rows "
     "whose messages have been deleted.",
     "`ALTER SYSTEM SET fsync = on` (or full_page_writes), then reload."},
    {kDatabase, "database_connections", "warning",
     "Each worker keeps a connection. Where none is left the pipeline waits, "
     "and others on the server may be refused.",
     "Raise max_connections or the role's CONNECTION LIMIT, or run fewer "
     "`--workers`."},
    {kDatabase, "database_timeout", "warning",
     "A short statement_timeout cancels large batches; they are halved and tried "
     "again, which costs throughput.",
     "`ALTER ROLE worker SET statement_timeout = 0`, or some minutes."},
    {kDatabase, "server_log", "warning",
     "What only the server can refuse (constraints, triggers, types of extensions) it "
     "writes to its own log, with the values of the row.",
     "`ALTER ROLE worker SET log_min_messages = fatal`, as a "
     "superuser; see docs/operations.md."},
    {kDatabase, "clock", "warning",
     "Signatures of requests, the ledger's partitions and $received_at hang on clocks that "
     "agree.",
     "Run a time service (chrony, systemd-timesyncd) on both machines."},

    {kLedger, "schema", "error",
     "Without its own tables, at its own version and with the rights on them, `run` does not "
     "start.",
     "`sqs2pg migrate -c FILE` as the owner of schema sqs2pg; `--print` shows what it does."},
    {kLedger, "ledger_partitions", "warning, error",
     "A message whose SentTimestamp has no partition in the ledger pauses "
     "its pipeline.",
     "`sqs2pg migrate -c FILE` makes them; running workers keep them up."},
    {kLedger, "ledger_size", "ok",
     "The ledger remembers every message for the queue's retention and two days; a disk "
     "that fills up stops every writer.",
     "Make room for it, or partition by the hour; sqs2pg_ledger_bytes shows its "
     "size."},

    {kTable, "table", "error", "The table cannot be found, or is nothing that COPY can fill.",
     "Correct `table:`, or create the table."},
    {kTable, "table_rights", "error", "The role cannot write the mapped columns.",
     "The GRANT statement of the sentence."},
    {kTable, "table_unlogged", "warning",
     "An unlogged table is emptied when the server crashes, after its messages have "
     "been deleted from the queue.",
     "`ALTER TABLE … SET LOGGED`."},
    {kTable, "table_trigger", "warning",
     "A BEFORE ROW trigger that returns NULL drops the row; sqs2pg counts it as "
     "written and deletes its message.",
     "Make sure that the trigger returns NEW, or raises an error: then the message "
     "becomes a dead letter."},
    {kTable, "table_is_partition", "warning",
     "A row that belongs into another partition is refused there, and pauses the pipeline.",
     "Name the partitioned table itself."},
    {kTable, "table_foreign", "warning",
     "What the foreign server has written does not roll back as one with the ledger: "
     "rows may come twice after a failure.",
     "Write to a local table, and copy from there."},
    {kTable, "column_composite", "error", "A composite type has no text form that a JSON value could be handed to.",
     "Map the members to columns of their own, or make the column jsonb."},
    {kTable, "default_type", "error", "The `default` of the rule is a value that the column's type refuses.",
     "Write one that fits, or leave it out and say `optional: true`."},
    {kTable, "value_type", "error", "The `value` of the rule is one that the column's type refuses.",
     "Write one that fits the column."},
    {kTable, "conflict_target", "error", "`on_conflict` needs a table of this database with a unique index.",
     "Name such a table, or leave `on_conflict` out."},
    {kTable, "conflict_staging", "error", "Rows with a key go through a temporary table, which the role may not make.",
     "`GRANT TEMPORARY ON DATABASE … TO worker`."},
    {kTable, "conflict_column", "error", "What `on_conflict` compares must be mapped.",
     "Map the column, or change `key` or `newer_by`."},
    {kTable, "conflict_no_index", "error",
     "PostgreSQL finds a conflict by a unique index on exactly the key's columns.",
     "`CREATE UNIQUE INDEX ON table (key)`, or correct `key`."},
    {kTable, "conflict_nothing_to_update", "error",
     "`do: update` updates what does not belong to the key, and all does.",
     "Write `do: ignore`, or map another column."},
    {kTable, "row_security", "error", "PostgreSQL refuses COPY under row-level security.",
     "`ALTER ROLE worker BYPASSRLS`, or another table."},
    {kTable, "column_absent", "error", "A rule names a column that the table does not have.",
     "Correct the name, or add the column."},
    {kTable, "column_twice", "error", "Two rules fill one column.", "Leave one of them."},
    {kTable, "column_generated", "error", "The database computes this column and takes no value for it.",
     "Remove the line."},
    {kTable, "column_not_null", "error", "Every message would be refused: nothing fills a column that may not be NULL.",
     "Map it, give it a DEFAULT, or allow NULL."},
    {kTable, "column_time", "error", "The value is a time, and the column's type holds none.",
     "Make the column date, timestamp, timestamptz or text."},
    {kTable, "mapping", "error", "The rules and the table do not fit each other.", "As the sentence says."},

    {kMask, "mask_column_type", "error", "A masked value is text, and the column holds none.",
     "Make the column varchar(64) or text; `truncate` and `ip-prefix` fit inet too."},
    {kMask, "mask_column_short", "warning, error",
     "A token that does not fit is never cut: its message becomes a dead "
     "letter (`too_long`).",
     "`ALTER TABLE … ALTER COLUMN … TYPE text`."},
    {kMask, "mask_siv_length", "warning",
     "A token of `mask: siv` grows with its value, so that long values do not fit "
     "the column.",
     "Make the column text, unless no value is that long."},
    {kMask, "mask_sha256", "warning",
     "All IPv4 addresses can be hashed in minutes: a plain hash hides nothing that has "
     "few possible values.",
     "`mask: hmac`, unless the table already holds such hashes."},
    {kMask, "mask_keep_last", "warning", "Many last characters may tell whose value it is.",
     "`keep: 4`, or `mask: hmac` where values must be told apart."},
    {kMask, "mask_ip_prefix", "warning", "One known address tells the prefix of all its neighbours.",
     "`mask: hmac`, or `truncate`, unless single addresses and their subnets are needed."},
    {kMask, "mask_drop_not_null", "error", "`mask: drop` writes NULL, and the column may not be NULL.",
     "`mask: redact`, or `ALTER COLUMN … DROP NOT NULL`."},

    {kQueue, "endpoint", "warning, error",
     "Requests need a region or an endpoint; a region that nobody knows is most often misspelt; plain HTTP shows "
     "messages to the network.",
     "Set `aws.region` or `aws.endpoint_url`; use https beyond this machine. docs/network.md says what decides."},
    {kQueue, "aws_retries", "warning",
     "AWS_MAX_ATTEMPTS, AWS_RETRY_MODE or the profile ask for retries that are not done here.",
     "A number from 1 to 20, and the mode `standard`; or leave both away."},
    {kQueue, "credentials", "error", "Without credentials SQS answers nothing.",
     "The sentence says what was tried in which order and what each answered; docs/credentials.md says how to set each "
     "up."},
    {kQueue, "credentials_end", "warning", "Keys of the environment with an end are not renewed by anybody.",
     "A profile, a role or a `credential_process` instead of exported keys: docs/credentials.md."},
    {kQueue, "queue", "error", "The queue does not exist here or does not answer; `run` waits for it.",
     "Create it, or correct name, region and account."},
    {kQueue, "queue_attributes", "warning",
     "Without sqs:GetQueueAttributes the queue's policy and retention are unknown, "
     "and --drain cannot tell when it is empty.",
     "Allow sqs:GetQueueAttributes."},
    {kQueue, "queue_rights", "error",
     "What may not be deleted comes again and again: every message would be received and "
     "paid for until its retention ends.",
     "Allow sqs:DeleteMessage and sqs:ChangeMessageVisibility to the role."},
    {kQueue, "queue_redrive", "warning, error",
     "Restarts and releases burn receives, so that good messages may end in the "
     "queue's own dead-letter queue; with maxReceiveCount 1 the first hiccup takes them away.",
     "Set maxReceiveCount to 10 or more: bad messages are dead-lettered by sqs2pg at their first receive."},
    {kQueue, "queue_fifo_block", "error",
     "`bad_message: block` holds a group until its bad message is dealt with; a redrive policy takes that message "
     "away, "
     "and those behind it overtake it.",
     "Remove the redrive policy, or say `bad_message: skip`."},
    {kQueue, "queue_retention", "warning, error",
     "A ledger that forgets before the queue does lets a message be written "
     "twice; a queue that forgets within hours loses messages while a pipeline is paused.",
     "`sqs2pg migrate` with a longer retention; MessageRetentionPeriod of 4 days or more."},
    {kQueue, "queue_encryption", "warning",
     "Messages lie unencrypted in the queue, with the values that are masked "
     "later.",
     "Enable SqsManagedSseEnabled, or a KMS key, on the queue."},
    {kQueue, "queue_backlog", "warning",
     "SQS allows 120,000 messages of a queue in flight; beyond that receives are "
     "refused.",
     "Look for consumers that hold messages and do not delete them."},
    {kQueue, "visibility_short", "warning",
     "A slow transaction may outlast it; messages then come twice, and the ledger "
     "drops the second.",
     "`visibility_timeout: 60` or more."},
    {kQueue, "visibility_long", "warning", "After a crash the messages in flight stay hidden that long.",
     "`visibility_timeout: 60`; it is extended by itself."},

    {kObjects, "bucket", "warning, error",
     "A message's body that cannot be fetched pauses the pipeline; without s3:ListBucket S3 answers the same for an "
     "object that is absent and for one that is denied.",
     "Correct `s3.buckets`, `s3.region` and `s3.endpoint_url`; allow s3:GetObject on the objects and s3:ListBucket on "
     "the bucket (and s3:DeleteObject with `delete_object`)."},
    {kObjects, "buckets_open", "warning",
     "Whoever may send to the queue chooses which object the pipeline reads with its rights, and gets it into the "
     "table.",
     "Name the buckets in `s3.buckets`."},
});

}  // namespace

std::span<const CheckCode> check_codes() noexcept { return kCodes; }

const CheckCode* find_check_code(std::string_view code) noexcept {
    for (const auto& known : kCodes) {
        if (known.code == code) return &known;
    }
    return nullptr;
}

}  // namespace sqs2pg::cli
