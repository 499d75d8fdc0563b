// The table of fields: a column. See fields.h.
#include "config/fields_parts.h"

#include <array>

#include "privacy/mask.h"

namespace sqs2pg::config {
namespace {

using enum FieldType;
using enum Need;

constexpr auto kFields = std::to_array<Field>({
    {.section = kColumn,
     .name = "from",
     .type = Text,
     .doc = "A path into the message (`user_id`, `user.address.city`, `items[0].id`, `\"odd.name\".x`) or message "
            "metadata: `$message_id`, `$sent_at`, `$received_at`, `$receive_count`, `$group_id`, `$sequence_number`, "
            "`$attributes.NAME`, `$body`; with `unwrap` `$envelope.FIELD`; with `each` `$item.PATH`, `$item` and "
            "`$index`. `COLUMN: PATH` is short "
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

std::span<const Field> column_fields() { return kFields; }

}  // namespace sqs2pg::config
