// The table of fields: a pipeline. See fields.h.
#include "config/fields_parts.h"

#include <array>

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
    {.section = kPipeline,
     .name = "queue",
     .type = Text,
     .need = Required,
     .doc = "The queue's name, URL or ARN; the queue of another account is named by one of the latter two."},
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
     .fallback = "256",
     .least = 1,
     .most = 512,
     .in_defaults = true,
     .doc = "Receives that one worker keeps running at a time, at most, and as many deletes. There are as many as the "
            "writer can be fed by: a dozen where the queue answers at once, hundreds where it takes 20 ms, one while "
            "there is nothing to receive."},
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
    {.section = kPipeline,
     .name = "unwrap",
     .type = Choices,
     .choices = "sns|eventbridge|s3-pointer|encoding|base64|gzip",
     .in_defaults = true,
     .doc =
         "What the messages are wrapped in; a list from the outside in, such as `[sns, s3-pointer]`. Paths then look "
         "into what was inside, `$attributes.NAME` takes those of an SNS notification too, and `$envelope.FIELD` "
         "takes a field of the envelope. What is not wrapped so is the dead letter `envelope`. See envelopes.md."},
    {.section = kPipeline,
     .name = "max_unwrapped_bytes",
     .type = Bytes,
     .fallback = "16MiB",
     .least = 1024,
     .most = 256 * kMiB,
     .in_defaults = true,
     .doc =
         "With `unwrap`: the bytes of a body that was decompressed, or fetched from S3, at most; a larger one is the "
         "dead letter `envelope`."},
    {.section = kPipeline,
     .name = "s3",
     .type = Section,
     .in_defaults = true,
     .doc = "With `unwrap: s3-pointer`: where the objects are, and what becomes of them."},
    {.section = kPipeline,
     .name = "brake",
     .type = Section,
     .fallback = "on",
     .choices = "on|off",
     .in_defaults = true,
     .doc = "Pauses the pipeline when too many of the last messages are bad, so that a wrong mapping does not turn a "
            "whole queue into dead letters. `sqs2pg resume` ends the pause. `off`: no brake."},
});

}  // namespace

std::span<const Field> pipeline_fields() { return kFields; }

}  // namespace sqs2pg::config
