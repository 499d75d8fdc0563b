// The table of fields: what stands in a pipeline as a section of its own. See fields.h.
#include "config/fields_parts.h"

#include <array>

namespace sqs2pg::config {
namespace {

using enum FieldType;
using enum Need;

constexpr auto kFields = std::to_array<Field>({
    {.section = kS3,
     .name = "buckets",
     .type = Names,
     .doc = "The buckets that a pointer may name, one or a list; any other is the dead letter `envelope`. Without it, "
            "whoever may send to the queue chooses what is read with the pipeline's rights."},
    {.section = kS3,
     .name = "delete_object",
     .type = Flag,
     .fallback = "false",
     .doc =
         "`true`: an object is deleted once its message has become a row and is gone from the queue; objects of dead "
         "letters stay, for the replay. Needs `buckets`."},
    {.section = kS3,
     .name = "region",
     .type = Text,
     .doc =
         "The buckets' region. Without it: that of the queue; and where S3 says that a bucket is in another one, that "
         "one."},
    {.section = kS3,
     .name = "endpoint_url",
     .type = Text,
     .doc =
         "Another S3-compatible server, or a VPC endpoint. Without it: `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`, the "
         "profile, then AWS."},
    {.section = kS3,
     .name = "addressing",
     .type = Choice,
     .fallback = "auto",
     .choices = "auto|path|virtual-host",
     .doc =
         "Whether the bucket stands in the path or in the host of a request. `auto`: in the host at AWS, in the path "
         "at another endpoint and where its name has a dot."},

    {.section = kRoute,
     .name = "when",
     .type = Values,
     .doc = "Paths (or `$attributes.NAME`, `$envelope.FIELD`, `$group_id`) and the value that each must have for a "
            "message to fit; a list "
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
});

}  // namespace

std::span<const Field> kind_fields() { return kFields; }

}  // namespace sqs2pg::config
