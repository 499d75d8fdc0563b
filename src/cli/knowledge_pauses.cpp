// Causes of pauses and refused starts that are neither a SQLSTATE nor a code of SQS, see knowledge.h.
#include <array>

#include "cli/knowledge.h"

namespace sqs2pg::cli {
namespace {

constexpr std::string_view kCheck = "sqs2pg check -c FILE";
constexpr std::string_view kMigrate = "sqs2pg migrate -c FILE\nsqs2pg resume PIPELINE -c FILE";
constexpr std::string_view kKeyCheck = "sqs2pg key check FILE";

constexpr auto kRows = std::to_array<Row>({
    {"operator", "Somebody paused the pipeline with `sqs2pg pause`; every process obeys, also those that start later.",
     "Resume it when the reason is gone; `status` names who paused it, when and why.",
     "sqs2pg status -c FILE\nsqs2pg resume PIPELINE -c FILE", "brake Sqs2pgPausedLong"},
    {"brake",
     "Of the last 200 messages at least 20, and more than half, were bad: that looks like a wrong mapping. The "
     "pipeline "
     "pauses everywhere before the whole queue becomes dead letters; bad messages stay in the queue.",
     "Look at what is bad, mend the mapping or the producer, then resume. `brake: off` of the pipeline lets bad "
     "messages "
     "become dead letters all the same.",
     "sqs2pg dead-letters list -c FILE --counts --since 1h\nsqs2pg check -c FILE\nsqs2pg resume PIPELINE -c FILE",
     "missing_field wrong_type operator"},
    {"ledger_range",
     "A message's SentTimestamp lies in no partition of the ledger: maintenance did not run, or the clock that sent it "
     "is wrong. The message is neither written nor deleted.",
     "Let `migrate` make the partitions. If it says that there is nothing to do, look at the sender's clock.", kMigrate,
     "ledger_partitions maintenance_failed clock"},
    {"no_schema", "The database has no schema sqs2pg, or one of another version: without it nothing can be exact.",
     "Make or upgrade it, as its owner; running processes then go on by themselves.", kMigrate, "schema 3F000"},
    {"no_sent_timestamp",
     "The queue service sent a message without SentTimestamp, which the ledger's key needs. Real SQS always sends it.",
     "Use a service that does (docs/compatibility.md), then resume.", "sqs2pg resume PIPELINE -c FILE", "endpoint"},
    {"mapping",
     "The configuration and the table do not fit each other: a mapped column is gone, renamed or generated, a NOT NULL "
     "column has nothing that fills it, or a mask has no room. Nothing is lost or dead-lettered for it.",
     "Mend the table or the configuration; both are read again by themselves.", kCheck,
     "column_absent column_not_null column_generated table_changed"},
    {"no_credentials", "No AWS credentials were found in any of the places where the AWS CLI looks for them.",
     "Give some: environment, profile, container or instance role. The sentence says where was looked.",
     "aws sts get-caller-identity\nsqs2pg check -c FILE", "credentials partial_credentials"},
    {"rds_region", "`postgres.auth: rds-iam` needs the database's region for its token, and nothing tells it.",
     "Set `postgres.region`.", kCheck, "conninfo credentials"},
    {"partial_credentials",
     "A source of AWS credentials is set up by half: one of two keys, a role without its source.",
     "Set what the sentence names, or take the rest away too; docs/credentials.md.",
     "env | grep -c '^AWS_'\nsqs2pg check -c FILE", "no_credentials"},
    {"no_profile", "A profile that is asked for by name is not in the AWS files.",
     "Correct `aws.profile`, AWS_PROFILE or `source_profile`, or add the profile.", "aws configure list-profiles",
     "no_credentials"},
    {"profile_loop", "Profiles of the AWS files lead to each other in a circle by `source_profile`.",
     "End the circle at a profile with credentials of its own; the sentence shows the way round.", kCheck,
     "no_profile"},
    {"expired", "The AWS credentials have ended, and their source has no newer ones.",
     "Renew them there: sign in again, export new ones, look at what the sentence names.",
     "aws sts get-caller-identity\nsqs2pg check -c FILE", "no_credentials sso_expired"},
    {"token_file", "The file with the token for AWS cannot be read, is empty or holds no token.",
     "Look at what mounts and renews it: a projected volume of Kubernetes, mostly.", kCheck, "no_credentials"},
    {"sso_login", "Nobody has signed in with IAM Identity Center on this machine.",
     "Run the `aws sso login` that the sentence names, as the user that runs sqs2pg.", kCheck, "sso_expired"},
    {"sso_expired", "The sign-in with IAM Identity Center has ended and cannot be renewed.",
     "Run the `aws sso login` that the sentence names, as the user that runs sqs2pg.", kCheck, "sso_login"},
    {"endpoint", "The address of SQS cannot be told: there is neither a region nor an endpoint, or it is no URL.",
     "Set `aws.region` (or AWS_REGION), or `aws.endpoint_url`.", kCheck, "bad_url"},
    {"bad_url", "An address in the configuration or the environment is no URL that can be used.",
     "Correct it: `https://HOST[:PORT][/PATH]`.", kCheck, "endpoint conninfo"},
    {"bad_path", "A `from` or `when` of the configuration is no path.",
     "Write `user.address.city` or `items[0].id`; docs/mapping.md has the rules.", kCheck, "configuration"},
    {"conninfo", "`postgres.url` is no connection string, or holds an option that is not known.",
     "Write `postgresql://USER@HOST:PORT/DATABASE?sslmode=verify-full`.", kCheck, "database_connect"},
    {"host_not_found", "The name of the host cannot be resolved: it is wrong, or there is no DNS.",
     "Correct the name, or mend DNS; `run` waits and tries again.", "getent hosts HOST\nsqs2pg check -c FILE", ""},
    {"tls_failed", "TLS failed: the certificate is not trusted, has expired, or is for another name.",
     "Give the authority's certificate (AWS_CA_BUNDLE, or `sslrootcert` in `postgres.url`), or use the name that the "
     "certificate is for. Do not turn the verification off.",
     "openssl s_client -connect HOST:443 -servername HOST </dev/null\nsqs2pg check -c FILE", "database_tls"},
    {"bad_proxy", "HTTPS_PROXY or HTTP_PROXY is no URL of an HTTP proxy (SOCKS is not supported).",
     "Write `http://[USER:PASSWORD@]HOST:PORT`, percent-encoded, or take the variable away.", kCheck,
     "proxy_refused endpoint"},
    {"proxy_refused", "The proxy does not allow a connection to SQS, or is no proxy for HTTPS.",
     "Have host and port allowed there, name the host in NO_PROXY, or correct the variable.", kCheck,
     "proxy_authentication bad_proxy"},
    {"proxy_authentication", "The proxy asks for a user and password, or does not accept those of the variable.",
     "Write `http://USER:PASSWORD@HOST:PORT` into the variable, percent-encoded (Basic authentication).", kCheck,
     "proxy_refused"},
    {"tls",
     "TLS with PostgreSQL failed: the server does not speak it, its certificate is not trusted, or `sslmode` would "
     "send a "
     "password that is made for one connection in clear.",
     "Write `sslmode=verify-full` in `postgres.url`, with `sslrootcert` where the authority is not the system's.",
     kCheck, "tls_failed database_tls"},
    {"no_password", "PostgreSQL asks for a password and none is configured.",
     "Give it by `postgres.password_file`, PGPASSWORD or .pgpass.", kCheck, "28P01 database_connect"},
    {"socket_denied", "PostgreSQL's socket may not be opened by this user.",
     "Run as a user of its group, or connect by TCP.", kCheck, "database_connect"},
    {"bad_request", "A request could not be formed from what the configuration says.", "Correct queue and endpoint.",
     kCheck, "endpoint"},
    {"keys", "The keys cannot be opened; nothing can be masked and no dead letter sealed.",
     "Make a key file once and keep a copy; then name it in `keys: {file: …}`.",
     "sqs2pg key new -o FILE\nsqs2pg key check -c FILE", "key_file wrong_key"},
    {"key_file", "The key file cannot be read, can be written by others, or is not what a key file is.",
     "Correct its place, owner and mode.", "sqs2pg key check FILE\nchmod 0400 FILE", "keys"},
    {"wrong_key",
     "The key under this id is another one than the database has seen: its tokens would join with no row written so "
     "far.",
     "Restore the key file that was used before. A new key needs a new id.", kKeyCheck, "key_value unknown_key"},
    {"unknown_key", "The database has no check value of this key id.", "Let `migrate` store it.", kMigrate,
     "key_unknown wrong_key"},
    {"no_siv", "libgcrypt on this machine has no AES-SIV, which `mask: siv` needs.",
     "Install libgcrypt 1.10 or later, or use `mask: hmac`.", "sqs2pg version", ""},
    {"name", "The name of a role in the configuration is none that PostgreSQL takes.", "Correct the name.", kCheck,
     "configuration"},
    {"cannot_listen", "The ops port is taken, or its address is none of this machine.",
     "Name another with `--ops HOST:PORT` or `ops.listen`, or turn it off.", "ss -ltnp\nsqs2pg run -c FILE --ops off",
     ""},
    {"bad_listen", "The address of the ops port is no HOST:PORT.", "Write `127.0.0.1:9464`, or `off`.",
     "sqs2pg run -c FILE --ops 127.0.0.1:9464", "cannot_listen"},
    {"bad_answer", "The server answered in a way that the protocol does not allow; a proxy may stand between.",
     "Connect past the proxy or pooler. If it stays, report it with the version of sqs2pg and of the server.",
     "sqs2pg version\nsqs2pg check -c FILE", "database_pooler"},
    {"bad_report", "The database's report of a replay does not match what was sent.",
     "Nothing was changed. Report it with the version of sqs2pg.", "sqs2pg version", "bad_answer"},
    {"out_of_memory", "A worker had no memory left.",
     "Give the process more, or run fewer `--workers`; what was in flight comes again.",
     "sqs2pg run -c FILE --workers 1", "bug"},
    {"bug", "Something happened that nobody expected. What was in flight comes again; the ledger keeps it exact.",
     "Report it with the version and the log line. The pipeline is tried again by itself.", "sqs2pg version",
     "out_of_memory"},
});

}  // namespace

std::span<const Row> pause_rows() noexcept { return kRows; }

}  // namespace sqs2pg::cli
