// Reasons of dead letters, see knowledge.h.
#include <array>

#include "cli/knowledge.h"

namespace sqs2pg::cli {
namespace {

constexpr auto kRows = std::to_array<Row>({
    {"not_json", "The body of the message is no JSON: it is cut off, has a syntax error, or is another format.",
     "Mend the producer. When the body is JSON inside an envelope, or base64, say so with `unwrap` or `convert`.",
     "sqs2pg dead-letters list -c FILE --reason not_json\n"
     "sqs2pg dead-letters show ID -c FILE --reveal-body --because \"…\"",
     "envelope invalid_text"},
    {"no_route", "The pipeline has `routes`, and no route's `when` fits the message.",
     "Add a route for this kind of message, or let such messages pass with `otherwise: ignore`; then replay.",
     "sqs2pg check -c FILE\nsqs2pg dead-letters replay -c FILE --reason no_route --dry-run\n"
     "sqs2pg dead-letters replay -c FILE --reason no_route",
     "missing_field"},
    {"envelope", "The envelope that `unwrap` promises (SNS, EventBridge, an S3 pointer) is not what the message is.",
     "Correct `unwrap`, or mend the producer; the place names the member that is absent or of another kind.",
     "sqs2pg dead-letters list -c FILE --reason envelope\nsqs2pg dead-letters replay -c FILE --reason envelope",
     "not_json"},
    {"missing_field",
     "A path that a column is mapped from is not in the message. Present and null would be a value; absent is not.",
     "Correct the path; or say `optional: true` or `default: …` of the column, or `missing: null` of the pipeline, "
     "when it may be absent; then replay.",
     "sqs2pg dead-letters list -c FILE --reason missing_field\n"
     "sqs2pg dead-letters replay -c FILE --reason missing_field --dry-run\n"
     "sqs2pg dead-letters replay -c FILE --reason missing_field",
     "not_null path_never_matched"},
    {"wrong_type",
     "The value is of another kind than its column: a text where a number belongs, an object where a scalar belongs, "
     "something that is no date, uuid or address.",
     "Give the column a type that takes it, or the rule a `convert`; or mend the producer; then replay.",
     "sqs2pg dead-letters list -c FILE --reason wrong_type\n"
     "sqs2pg dead-letters replay -c FILE --reason wrong_type --dry-run\n"
     "sqs2pg dead-letters replay -c FILE --reason wrong_type",
     "out_of_range too_long invalid_text 22P02"},
    {"out_of_range", "A number, date or time is beyond what its column's type holds.",
     "Widen the column (integer to bigint, numeric without a precision), or mend the producer; then replay.",
     "ALTER TABLE … ALTER COLUMN … TYPE bigint;\nsqs2pg dead-letters replay -c FILE --reason out_of_range",
     "wrong_type too_long 22003 22008"},
    {"too_long",
     "A value has more characters than its column takes: varchar(n), char(n) or bit(n). Nothing is ever cut. A masked "
     "value is a token, often longer than what it stands for.",
     "Widen the column, then send these dead letters through once more.",
     "ALTER TABLE … ALTER COLUMN … TYPE text;\nsqs2pg dead-letters replay -c FILE --reason too_long --dry-run\n"
     "sqs2pg dead-letters replay -c FILE --reason too_long",
     "wrong_type mask_column_short 22001"},
    {"invalid_text",
     "The text holds what the database cannot store: a NUL character, half a surrogate pair, bytes that are no UTF-8, "
     "or "
     "a character that a database of another encoding has no place for.",
     "Mend the producer; `ENCODING 'UTF8'` for the database takes every character but NUL.",
     "sqs2pg dead-letters list -c FILE --reason invalid_text", "database_encoding 22021 22P05"},
    {"not_null", "The row has NULL for a column that is NOT NULL: the message says null, or a trigger made it so.",
     "Give the rule a `default`, or let the column be NULL; then replay.",
     "ALTER TABLE … ALTER COLUMN … DROP NOT NULL;\nsqs2pg dead-letters replay -c FILE --reason not_null",
     "missing_field column_not_null 23502"},
    {"unique",
     "A unique constraint of the table holds such a row already. The message itself came for the first time: what "
     "comes "
     "twice from the queue is dropped without a dead letter.",
     "Say with `on_conflict: {key: …, do: ignore}` or `do: update` what is to happen, then replay; or drop them.",
     "sqs2pg dead-letters replay -c FILE --reason unique --dry-run\n"
     "sqs2pg dead-letters drop -c FILE --reason unique --because \"the rows are there\"",
     "conflict_no_index 23505"},
    {"check", "A CHECK constraint of the table refuses the row.",
     "The place names the constraint. Mend the producer or the constraint, then replay.",
     "sqs2pg dead-letters list -c FILE --reason check\nsqs2pg dead-letters replay -c FILE --reason check", "23514"},
    {"foreign_key", "The row points to a row of another table that is not there, or not yet.",
     "Replay when the other table has caught up. Where that is usual, drop the constraint or make the order right.",
     "sqs2pg dead-letters replay -c FILE --reason foreign_key --since 1h", "23503"},
    {"refused", "The server refuses the row for another reason; the dead letter's SQLSTATE says which.",
     "Ask what the SQLSTATE means; of P0001 (a trigger's own error) the trigger's author knows.",
     "sqs2pg dead-letters list -c FILE --reason refused\nsqs2pg explain SQLSTATE", "P0001 23P01 54000"},
    {"fan_out",
     "`each` makes a row an element, and the array has more than 1,000 elements or makes more than the bytes a "
     "message may have.",
     "Let the producer send smaller arrays.", "sqs2pg dead-letters list -c FILE --reason fan_out", "wrong_type"},
    {"personal_data", "The message holds personal data in a place that the configuration does not declare as such.",
     "Mask the column (`mask: hmac`), or declare the place as free of personal data; then replay.",
     "sqs2pg dead-letters list -c FILE --reason personal_data\n"
     "sqs2pg dead-letters replay -c FILE --reason personal_data",
     "mask_sha256"},
});

}  // namespace

std::span<const Row> letter_rows() noexcept { return kRows; }

}  // namespace sqs2pg::cli
