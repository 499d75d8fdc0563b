// Log lines (`event` of the JSON log), causes of letting go, and metrics; see knowledge.h.
#include <array>

#include "cli/knowledge.h"

namespace sqs2pg::cli {
namespace {

constexpr auto kLogLines = std::to_array<Row>({
    {"started", "The pipeline takes messages from the queue into the table.", "Nothing.", "", ""},
    {"stopping", "The pipeline takes no more messages and ends in order.", "Nothing.", "", "finished"},
    {"finished", "The pipeline has ended; the line holds the figures of its run.", "Nothing.", "", ""},
    {"drained", "The queue is empty, nothing is in flight: `--drain` ends.", "Nothing.", "", ""},
    {"restarting", "The pipeline goes on with a changed configuration, key or table.", "Nothing.", "", "table_changed"},
    {"committed", "A transaction was committed (level debug).", "Nothing.", "", "sqs2pg_transaction_seconds"},
    {"paused", "The pipeline receives nothing until its cause is mended; the sentence says what ends it.",
     "Ask what the cause means.", "sqs2pg explain CAUSE\nsqs2pg status -c FILE", "brake operator mapping Sqs2pgPaused"},
    {"resumed", "A cause of a pause is gone.", "Nothing.", "", "paused"},
    {"failed",
     "The pipeline ended by an error; other pipelines go on. It is tried again after 30 seconds, then less often.",
     "Mend what the sentence names; SIGHUP tries again at once.", "sqs2pg check -c FILE", "configuration bug"},
    {"waiting_for", "At the start the database or the queue is not there yet; it is tried again and again.",
     "Start it, create it, or correct its name; `--fail-fast` ends the process instead.", "sqs2pg check -c FILE",
     "database_connect queue"},
    {"receive_failed", "Receiving failed for a passing reason and is tried again.",
     "If it stays: ask what the code means.", "sqs2pg explain CODE\nsqs2pg check -c FILE", "Sqs2pgNoAnswer"},
    {"transaction_failed", "A transaction failed for a passing reason and is run again; the ledger keeps it exact.",
     "If it stays: ask what the code means.", "sqs2pg explain CODE\nsqs2pg status -c FILE", "40P01 53100 57P01"},
    {"batch_bisected", "The server refused a row; the batch is divided to find it (level debug).", "Nothing.", "",
     "dead_letter"},
    {"table_changed", "The table was altered; what is held was mapped anew to its present shape.",
     "Nothing, while the mapping fits.", "sqs2pg check -c FILE", "mapping restarting"},
    {"dead_letter", "A message became a dead letter; reason and place say why.", "Ask what the reason means.",
     "sqs2pg dead-letters list -c FILE --since 1h\nsqs2pg explain REASON", "Sqs2pgDeadLetters"},
    {"dead_letters_left_out", "More dead letters were stored than were logged one by one.", "List them.",
     "sqs2pg dead-letters list -c FILE --counts --since 1h", "dead_letter"},
    {"lines_left_out", "Equal log lines were left out, so that the log stays readable.", "Nothing.", "", ""},
    {"abandoned", "Messages were let go without a verdict; the queue delivers them again.", "Ask what the cause means.",
     "sqs2pg explain CAUSE", "lease_lost bad_md5 Sqs2pgAbandoned"},
    {"group_blocked", "A bad message of a FIFO queue blocks its group (`bad_message: block`).",
     "Mend the cause that reason and place name; the message is tried again by itself.", "sqs2pg explain REASON",
     "Sqs2pgGroupsBlocked"},
    {"delete_failed", "Deleting from the queue failed; redelivery and the ledger repair it.",
     "If it stays: allow sqs:DeleteMessage.", "sqs2pg check -c FILE", "queue_rights Sqs2pgDeletesFail"},
    {"object_failed", "Fetching an object that a message points at failed for a passing reason and is tried again.",
     "If it stays: ask what the code means.", "sqs2pg explain CODE\nsqs2pg check -c FILE", "bucket"},
    {"object_left",
     "An object whose message became a row could not be deleted (`s3.delete_object`) and stays in its bucket.",
     "If it stays: allow s3:DeleteObject. A lifecycle rule of the bucket sweeps what was left.", "sqs2pg check -c FILE",
     "sqs2pg_objects_left_total"},
    {"visibility_extension_failed",
     "The visibility of messages could not be extended; they may come again while they are written, and the ledger "
     "drops "
     "the second.",
     "If it stays: allow sqs:ChangeMessageVisibility.", "sqs2pg check -c FILE", "queue_rights lease_lost"},
    {"path_never_matched", "An optional path of the configuration was in none of many messages: it may be misspelt.",
     "Compare it with a message.", "sqs2pg check -c FILE", "missing_field"},
    {"maintenance_failed", "The ledger's maintenance failed and is tried later.",
     "If it stays, run `migrate` as the schema's owner; without partitions for the coming days the pipeline pauses.",
     "sqs2pg migrate -c FILE", "ledger_partitions ledger_range"},
    {"warning", "Something that does not stop the pipeline and should be known; the sentence says what.",
     "As the sentence says.", "", ""},
});

constexpr auto kLetGo = std::to_array<Row>({
    {"lease_lost",
     "A message's visibility ran out before it was written: the process stood still, or visibility could not be "
     "extended. "
     "It comes again.",
     "If it happens often, raise `visibility_timeout` and look at the database's time for a transaction.",
     "sqs2pg check -c FILE", "visibility_short visibility_extension_failed"},
    {"held_by_peer", "Another process writes the same message at this moment; this one lets it go.", "Nothing.", "",
     "55P03"},
    {"bad_md5", "The body does not match the MD5 that came with it: it was damaged on its way. It comes again.",
     "If it stays, look for a proxy that changes bodies.", "", "endpoint"},
    {"group_order", "A message of a FIFO group stands behind one that was let go, and must not overtake it.",
     "Nothing.", "", "group_blocked"},
    {"release_failed", "A message could not be given back at once; it comes again after its visibility timeout.",
     "If it stays: allow sqs:ChangeMessageVisibility.", "sqs2pg check -c FILE", "queue_rights"},
});

constexpr auto kMetrics = std::to_array<Row>({
    {"sqs2pg_messages_received_total", "Counter: messages that a receive brought, redeliveries included.",
     "At every scrape: received = inserted + duplicate + dead_lettered + ignored + released + abandoned + in flight.",
     "", "sqs2pg_messages_settled_total"},
    {"sqs2pg_messages_settled_total",
     "Counter by `outcome`: `inserted`, `duplicate` (the ledger knew it), `dead_lettered`, `ignored` (`otherwise: "
     "ignore`), `released` (given back), `abandoned` (let go without a verdict).",
     "A rising share of duplicate, released or abandoned costs receives: look at visibility and pauses.", "",
     "Sqs2pgDuplicates Sqs2pgAbandoned"},
    {"sqs2pg_messages_in_flight", "Gauge: received and without an outcome; counted, not derived.",
     "Standing above 0 while nothing is settled means that the database does not take them.", "sqs2pg status -c FILE",
     "Sqs2pgStuck"},
    {"sqs2pg_rows_written_total", "Counter: rows of committed transactions.", "Nothing.", "", ""},
    {"sqs2pg_dead_letters_total", "Counter by `reason`: dead letters stored.", "Ask what the reason means.",
     "sqs2pg dead-letters list -c FILE --counts", "Sqs2pgDeadLetters"},
    {"sqs2pg_batch_rows", "Histogram: rows a transaction. It grows by itself with the load.", "Nothing.", "", ""},
    {"sqs2pg_transaction_seconds", "Histogram: BEGIN to COMMIT.", "Seconds are a slow database: locks, indexes, disk.",
     "", "Sqs2pgLagHigh Sqs2pgStuck"},
    {"sqs2pg_lag_seconds", "Histogram: from a message's SentTimestamp to its commit.",
     "Add workers or processes when it stays above what you promise.", "sqs2pg status -c FILE", "Sqs2pgLagHigh"},
    {"sqs2pg_sqs_requests_total",
     "Counter by `operation` and `outcome` (ok, error, throttled, timeout): requests to SQS. They are what AWS bills.",
     "Errors and timeouts that stay: look at rights and network.", "sqs2pg check -c FILE",
     "Sqs2pgNoAnswer Sqs2pgThrottled"},
    {"sqs2pg_sqs_request_seconds", "Histogram by `operation`: their duration, long polls included.", "Nothing.", "",
     ""},
    {"sqs2pg_s3_calls_total",
     "Counter by `operation` and `outcome` (ok, error, throttled): calls of S3 for objects that messages point at, "
     "each "
     "with its retries.",
     "Errors that stay: look at rights, region and network.", "sqs2pg check -c FILE", "bucket object_failed"},
    {"sqs2pg_objects_left_total", "Counter: objects that were to be deleted and stay in their bucket.",
     "Allow s3:DeleteObject; give the bucket a lifecycle rule.", "sqs2pg check -c FILE", "object_left"},
    {"sqs2pg_delete_failures_total", "Counter: entries whose delete failed.", "Allow sqs:DeleteMessage.",
     "sqs2pg check -c FILE", "Sqs2pgDeletesFail"},
    {"sqs2pg_paused", "Gauge by `cause`: 1 while the pipeline is paused for it.", "Ask what the cause means.",
     "sqs2pg explain CAUSE", "Sqs2pgPaused"},
    {"sqs2pg_blocked_groups",
     "Gauge: message groups that a bad message blocks (`bad_message: block`), as far as this process met them in the "
     "last "
     "five minutes.",
     "Mend what the log line `group_blocked` names.", "", "Sqs2pgGroupsBlocked"},
    {"sqs2pg_credentials_expiry_seconds", "Gauge: seconds until the AWS credentials in use expire; renewed before.",
     "Near 0: look at their source.", "aws sts get-caller-identity", "Sqs2pgCredentialsExpire"},
    {"sqs2pg_ledger_bytes", "Gauge: size of the ledger with its index.",
     "76 to 88 bytes an entry; entries stay for the queue's retention and two days.", "sqs2pg check -c FILE",
     "Sqs2pgLedgerLarge"},
});

}  // namespace

std::span<const Row> log_rows() noexcept { return kLogLines; }

std::span<const Row> let_go_rows() noexcept { return kLetGo; }

std::span<const Row> metric_rows() noexcept { return kMetrics; }

}  // namespace sqs2pg::cli
