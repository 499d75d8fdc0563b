// The alarms of deploy/prometheus/alerts.yaml, and the exit codes; see knowledge.h.
#include <array>

#include "cli/knowledge.h"

namespace sqs2pg::cli {
namespace {

constexpr auto kAlarms = std::to_array<Row>({
    {"Sqs2pgDown",
     "Prometheus cannot read the process's metrics: it has ended, hangs, or its ops port is not reachable.",
     "Look whether it runs and why it ended; the last lines of its log and its exit code say it.",
     "sqs2pg status -c FILE\ncurl -s HOST:9464/healthz", "0 1 2 cannot_listen"},
    {"Sqs2pgPaused", "A pipeline is paused for a cause that somebody has to mend. It receives nothing until then.",
     "The label `cause` names it; ask what it means. The log, /status and `status` say what ends it.",
     "sqs2pg status -c FILE\nsqs2pg explain CAUSE", "paused brake ledger_range mapping"},
    {"Sqs2pgPausedLong",
     "Somebody paused the pipeline and may have forgotten it. Messages wait in the queue, and are lost at the end of "
     "its "
     "retention.",
     "Resume it, or say again why not.", "sqs2pg status -c FILE\nsqs2pg resume PIPELINE -c FILE", "operator"},
    {"Sqs2pgLagHigh", "Rows come late: most messages of the last minutes were sent long before their commit.",
     "A backlog passes by itself. Else look whether the database is slow (`sqs2pg_transaction_seconds`), and add "
     "workers or processes.",
     "sqs2pg status -c FILE\nsqs2pg run -c FILE --workers 4", "sqs2pg_lag_seconds sqs2pg_transaction_seconds"},
    {"Sqs2pgDeadLetters", "More messages than usual cannot become rows: a producer changed, or the table did.",
     "Look at reason and place, mend the cause, then replay.",
     "sqs2pg dead-letters list -c FILE --counts --since 1h\nsqs2pg explain REASON", "dead_letter brake"},
    {"Sqs2pgGroupsBlocked",
     "A bad message of a FIFO queue holds up its message group (`bad_message: block`): nothing behind it is written.",
     "The log line `group_blocked` names reason and place. Mend the cause; or take the message out, or say "
     "`bad_message: skip`.",
     "sqs2pg explain REASON\nsqs2pg check -c FILE", "group_blocked sqs2pg_blocked_groups"},
    {"Sqs2pgDeletesFail",
     "What is written cannot be deleted from the queue, comes again and is paid for again. The ledger keeps it from "
     "being "
     "written twice.",
     "Mostly a missing right: allow sqs:DeleteMessage to the role.", "sqs2pg check -c FILE",
     "queue_rights delete_failed AccessDenied"},
    {"Sqs2pgDuplicates",
     "More messages than usual come again after they were written: transactions outlast the visibility timeout, "
     "deletes "
     "fail, or somebody else sends twice.",
     "Raise `visibility_timeout`, and look at the deletes and at the database's time for a transaction.",
     "sqs2pg check -c FILE\nsqs2pg status -c FILE", "visibility_short sqs2pg_transaction_seconds"},
    {"Sqs2pgNoAnswer",
     "No receive of this pipeline has succeeded for a while: network, credentials, rights, or SQS itself.",
     "The log line `receive_failed` names the code; ask what it means.", "sqs2pg check -c FILE\nsqs2pg explain CODE",
     "receive_failed sqs2pg_sqs_requests_total"},
    {"Sqs2pgThrottled", "SQS turns away many of the requests: too much is asked of it at once.",
     "Nothing is lost, and polls become fewer by themselves. Run fewer processes, or raise the account's limits.",
     "sqs2pg status -c FILE", "RequestThrottled OverLimit"},
    {"Sqs2pgCredentialsExpire", "The AWS credentials are about to expire and were not renewed.",
     "Look at their source: the instance or container role, the SSO session, the process that hands them out.",
     "aws sts get-caller-identity\nsqs2pg check -c FILE", "ExpiredToken credentials"},
    {"Sqs2pgStuck",
     "Messages are in flight, and none gets an outcome: the database does not answer, or a lock is held.",
     "Look at the log for `transaction_failed`, and in the database for who holds the lock.",
     "sqs2pg status -c FILE\n"
     "psql -c \"SELECT pid, wait_event_type, state, query_start FROM pg_stat_activity WHERE state <> 'idle'\"",
     "transaction_failed 55P03 53100"},
    {"Sqs2pgAbandoned",
     "Messages are let go without a verdict again and again: their lease was lost before they were written, or they "
     "arrived damaged.",
     "The log line `abandoned` names the cause; ask what it means.", "sqs2pg explain lease_lost",
     "lease_lost bad_md5 visibility_short"},
    {"Sqs2pgLedgerLarge", "The ledger takes much room; a full disk stops every writer of that server.",
     "Make room, or shorten the queue's retention: the ledger remembers for that long and two days.",
     "sqs2pg check -c FILE", "ledger_size sqs2pg_ledger_bytes maintenance_failed"},
});

constexpr auto kExits = std::to_array<Row>({
    {"0", "Done. Of `run`: the orderly end after SIGTERM, SIGINT or --drain, with no pipeline failed.", "Nothing.", "",
     ""},
    {"1",
     "Failed while running: something that was there went away, a finding of `check` is an error, a case of `test` did "
     "not hold, or a pause ended a run with --drain or --fail-fast.",
     "The sentence on stderr says what; the same command may succeed later.", "sqs2pg check -c FILE", "2"},
    {"2", "Usage or configuration: nothing was begun. The command line, the file, the keys or the rights are wrong.",
     "The sentence on stderr names the place; it will not pass by itself.",
     "sqs2pg check -c FILE\nsqs2pg COMMAND --help", "configuration"},
});

}  // namespace

std::span<const Row> alarm_rows() noexcept { return kAlarms; }

std::span<const Row> exit_rows() noexcept { return kExits; }

}  // namespace sqs2pg::cli
