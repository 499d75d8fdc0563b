// The table of fields: the file, its connections and what concerns the process. See fields.h.
#include "config/fields_parts.h"

#include <array>

namespace sqs2pg::config {
namespace {

using enum FieldType;
using enum Need;

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
     .name = "password_secret",
     .type = Text,
     .doc =
         "Where AWS keeps the password: `secretsmanager:NAME` (or an ARN), `ssm:/path/name`. Of a secret that is a "
         "JSON object the member `password` is taken, or the one behind `#`: `secretsmanager:NAME#member`. Read with "
         "the credentials of `aws:`, and anew when the database refuses it. Instead of `password`. See secrets.md."},
    {.section = "postgres",
     .name = "auth",
     .type = Choice,
     .fallback = "password",
     .choices = "password|rds-iam",
     .doc = "`rds-iam` signs in to Amazon RDS or Aurora with a token that is made for each connection out of the "
            "credentials of `aws:`, instead of a password; always over TLS, and with `sslmode=verify-full` unless "
            "`url` says otherwise. The role needs `GRANT rds_iam TO role`, the identity `rds-db:connect`."},
    {.section = "postgres",
     .name = "region",
     .type = Text,
     .doc = "The database's region, for `auth: rds-iam`. Without it: the one that its host's name tells "
            "(`….eu-central-1.rds.amazonaws.com`), then that of `aws:`."},
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
     .doc = "A profile of the AWS configuration files; it goes before keys in the environment. Without it: "
            "`AWS_PROFILE`, then `default`. See credentials.md."},
    {.section = "aws",
     .name = "use_fips_endpoint",
     .type = Flag,
     .doc = "Ask the FIPS endpoints of AWS. Without it: `AWS_USE_FIPS_ENDPOINT`, the profile, then no."},
    {.section = "aws",
     .name = "use_dualstack_endpoint",
     .type = Flag,
     .doc = "Ask the endpoints that answer on IPv6 too. Without it: `AWS_USE_DUALSTACK_ENDPOINT`, the profile, then "
            "no."},
    {.section = "aws",
     .name = "ca_bundle",
     .type = Text,
     .doc =
         "A PEM file of CA certificates that are trusted for HTTPS instead of the system's, such as those of a proxy "
         "that looks into TLS; a relative path counts from this file's folder. Without it: `AWS_CA_BUNDLE`, the "
         "profile, then the system's. Proxies: see network.md."},
    {.section = "aws",
     .name = "role_arn",
     .type = Text,
     .doc = "A role that is assumed with whatever credentials are found, such as one of the account that the queue "
            "belongs to."},
    {.section = "aws",
     .name = "external_id",
     .type = Text,
     .doc = "What the trust policy of `role_arn` asks for as sts:ExternalId."},
    {.section = "aws",
     .name = "role_session_name",
     .type = Text,
     .fallback = "sqs2pg",
     .doc = "How CloudTrail names what is done in `role_arn`."},

    {.section = "keys",
     .name = "file",
     .type = Text,
     .doc = "The key file that `sqs2pg key new -o FILE` makes. A relative path counts from this file's folder."},
    {.section = "keys",
     .name = "env",
     .type = Text,
     .doc = "The name of an environment variable that holds the key file's text. Instead of `file`."},
    {.section = "keys",
     .name = "secret",
     .type = Text,
     .doc = "Where AWS keeps the key file's text: `secretsmanager:NAME` (or an ARN, with `#member` or without), "
            "`ssm:/path/name`. Read with the credentials of `aws:`. Instead of `file`. See secrets.md."},
    {.section = "keys",
     .name = "kms_file",
     .type = Text,
     .doc = "The key file encrypted by AWS KMS, in base64, as `aws kms encrypt --encryption-context sqs2pg=keys` makes "
            "it. A relative path counts from this file's folder. Instead of `file`. See secrets.md."},
    {.section = "keys",
     .name = "refresh",
     .type = Seconds,
     .fallback = "1h",
     .least = 5,
     .most = 604'800,
     .doc = "How often `secret` or `kms_file` is read again while pipelines run; SIGHUP does it at once."},

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
});

}  // namespace

std::span<const Field> process_fields() { return kFields; }

}  // namespace sqs2pg::config
