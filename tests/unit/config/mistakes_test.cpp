// Each mistake by itself: its exact place and its exact sentence.
#include <gtest/gtest.h>

#include "unit/config/texts.h"

namespace sqs2pg::config {
namespace {

using testing_texts::kRight;
using testing_texts::mistakes_of;

struct Case {
    const char* name;
    std::string yaml;
    std::string expected;  // without the last line end
};

class OneMistake : public testing::TestWithParam<Case> {};

TEST_P(OneMistake, IsSaidOnceWithItsPlace) { EXPECT_EQ(mistakes_of(GetParam().yaml), GetParam().expected + "\n"); }

const auto kName = [](const auto& info) { return info.param.name; };

// A text of kRight with one line replaced (lines count from 1).
std::string with_line(int line, const std::string& replacement) {
    std::string out;
    std::string rest = kRight;
    for (int i = 1; !rest.empty(); ++i) {
        auto end = rest.find('\n') + 1;
        out += i == line ? replacement + "\n" : rest.substr(0, end);
        rest.erase(0, end);
    }
    return out;
}

std::string with_columns(const std::string& lines) { return kRight + lines + "\n"; }

INSTANTIATE_TEST_SUITE_P(
    Structure, OneMistake,
    testing::Values(
        Case{"Empty", "", "f.yaml:1:1: the configuration is empty; it needs at least `keys` and `pipelines`"},
        Case{"OnlyComments", "# nothing\n",
             "f.yaml:1:1: the configuration is empty; it needs at least `keys` and `pipelines`"},
        Case{"AList", "- a\n",
             "f.yaml:1:1: the configuration is a map of `postgres`, `aws`, `keys`, `ops`, `log`, `dead_letters`, "
             "`pipelines`, `defaults` or `max_connections`"},
        Case{"SyntaxError", "keys: {file: /k\n",
             "f.yaml:2:1: not valid YAML: end of map flow not found (inside { } a text that holds [ ] { } or a comma "
             "needs quotes)"},
        Case{"BadIndentation", "keys:\n  file: /k\n env: x\n", "f.yaml:3:2: not valid YAML: end of map not found"},
        Case{"ControlCharacter", std::string("keys:\n  file: \x04k\n"),
             "f.yaml:2:9: not a text file: there is a control character or a byte that is not UTF-8"},
        Case{"NotUtf8", "keys:\n  file: \xfck\n",
             "f.yaml:2:9: not a text file: there is a control character or a byte that is not UTF-8"},
        Case{"UnknownTopKey", kRight + "postgers: {}\n",
             "f.yaml:8:1: unknown key `postgers` in the configuration; did you mean `postgres`?"},
        Case{"UnknownKeyNearNothing", kRight + "log: {zzzzzzzz: 1}\n",
             "f.yaml:8:7: unknown key `zzzzzzzz` in `log`; it takes `format` or `level`"},
        Case{"DuplicateKey", kRight + "keys: {file: /other}\n",
             "f.yaml:8:1: `keys` stands twice, first in line 1; leave one"},
        Case{"DuplicateDeepKey", kRight + "aws:\n  region: a\n  region: b\n",
             "f.yaml:10:3: `region` stands twice, first in line 9; leave one"},
        Case{"DuplicateColumn", with_columns("      a: b"), "f.yaml:8:7: `a` stands twice, first in line 7; leave one"},
        Case{"DuplicatePipeline", kRight + "  p: {queue: r, table: t, columns: {a: a}}\n",
             "f.yaml:8:3: `p` stands twice, first in line 3; leave one"},
        Case{"MergeKey", with_columns("      <<: {b: b}"),
             "f.yaml:8:7: merge keys (`<<`) are not supported; write the lines out, or repeat a whole value with an "
             "anchor "
             "(`&name`) and an alias (`*name`)"},
        Case{"Tag", with_columns("      b: !!str b"),
             "f.yaml:8:10: a YAML tag (`!…`) means nothing here; leave it out"},
        Case{"SecondDocument", kRight + "---\na: b\n", "f.yaml:9:1: a second YAML document; one file holds one"},
        Case{"KeyIsAList", kRight + "? [a]\n: b\n", "f.yaml:8:3: a key is a name, not a list, a map or nothing"},
        Case{"SectionIsAText", kRight + "aws: here\n", "f.yaml:8:6: `aws` is a map"},
        Case{"SectionIsEmpty", kRight + "aws:\n", "f.yaml:8:1: `aws` has no value; it is a map, or leave the line out"},
        Case{"LaterSection", kRight + "vault: {}\n", "f.yaml:8:1: `vault` is not supported yet by this version"},
        Case{"NoPipelines", "keys: {file: /k}\n",
             "f.yaml:1:1: `pipelines` is absent; write a name under it, and there `queue`, `table` and `columns`"},
        Case{"EmptyPipelines", "keys: {file: /k}\npipelines: {}\n",
             "f.yaml:2:12: `pipelines` is empty; write a name, and under it `queue`, `table` and `columns`"},
        Case{"TooDeep", kRight + "aws: " + std::string(40, '[') + std::string(40, ']') + "\n",
             "f.yaml:8:37: nested too deeply: more than 32 levels"},
        Case{"TooLarge", std::string((1u << 20) + 1, '#'), "f.yaml: larger than 1 MiB; this is not a configuration"}),
    kName);

INSTANTIATE_TEST_SUITE_P(
    Environment, OneMistake,
    testing::Values(
        Case{"NotSet", kRight + "aws: {region: \"${REGION}\"}\n",
             "f.yaml:8:15: the environment variable `REGION` is not set"},
        Case{"NotClosed", kRight + "aws:\n  region: ${REGION\n",
             "f.yaml:9:11: `${` without its `}`; write `$${` for a literal one"},
        Case{"BadName", kRight + "aws:\n  region: ${A-B}\n",
             "f.yaml:9:11: `${…}` takes the name of an environment variable (letters, digits, `_`); write `$${` for a "
             "literal `${`"}),
    kName);

INSTANTIATE_TEST_SUITE_P(
    Process, OneMistake,
    testing::Values(
        Case{"Url", kRight + "postgres:\n  url: mysql://u:hunter2@h/d\n",
             "f.yaml:9:8: `url` is a URL (`postgresql://role@host/database`) or `key=value` pairs, as for psql"},
        Case{"UrlIsAMap", kRight + "postgres:\n  url: {a: b}\n", "f.yaml:9:8: `url` is a text"},
        Case{"EmptyPassword", kRight + "postgres:\n  password: ''\n", "f.yaml:9:13: `password` is empty"},
        Case{"PasswordSecretIsNone", kRight + "postgres:\n  password_secret: 'secretsmanager:db:password'\n",
             "f.yaml:9:20: `password_secret` is neither a name nor an ARN (a member of the JSON stands behind `#`)"},
        Case{"PasswordAndSecret", kRight + "postgres:\n  password: hunter2\n  password_secret: ssm:/p\n",
             "f.yaml:10:20: both `password` and `password_secret`; leave one"},
        Case{"SecretBesideIam", kRight + "postgres:\n  auth: rds-iam\n  password_secret: ssm:/p\n",
             "f.yaml:10:20: `password_secret` beside `auth: rds-iam`, which makes its own; leave one"},
        Case{"TwoPasswords", kRight + "postgres:\n  password: hunter2\n  password_file: /p\n",
             "f.yaml:10:18: both `password` and `password_file`; leave one"},
        Case{"AbsentPasswordFile", kRight + "postgres:\n  password_file: /nowhere/p\n",
             "f.yaml:9:18: `password_file`: `/nowhere/p` is not there"},
        Case{"EndpointWithoutScheme", kRight + "aws:\n  endpoint_url: localhost:9324\n",
             "f.yaml:9:17: `endpoint_url` begins with `http://` or `https://`, such as `http://127.0.0.1:9324`"},
        Case{"Region", kRight + "aws:\n  region: eu central 1\n",
             "f.yaml:9:11: `region` is a region's name, such as `eu-central-1`"},
        Case{"RoleArn", kRight + "aws:\n  role_arn: consumer\n",
             "f.yaml:9:13: `role_arn` is a role's ARN, such as `arn:aws:iam::123456789012:role/NAME`"},
        Case{"ExternalIdAlone", kRight + "aws:\n  external_id: x\n",
             "f.yaml:9:16: `external_id` belongs to a `role_arn`, and there is none"},
        Case{"RoleSessionName", kRight + "aws:\n  role_arn: arn:aws:iam::1:role/x\n  role_session_name: a b\n",
             "f.yaml:10:22: `role_session_name` is 2 to 64 letters, digits and any of `_+=,.@-`"},
        Case{"NoKeys", kRight.substr(kRight.find('\n') + 1),
             "f.yaml:1:1: `keys` is absent: dead letters are sealed with them, whether a column is masked or not; make "
             "a key "
             "file with `sqs2pg key new -o FILE` and write `keys: {file: FILE}`"},
        Case{"NoKeysButHmac", kRight.substr(kRight.find('\n') + 1) + "      b: {from: b, mask: hmac, domain: d}\n",
             "f.yaml:1:1: `keys` is absent: the mask at f.yaml:7:26 and the sealing of dead letters need them; make "
             "a key "
             "file with `sqs2pg key new -o FILE` and write `keys: {file: FILE}`"},
        Case{"KeysNameNothing", with_line(1, "keys: {}"),
             "f.yaml:1:7: `keys` names no keys; write `file: PATH`, `env: NAME`, `secret: secretsmanager:NAME` or "
             "`kms_file: "
             "PATH`"},
        Case{"KeysNameSecretAndFile", with_line(1, "keys: {file: /k, secret: 'ssm:/k', kms_file: /w}"),
             "f.yaml:1:26: both `file` and `secret`; leave one\nf.yaml:1:46: both `file` and `kms_file`; leave one"},
        Case{"KeysSecretIsNone", with_line(1, "keys: {secret: hunter2}"),
             "f.yaml:1:16: `secret` names no secret: write `secretsmanager:NAME`, `secretsmanager:NAME#member` or "
             "`ssm:/path/name`"},
        Case{"KeysRefreshOfAFile", with_line(1, "keys: {file: /k, refresh: 1h}"),
             "f.yaml:1:27: `refresh` is for `secret` and `kms_file`; a key file is read again on SIGHUP"},
        Case{"KeysNameBoth", with_line(1, "keys: {file: /k, env: K}"),
             "f.yaml:1:23: both `file` and `env`; leave one\nf.yaml:1:23: the environment variable `K` is not set"},
        Case{"KeysVariableNotSet", with_line(1, "keys: {env: KEYS}"),
             "f.yaml:1:13: the environment variable `KEYS` is not set"},
        Case{"KeysVariableIsAKey", with_line(1, "keys: {env: AAEC+w==}"),
             "f.yaml:1:13: `env` is the name of an environment variable, not its value; write `env: SQS2PG_KEYS` and "
             "set it"},
        Case{"Listen", kRight + "ops: {listen: 9464}\n",
             "f.yaml:8:15: `listen` is HOST:PORT, such as `127.0.0.1:9464`, or `off`"},
        Case{"LogFormat", kRight + "log: {format: jsno}\n",
             "f.yaml:8:15: `format` cannot be `jsno`; did you mean `json`?"},
        Case{"LogLevel", kRight + "log: {level: everything}\n",
             "f.yaml:8:14: `level` is `debug`, `info`, `warn`, `error` or `off`"},
        Case{"RetentionOutOfBounds", kRight + "dead_letters: {retention_days: 0}\n",
             "f.yaml:8:32: `retention_days` is a whole number from 1 to 3,650"}),
    kName);

INSTANTIATE_TEST_SUITE_P(
    Pipeline, OneMistake,
    testing::Values(
        Case{"Name", with_line(3, "  p q:"), "f.yaml:3:3: a pipeline's name has 1 to 63 letters, digits, `_` and `-`"},
        Case{"UnknownKey", kRight + "    visibility_timout: 60\n",
             "f.yaml:8:5: unknown key `visibility_timout` in the pipeline `p`; did you mean `visibility_timeout`?"},
        Case{"BrakeOfAWord", kRight + "    brake: no\n", "f.yaml:8:12: `brake` is `on` or `off`, or a map"},
        Case{"BrakeOfMoreThanAll", kRight + "    brake: {bad: 20, of: 10}\n",
             "f.yaml:8:18: `bad` is more than `of`: of 10 messages there cannot be 20 bad ones"},
        Case{"BrakeOfMoreThanShares", kRight + "    brake: {percent: 100}\n",
             "f.yaml:8:22: `percent` is a whole number from 0 to 99"},
        Case{"UnwrapOfAnotherName", kRight + "    unwrap: snss\n",
             "f.yaml:8:13: `unwrap` cannot be `snss`; did you mean `sns`?"},
        Case{
            "UnwrapInAList", kRight + "    unwrap: [sns, kafka]\n",
            "f.yaml:8:19: `unwrap` is `sns`, `eventbridge`, `s3-pointer`, `encoding`, `base64` or `gzip`, or a list of "
            "them"},
        Case{
            "UnwrapOfNothing", kRight + "    unwrap: []\n",
            "f.yaml:8:13: `unwrap` is `sns`, `eventbridge`, `s3-pointer`, `encoding`, `base64` or `gzip`, or a list of "
            "them"},
        Case{"UnwrapTwice", kRight + "    unwrap: [sns, gzip, sns]\n", "f.yaml:8:25: `unwrap` names `sns` twice"},
        Case{"EnvelopeWithoutUnwrap", with_line(7, "      a: $envelope.TopicArn"),
             "f.yaml:7:10: column `a`: at character 11 of the path: no such field of the envelope: without `unwrap` "
             "there is no envelope"},
        Case{
            "EnvelopeOfAnother", with_line(7, "      a: $envelope.region") + "    unwrap: s3-pointer\n",
            "f.yaml:7:10: column `a`: at character 11 of the path: no such field of the envelope: `unwrap: s3-pointer` "
            "has s3BucketName, s3Key"},
        Case{"EnvelopeNearly", with_line(7, "      a: $envelope.TopicARN") + "    unwrap: sns\n",
             "f.yaml:7:10: column `a`: at character 11 of the path: did you mean `$envelope.TopicArn`?"},
        Case{"S3WithoutPointer", kRight + "    unwrap: sns\n    s3: {region: eu-central-1}\n",
             "f.yaml:9:9: `s3` belongs to `unwrap: s3-pointer`, which is not there"},
        Case{"DeleteWithoutBuckets", kRight + "    unwrap: s3-pointer\n    s3: {delete_object: true}\n",
             "f.yaml:9:25: `delete_object` needs `buckets`: else whoever may send to the queue could have any object "
             "deleted that the pipeline's role may delete"},
        Case{"BucketsName", kRight + "    unwrap: s3-pointer\n    s3: {buckets: [a/b]}\n",
             "f.yaml:9:20: `buckets` names buckets: 3 to 63 letters, digits, dots and dashes each"},
        Case{"NoQueue", with_line(4, ""), "f.yaml:3:3: the pipeline `p` has no `queue`"},
        Case{"NoTable", with_line(5, ""), "f.yaml:3:3: the pipeline `p` has no `table`"},
        Case{"NoColumns", "keys: {file: /k}\npipelines:\n  p: {queue: q, table: t}\n",
             "f.yaml:3:3: the pipeline `p` has no `columns`"},
        Case{"EmptyColumns", "keys: {file: /k}\npipelines:\n  p: {queue: q, table: t, columns: {}}\n",
             "f.yaml:3:36: `columns` is empty; write a line `column: path` for each column to fill"},
        Case{"QueueIsAnotherArn", with_line(4, "    queue: arn:aws:sns:eu-central-1:123456789012:q"),
             "f.yaml:4:12: `queue` is not the ARN of a queue; such as `arn:aws:sqs:eu-central-1:123456789012:NAME`"},
        Case{"QueueName", with_line(4, "    queue: a queue"),
             "f.yaml:4:12: `queue` is a queue's name (at most 80 letters, digits, `-` and `_`), its URL or its ARN"},
        Case{"QueueWithoutValue", with_line(4, "    queue:"),
             "f.yaml:4:5: `queue` has no value; it is a text, or leave the line out"},
        Case{
            "QueueTwice", kRight + "  other: {queue: q, table: t, columns: {a: a}}\n",
            "f.yaml:8:18: the pipeline `p` reads this queue already, and a message reaches only one of them; give each "
            "pipeline its own queue"},
        Case{
            "Table", with_line(5, "    table: a.b.c"),
            "f.yaml:5:12: `table` is `table` or `schema.table`, at most 63 bytes each; a name with a dot, a blank or a "
            "quote in it stands in double quotes"},
        Case{"Missing", kRight + "    missing: nul\n", "f.yaml:8:14: `missing` cannot be `nul`; did you mean `null`?"},
        Case{"TimeWithoutNumber", kRight + "    visibility_timeout: soon\n",
             "f.yaml:8:25: `visibility_timeout` is a time from 10s to 12h, such as 60, 90s or 2m"},
        Case{"TimeTooShort", kRight + "    visibility_timeout: 9s\n",
             "f.yaml:8:25: `visibility_timeout` is a time from 10s to 12h, such as 60, 90s or 2m"},
        Case{"TimeTooLong", kRight + "    visibility_timeout: 13h\n",
             "f.yaml:8:25: `visibility_timeout` is a time from 10s to 12h, such as 60, 90s or 2m"},
        Case{"NumberIsNegative", kRight + "    max_polls: -1\n",
             "f.yaml:8:16: `max_polls` is a whole number from 1 to 512"},
        Case{"NumberOverflows", kRight + "    max_polls: 99999999999999999999999\n",
             "f.yaml:8:16: `max_polls` is a whole number from 1 to 512"},
        Case{"NumberIsAFraction", kRight + "    max_batch_rows: 1.5\n",
             "f.yaml:8:21: `max_batch_rows` is a whole number from 1 to 50,000"},
        Case{"SizeTooSmall", kRight + "    max_in_flight_bytes: 1MiB\n",
             "f.yaml:8:26: `max_in_flight_bytes` is a size from 2MiB to 4GiB, such as 64MiB"}),
    kName);

INSTANTIATE_TEST_SUITE_P(
    Column, OneMistake,
    testing::Values(
        Case{"NoPath", with_columns("      b:"),
             "f.yaml:8:7: the column `b` has no path; write where its value comes from, such as `user_id`, "
             "`user.address.city` or `$sent_at`"},
        Case{"List", with_columns("      b: [c]"),
             "f.yaml:8:10: the column `b` has no path; write where its value comes from, such as `user_id`, "
             "`user.address.city` or `$sent_at`"},
        Case{"BadPath", with_columns("      b: c..d"),
             "f.yaml:8:10: column `b`: at character 3 of the path: a member's name is missing"},
        Case{"BadPathInTheLongForm", with_columns("      b: {from: 'c[x]'}"),
             "f.yaml:8:17: column `b`: at character 3 of the path: an index is a number, as in items[0]"},
        Case{"UnknownMetadata", with_columns("      b: $sentat"),
             "f.yaml:8:10: column `b`: at character 1 of the path: message metadata is one of $message_id, $sent_at, "
             "$received_at, $receive_count, $group_id, $sequence_number, $body, $attributes.NAME, with `unwrap` "
             "$envelope.FIELD, and with `each` "
             "$item, "
             "$item.PATH and $index"},
        Case{"NoFrom", with_columns("      b: {optional: true}"),
             "f.yaml:8:7: the column `b` has no `from`; write the path of its value, or a `value`"},
        Case{"UnknownKey", with_columns("      b: {from: c, maks: hmac}"),
             "f.yaml:8:20: unknown key `maks` in the column `b`; did you mean `mask`?"},
        Case{"ValueBesideFrom", with_columns("      b: {from: c, value: 1}"),
             "f.yaml:8:17: `from` beside `value`, which is the same in every row; leave one of them"},
        Case{"ItemWithoutEach", with_columns("      b: $item.sku"),
             "f.yaml:7:7: the column `b` takes `$item.sku`, which there is only beside `each: PATH`"},
        Case{"UnknownMask", with_columns("      b: {from: c, mask: hmca, domain: d}"),
             "f.yaml:8:26: `mask` cannot be `hmca`; did you mean `hmac`?"},
        Case{"SivWithoutDomain", with_columns("      b: {from: c, mask: siv}"),
             "f.yaml:8:26: `mask: siv` needs a `domain`: columns that share one join, others never do; write for "
             "instance `domain: ip`"},
        Case{"KeepLastWithoutKeep", with_columns("      b: {from: c, mask: keep-last}"),
             "f.yaml:8:26: `mask: keep-last` needs `keep`: how many of the last characters are shown; write for "
             "instance `keep: 4`"},
        Case{"KeepOfNothing", with_columns("      b: {from: c, mask: keep-last, keep: 0}"),
             "f.yaml:8:43: `keep` is a whole number from 1 to 32"},
        Case{"KeepOfHmac", with_columns("      b: {from: c, mask: hmac, domain: d, keep: 4}"),
             "f.yaml:8:49: `keep` belongs to `mask: keep-last`; `mask: hmac` has none"},
        Case{"KeepWithoutMask", with_columns("      b: {from: c, keep: 4}"),
             "f.yaml:8:26: `keep` without `mask`; write `mask: keep-last` beside it, or leave it out"},
        Case{"TruncateOfText", with_columns("      b: {from: c, mask: truncate, as: text}"),
             "f.yaml:8:40: `mask: truncate` takes addresses only; leave `as` out"},
        Case{"DomainOfTruncate", with_columns("      b: {from: c, mask: truncate, domain: d}"),
             "f.yaml:8:44: `domain` belongs to `mask: hmac`, `siv` and `ip-prefix`; `mask: truncate` has none"},
        Case{"HmacWithoutDomain", with_columns("      b: {from: c, mask: hmac}"),
             "f.yaml:8:26: `mask: hmac` needs a `domain`: columns that share one join, others never do; write for "
             "instance "
             "`domain: ip`"},
        Case{"DomainWithoutMask", with_columns("      b: {from: c, domain: d}"),
             "f.yaml:8:28: `domain` without `mask`; write `mask: hmac` beside it, or leave it out"},
        Case{"AsWithoutMask", with_columns("      b: {from: c, as: ip}"),
             "f.yaml:8:24: `as` without `mask`; write `mask: hmac` beside it, or leave it out"},
        Case{"DomainOfRedact", with_columns("      b: {from: c, mask: redact, domain: d}"),
             "f.yaml:8:42: `domain` belongs to `mask: hmac`, `siv` and `ip-prefix`; `mask: redact` has none"},
        Case{"AsOfSha256", with_columns("      b: {from: c, mask: sha256, as: ip}"),
             "f.yaml:8:38: `as` belongs to `mask: hmac` and `siv`; `mask: sha256` has none"},
        Case{"BadDomain", with_columns("      b: {from: c, mask: hmac, domain: a b}"),
             "f.yaml:8:40: `domain` is a name of at most 63 letters, digits, `_`, `-` and `.`"},
        Case{"As", with_columns("      b: {from: c, mask: hmac, domain: d, as: ipv4}"),
             "f.yaml:8:47: `as` cannot be `ipv4`; did you mean `ip`?"},
        Case{"Convert", with_columns("      b: {from: c, convert: majorversion}"),
             "f.yaml:8:29: `convert` cannot be `majorversion`; did you mean `major_version`?"},
        Case{"FlagIsYes", with_columns("      b: {from: c, optional: yes}"),
             "f.yaml:8:30: `optional` is `true` or `false`"},
        Case{"DefaultIsAList", with_columns("      b: {from: c, default: [1]}"),
             "f.yaml:8:29: `default` is a text, a number, a flag or null"},
        Case{"NameTooLong", with_columns("      " + std::string(64, 'n') + ": c"),
             "f.yaml:8:7: a column's name has 1 to 63 bytes"}),
    kName);

}  // namespace
}  // namespace sqs2pg::config
