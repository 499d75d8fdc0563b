// The table of fields, see fields.h.
#include "config/fields.h"

#include <array>

#include "privacy/mask.h"

namespace sqs2pg::config {
namespace {

using enum FieldType;
using enum Need;

constexpr std::int64_t kMiB = 1 << 20;

constexpr std::string_view kEachDoc =
    "The path of an array, such as `items`: each element makes a row, and a message's rows are written together or not "
    "at all. In `columns`, `$item.sku` is a path into the element, `$item` the element itself and `$index` its "
    "position "
    "from 0; other paths begin at the message as ever. An empty array or null makes no row, and the message is done; "
    "one with more than 1,000 elements is the dead letter `fan_out`.";

constexpr auto kFields = std::to_array<Field>({
    {.section = kTop,
     .name = "postgres",
     .type = Section,
     .doc = "The database. Without it: `PGHOST` and the other `PG…` variables, as for psql."},
    {.section = kTop,
     .name = "aws",
     .type = Section,
     .doc = "Where SQS is. Without it: region, endpoint and credentials come from where the AWS CLI takes them."},
    {.section = kTop,
     .name = "keys",
     .type = Section,
     .doc = "The keys for `mask: hmac` and for the sealing of dead letters. Every configuration needs them."},
    {.section = kTop, .name = "ops", .type = Section, .doc = "The port for metrics, health and status."},
    {.section = kTop, .name = "log", .type = Section, .doc = "What is logged on stderr, and how."},
    {.section = kTop, .name = "dead_letters", .type = Section, .doc = "Messages that could not become a row."},
    {.section = kTop,
     .name = "pipelines",
     .type = Sections,
     .doc = "The pipelines by name (letters, digits, `_`, `-`); each moves one queue into one table. At least one is "
            "needed."},
    {.section = kTop,
     .name = "defaults",
     .type = Section,
     .doc = "What counts for every pipeline that does not say otherwise: `postgres`, `aws`, `keys` and the options "
            "marked with † below. See above."},
    {.section = kTop,
     .name = "max_connections",
     .type = Integer,
     .least = 1,
     .most = 10'000,
     .doc =
         "Database connections of the whole process, at most, beside the one a database on which it hears of `pause` "
         "and `resume`. Whoever needs one more waits in line for it, for a minute at most, and says so. Without it: "
         "two a pipeline beside one a worker, at most."},
    {.section = kTop, .name = "vault", .need = Later},

    {.section = "postgres",
     .name = "url",
     .type = Secret,
     .doc = "A URL (`postgresql://role@host/database`) or `key=value` pairs, as for psql. Better without a password: "
            "`password_file`, `${NAME}` or `.pgpass` keep it out of this file."},
    {.section = "postgres",
     .name = "password",
     .type = Secret,
     .doc = "Wins over a password in `url`. Write `${NAME}`; a password in plain text is taken, with a warning if "
            "everybody may read this file."},
    {.section = "postgres",
     .name = "password_file",
     .type = Text,
     .doc = "A file that holds the password and nothing else (one line end is cut off). A relative path counts from "
            "this file's folder. Instead of `password`."},
    {.section = "postgres",
     .name = "owner_role",
     .type = Text,
     .doc = "The role that owns the schema `sqs2pg`, for `migrate`. Without it: the role that connects."},
    {.section = "postgres",
     .name = "worker_role",
     .type = Text,
     .doc = "The role that runs the pipelines; `migrate` grants it what it needs and no more. Without it: the role "
            "that connects."},
    {.section = "postgres",
     .name = "replayer_role",
     .type = Text,
     .doc =
         "The role of `sqs2pg dead-letters show`, `replay` and `drop` (connect as it with `--url`); `migrate` grants "
         "it what they need. Without it: the owner."},
    {.section = "postgres",
     .name = "analyst_role",
     .type = Text,
     .doc = "A role that may count and list dead letters and see the state, never a sealed message or the ledger; "
            "`migrate` grants it that. Rights on your own tables are yours to grant."},

    {.section = "aws",
     .name = "region",
     .type = Text,
     .doc = "Such as `eu-central-1`. Without it: `AWS_REGION`, `AWS_DEFAULT_REGION`, the profile."},
    {.section = "aws",
     .name = "endpoint_url",
     .type = Text,
     .doc = "Another SQS-compatible server, such as `http://127.0.0.1:9324`; every request goes there, whatever host a "
            "queue's URL names. Without it: `AWS_ENDPOINT_URL_SQS`, `AWS_ENDPOINT_URL`, the profile, then AWS."},
    {.section = "aws",
     .name = "profile",
     .type = Text,
     .doc = "A profile of the AWS configuration files. Without it: `AWS_PROFILE`, then `default`."},

    {.section = "keys",
     .name = "file",
     .type = Text,
     .doc = "The key file that `sqs2pg key new -o FILE` makes. A relative path counts from this file's folder."},
    {.section = "keys",
     .name = "env",
     .type = Text,
     .doc = "The name of an environment variable that holds the key file's text. Instead of `file`."},

    {.section = "ops",
     .name = "listen",
     .type = Text,
     .fallback = "127.0.0.1:9464",
     .doc =
         "`HOST:PORT` for `/metrics`, `/healthz`, `/readyz` and `/status`, or `off`. There is no password on it: let "
         "it listen beyond the machine only where the network is yours."},

    {.section = "log",
     .name = "format",
     .type = Choice,
     .fallback = "text",
     .choices = "text|json",
     .doc = "Lines for people or one JSON object a line."},
    {.section = "log",
     .name = "level",
     .type = Choice,
     .fallback = "info",
     .choices = "debug|info|warn|error|off",
     .doc = "The least important level that is logged. No level ever logs a message's values."},

    {.section = "dead_letters",
     .name = "retention_days",
     .type = Integer,
     .fallback = "30",
     .least = 1,
     .most = 3650,
     .doc = "Days for which a dead letter is kept."},

    {.section = kPipeline, .name = "queue", .type = Text, .need = Required, .doc = "The queue's name or URL."},
    {.section = kPipeline,
     .name = "table",
     .type = Text,
     .doc = "`table` or `schema.table`, exactly as the database spells it (nothing is folded to lower case). A name "
            "that holds a dot needs double quotes: `'\"odd.name\"'`. Without a schema: the connection's search_path. "
            "Needed, unless there are `routes`."},
    {.section = kPipeline,
     .name = "columns",
     .type = Columns,
     .doc = "The table's columns and where each value comes from. Columns that are not named get their DEFAULT. "
            "Needed, unless there are `routes`."},
    {.section = kPipeline, .name = "each", .type = Text, .doc = kEachDoc},
    {.section = kPipeline,
     .name = "on_conflict",
     .type = Section,
     .doc = "What happens where a row with the same key is in the table already. Without it a broken unique constraint "
            "makes a dead letter (`unique`)."},
    {.section = kPipeline,
     .name = "routes",
     .type = List,
     .doc =
         "Several kinds of message in one queue: a list, each kind with its `when`, `table` and `columns`. The first "
         "that fits takes the message. Instead of `table` and `columns`."},
    {.section = kPipeline,
     .name = "otherwise",
     .type = Choice,
     .fallback = "dead-letter",
     .choices = "dead-letter|ignore",
     .doc = "What becomes of a message that fits none of the `routes`: a dead letter (`no_route`), or nothing: it is "
            "deleted from the queue and counted."},
    {.section = kPipeline,
     .name = "missing",
     .type = Choice,
     .fallback = "bad_message",
     .choices = "bad_message|null",
     .in_defaults = true,
     .doc = "What a message without one of the mapped paths is: a bad message, or one with NULL there."},
    {.section = kPipeline,
     .name = "bad_message",
     .type = Choice,
     .fallback = "skip",
     .choices = "skip|block",
     .in_defaults = true,
     .doc = "FIFO queues only: what becomes of a message group when one of its messages is bad. `skip`: the message "
            "becomes a dead letter, in its turn, and the group goes on. `block`: it and everything behind it in its "
            "group go back to the queue and come again (after 1 second, doubling up to a minute) until somebody mends "
            "what is wrong; other groups go on. `block` does not go with a redrive policy on the queue, which would "
            "take the message out of its group: `check` refuses the two together."},
    {.section = kPipeline,
     .name = "visibility_timeout",
     .type = Seconds,
     .fallback = "60",
     .least = 10,
     .most = 43'200,
     .in_defaults = true,
     .doc = "How long a received message stays invisible to others. It is extended while the work lasts; after a crash "
            "it is the time until the message comes again."},
    {.section = kPipeline,
     .name = "max_batch_rows",
     .type = Integer,
     .fallback = "5000",
     .least = 1,
     .most = 50'000,
     .in_defaults = true,
     .doc = "Messages a transaction, at most."},
    {.section = kPipeline,
     .name = "max_in_flight",
     .type = Integer,
     .fallback = "10000",
     .least = 10,
     .most = 120'000,
     .in_defaults = true,
     .doc = "Messages that one worker holds, at most. SQS allows 120,000 a queue for all workers together."},
    {.section = kPipeline,
     .name = "max_in_flight_bytes",
     .type = Bytes,
     .fallback = "16MiB",
     .least = 2 * kMiB,
     .most = 4096 * kMiB,
     .in_defaults = true,
     .doc = "The bytes of the messages that one worker holds, at most; what bounds its memory."},
    {.section = kPipeline,
     .name = "max_polls",
     .type = Integer,
     .fallback = "64",
     .least = 1,
     .most = 256,
     .in_defaults = true,
     .doc = "Receives that one worker keeps running at a time, at most, and as many deletes. An idle queue is asked by "
            "one."},
    {.section = kPipeline,
     .name = "long_poll",
     .type = Seconds,
     .fallback = "10",
     .least = 1,
     .most = 20,
     .in_defaults = true,
     .doc = "How long SQS holds a receive open when there is nothing to receive."},
    {.section = kPipeline,
     .name = "max_rows_per_second",
     .type = Integer,
     .least = 1,
     .most = 1'000'000,
     .in_defaults = true,
     .doc = "Rows a second that this process writes for the pipeline, at most; receiving waits, so that the rest stays "
            "in the queue. Each process has its own limit. Without it: as fast as queue and database are."},
    {.section = kPipeline,
     .name = "postgres",
     .type = Section,
     .shape = "postgres",
     .in_defaults = true,
     .doc = "The pipeline's own database, instead of the default one: the section as a whole, nothing is mixed."},
    {.section = kPipeline,
     .name = "aws",
     .type = Section,
     .shape = "aws",
     .in_defaults = true,
     .doc = "Where the pipeline's queue is, likewise."},
    {.section = kPipeline,
     .name = "keys",
     .type = Section,
     .shape = "keys",
     .in_defaults = true,
     .doc = "The pipeline's own keys, likewise. Tokens made with different keys never join."},
    {.section = kPipeline, .name = "unwrap", .need = Later},
    {.section = kPipeline,
     .name = "brake",
     .type = Section,
     .fallback = "on",
     .choices = "on|off",
     .in_defaults = true,
     .doc = "Pauses the pipeline when too many of the last messages are bad, so that a wrong mapping does not turn a "
            "whole queue into dead letters. `sqs2pg resume` ends the pause. `off`: no brake."},

    {.section = kRoute,
     .name = "when",
     .type = Values,
     .doc = "Paths (or `$attributes.NAME`, `$group_id`) and the value that each must have for a message to fit; a list "
            "where several will do, such as `{type: [order, refund], version: 2}`. Compared as text: `2` fits the "
            "number and the string. `null` fits an explicit null; an absent path fits nothing. The last route may do "
            "without: it takes every message that is left."},
    {.section = kRoute, .name = "table", .type = Text, .need = Required, .doc = "As in a pipeline."},
    {.section = kRoute, .name = "columns", .type = Columns, .need = Required, .doc = "As in a pipeline."},
    {.section = kRoute, .name = "each", .type = Text, .doc = "As in a pipeline."},
    {.section = kRoute, .name = "on_conflict", .type = Section, .shape = kOnConflict, .doc = "As in a pipeline."},

    {.section = kOnConflict,
     .name = "key",
     .type = Names,
     .need = Required,
     .doc = "The column, or the list of columns, that tells one row from another. A unique index stands on exactly "
            "these."},
    {.section = kOnConflict,
     .name = "do",
     .type = Choice,
     .fallback = "ignore",
     .choices = "ignore|update",
     .doc = "`ignore`: the row that is there stays. `update`: the other mapped columns get the new values."},
    {.section = kOnConflict,
     .name = "newer_by",
     .type = Text,
     .doc = "With `do: update`: a mapped column, such as a time or a version. A row is only updated by one that is not "
            "older there, however the messages arrive. Without it the last written wins."},

    {.section = kBrake,
     .name = "bad",
     .type = Integer,
     .fallback = "20",
     .least = 1,
     .most = 10'000,
     .doc = "It trips at so many bad messages at least."},
    {.section = kBrake,
     .name = "of",
     .type = Integer,
     .fallback = "200",
     .least = 1,
     .most = 10'000,
     .doc = "How many of the last messages it looks at. All workers of a pipeline in one process count together."},
    {.section = kBrake,
     .name = "percent",
     .type = Integer,
     .fallback = "50",
     .least = 0,
     .most = 99,
     .doc = "And when more than this share of those messages is bad."},

    {.section = kColumn,
     .name = "from",
     .type = Text,
     .doc = "A path into the message (`user_id`, `user.address.city`, `items[0].id`, `\"odd.name\".x`) or message "
            "metadata: `$message_id`, `$sent_at`, `$received_at`, `$receive_count`, `$group_id`, `$sequence_number`, "
            "`$attributes.NAME`, `$body`; with `each` also `$item.PATH`, `$item` and `$index`. `COLUMN: PATH` is short "
            "for `COLUMN: {from: PATH}`. YAML wants quotes around a path with `[ ]` inside `{ }`."},
    {.section = kColumn,
     .name = "mask",
     .type = Choice,
     .choices = "hmac|siv|ip-prefix|truncate|keep-last|redact|drop|sha256",
     .doc = "How a personal value is masked before it is written; see masking.md. `hmac` is the right one for nearly "
            "everything."},
    {.section = kColumn,
     .name = "domain",
     .type = Text,
     .doc = "With `mask: hmac`, `siv` and `ip-prefix`, and needed there: columns that share a domain have equal tokens "
            "for "
            "equal values, others never do. Letters, digits, `_`, `-` and `.`."},
    {.section = kColumn,
     .name = "as",
     .type = Choice,
     .fallback = "text",
     .choices = "text|ip",
     .doc = "With `mask: hmac` and `siv`: what the value is. `ip` gives all spellings of one address one token. "
            "`ip-prefix` and `truncate` take addresses only."},
    {.section = kColumn,
     .name = "keep",
     .type = Integer,
     .least = 1,
     .most = static_cast<std::int64_t>(privacy::kMostKept),
     .doc = "With `mask: keep-last`, and needed there: how many of the last characters are shown, but never more than "
            "half of the value."},
    {.section = kColumn,
     .name = "convert",
     .type = Choice,
     .choices = "major_version|lower|upper|trim|epoch_seconds|epoch_millis|base64|json",
     .doc = "Changes the value before it is masked or written: `major_version` (`2.3.0` becomes 2), `lower`, `upper`, "
            "`trim`, `epoch_seconds` and `epoch_millis` (a number becomes a time), `base64` (what it encodes), `json` "
            "(the "
            "JSON text itself). `lower` and `upper` change ASCII letters only."},
    {.section = kColumn,
     .name = "optional",
     .type = Flag,
     .fallback = "false",
     .doc = "`true`: a message without this path is no bad message, and the column is NULL."},
    {.section = kColumn,
     .name = "default",
     .type = Value,
     .doc = "What stands in the column when the path is absent. An explicit null in the message stays NULL."},
    {.section = kColumn, .name = "value", .type = Value, .doc = "The same value in every row, instead of `from`."},
});

}  // namespace

std::span<const Field> fields() { return kFields; }

}  // namespace sqs2pg::config
