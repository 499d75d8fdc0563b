// Whole configurations: what a right one becomes, several mistakes at once, and what is never repeated.
#include "config/load.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "unit/config/texts.h"

namespace sqs2pg::config {
namespace {

using testing_texts::kRight;
using testing_texts::mistakes_of;
using testing_texts::no_environment;
using testing_texts::text_of;

constexpr const char* kExample = R"(postgres:
  url: postgresql://sqs2pg@db/app          # or PGHOST … as for psql; passwords from the environment, a file or .pgpass
keys:
  file: /run/secrets/sqs2pg.keys           # `sqs2pg key new`; or environment, or KMS-wrapped
pipelines:
  logins:
    queue: login-queue                     # a name or a URL
    table: user_logins
    columns:
      user_id:          user_id            # short for {from: user_id}; an absent path is a bad message, null is a value
      device_type:      device_type
      masked_ip:        {from: ip, mask: hmac, domain: ip, as: ip}
      masked_device_id: {from: device_id, mask: hmac, domain: device}
      locale:           locale
      app_version:      {from: app_version, convert: major_version}
      create_date:      $sent_at
)";

std::string described(const pipeline::ColumnRule& rule) {
    std::string text = rule.place + " " + rule.column + " <- " + rule.from.text;
    if (rule.from.metadata == pipeline::Metadata::SentAt) text += " (sent_at)";
    if (rule.convert == pipeline::Convert::MajorVersion) text += " major_version";
    if (rule.mask) {
        text += " " + std::string(privacy::name_of(rule.mask->method)) + " " + rule.mask->domain + " " +
                std::string(privacy::name_of(rule.mask->canonical));
    }
    if (rule.optional) text += " optional";
    if (rule.default_value) text += " default=" + *rule.default_value;
    return text;
}

pipeline::BrakeOptions brake_of(const std::string& line) {
    auto loaded = load_text(kRight + line, "f.yaml", no_environment());
    EXPECT_EQ(text_of(loaded.mistakes), "");
    return loaded.settings.pipelines.at(0).brake;
}

TEST(Load, TheBrakeIsOnUntilItIsTurnedOffAndTakesOtherLimits) {
    EXPECT_TRUE(brake_of("").on);
    EXPECT_EQ(brake_of("").bad, 20u);
    EXPECT_EQ(brake_of("").of, 200u);
    EXPECT_EQ(brake_of("").percent, 50);
    EXPECT_TRUE(brake_of("    brake: on\n").on);
    EXPECT_FALSE(brake_of("    brake: off\n").on);
    auto other = brake_of("    brake: {bad: 5, percent: 10}\n");
    EXPECT_TRUE(other.on);
    EXPECT_EQ(other.bad, 5u);
    EXPECT_EQ(other.of, 200u);
    EXPECT_EQ(other.percent, 10);
}

TEST(Load, TheExampleOfTheReadmeBecomesItsPipeline) {
    auto loaded = load_text(kExample, "sqs2pg.yaml", no_environment());
    ASSERT_EQ(text_of(loaded.mistakes), "");
    EXPECT_EQ(text_of(loaded.warnings), "");
    const auto& settings = loaded.settings;
    EXPECT_EQ(settings.pipelines.at(0).postgres.url, "postgresql://sqs2pg@db/app");
    EXPECT_EQ(settings.pipelines.at(0).keys.file, "/run/secrets/sqs2pg.keys");
    ASSERT_EQ(settings.pipelines.size(), 1u);
    const auto& logins = settings.pipelines[0];
    EXPECT_EQ(logins.name, "logins");
    EXPECT_EQ(logins.queue, "login-queue");
    EXPECT_EQ(logins.routes.at(0).table, (pg::TableName{"", "user_logins"}));
    EXPECT_EQ(logins.place, "sqs2pg.yaml:6:3");
    std::vector<std::string> columns;
    for (const auto& rule : logins.routes.at(0).columns) columns.push_back(described(rule));
    EXPECT_EQ(columns, (std::vector<std::string>{
                           "sqs2pg.yaml:10:7 user_id <- user_id",
                           "sqs2pg.yaml:11:7 device_type <- device_type",
                           "sqs2pg.yaml:12:7 masked_ip <- ip hmac ip ip",
                           "sqs2pg.yaml:13:7 masked_device_id <- device_id hmac device text",
                           "sqs2pg.yaml:14:7 locale <- locale",
                           "sqs2pg.yaml:15:7 app_version <- app_version major_version",
                           "sqs2pg.yaml:16:7 create_date <- $sent_at (sent_at)",
                       }));
}

TEST(Load, DefaultsAreThoseOfTheOptionStructs) {
    auto loaded = load_text(kRight, "f.yaml", no_environment());
    ASSERT_EQ(text_of(loaded.mistakes), "");
    const pipeline::PipelineOptions defaults;
    const auto& read = loaded.settings.pipelines.at(0);
    EXPECT_EQ(read.missing_is_null, defaults.missing_is_null);
    EXPECT_EQ(read.visibility_timeout_seconds, defaults.visibility_timeout_seconds);
    EXPECT_EQ(read.max_batch_rows, defaults.max_batch_rows);
    EXPECT_EQ(read.max_in_flight, defaults.max_in_flight);
    EXPECT_EQ(read.max_in_flight_bytes, defaults.max_in_flight_bytes);
    EXPECT_EQ(read.max_polls, defaults.max_polls);
    EXPECT_EQ(read.long_poll_seconds, defaults.long_poll_seconds);
    EXPECT_EQ(loaded.settings.ops.listen, OpsSettings{}.listen);
    EXPECT_EQ(loaded.settings.dead_letter_retention_days, Settings{}.dead_letter_retention_days);
    EXPECT_FALSE(loaded.settings.log_format);
    EXPECT_FALSE(loaded.settings.log_level);
}

constexpr const char* kEverything =
    R"(postgres: {url: "host=db user=w", password: "${PW}", owner_role: owner, worker_role: worker,
           replayer_role: mender, analyst_role: looker}
aws: {region: eu-central-1, endpoint_url: "http://127.0.0.1:9324", profile: dev,
      role_arn: "arn:aws:iam::1:role/x", external_id: e}
keys: {env: KEYS}
ops: {listen: off}
log: {format: json, level: debug}
dead_letters: {retention_days: 7}
pipelines:
  p:
    queue: http://127.0.0.1:9324/000000000000/q
    table: app."odd.""name"
    missing: null
    visibility_timeout: 2m
    max_batch_rows: 100
    max_in_flight: 200
    max_in_flight_bytes: 64MiB
    max_polls: 4
    long_poll: 5
    columns:
      "Odd Column": {from: "items[0].id", optional: true}
      b: {from: b, default: 0, mask: redact, convert: trim}
      c: {from: c, default: null, mask: sha256}
      d: $attributes.tenant
)";

std::optional<std::string> two_variables(const std::string& name) {
    if (name == "PW") return "hunter2";
    if (name == "KEYS") return "active: k1";
    return std::nullopt;
}

TEST(Load, EveryOptionOfTheProcessReachesItsSetting) {
    auto loaded = load_text(kEverything, "f.yaml", two_variables);
    ASSERT_EQ(text_of(loaded.mistakes), "");
    const auto& settings = loaded.settings;
    EXPECT_EQ(settings.pipelines.at(0).postgres.url, "host=db user=w");
    EXPECT_EQ(settings.pipelines.at(0).postgres.password.reveal(), "hunter2");
    EXPECT_EQ(settings.pipelines.at(0).postgres.owner_role, "owner");
    EXPECT_EQ(settings.pipelines.at(0).postgres.worker_role, "worker");
    EXPECT_EQ(settings.pipelines.at(0).postgres.replayer_role, "mender");
    EXPECT_EQ(settings.pipelines.at(0).postgres.analyst_role, "looker");
    EXPECT_EQ(settings.pipelines.at(0).aws.region, "eu-central-1");
    EXPECT_EQ(settings.pipelines.at(0).aws.endpoint_url, "http://127.0.0.1:9324");
    EXPECT_EQ(settings.pipelines.at(0).aws.profile, "dev");
    EXPECT_EQ(settings.pipelines.at(0).aws.role_arn, "arn:aws:iam::1:role/x");
    EXPECT_EQ(settings.pipelines.at(0).aws.external_id, "e");
    EXPECT_EQ(settings.pipelines.at(0).aws.role_session_name, "sqs2pg");
    EXPECT_EQ(settings.pipelines.at(0).keys.env, "KEYS");
    EXPECT_EQ(settings.pipelines.at(0).keys.file, "");
    EXPECT_EQ(settings.ops.listen, "off");
    EXPECT_EQ(settings.log_format, "json");
    EXPECT_EQ(settings.log_level, "debug");
    EXPECT_EQ(settings.dead_letter_retention_days, 7);
}

TEST(Load, EveryOptionOfAPipelineReachesItsSetting) {
    auto loaded = load_text(kEverything, "f.yaml", two_variables);
    ASSERT_EQ(loaded.settings.pipelines.size(), 1u);
    const auto& p = loaded.settings.pipelines[0];
    EXPECT_EQ(p.queue, "http://127.0.0.1:9324/000000000000/q");
    EXPECT_EQ(p.routes.at(0).table, (pg::TableName{"app", "odd.\"name"}));
    EXPECT_TRUE(p.missing_is_null);
    EXPECT_EQ(p.visibility_timeout_seconds, 120);
    EXPECT_EQ(p.max_batch_rows, 100u);
    EXPECT_EQ(p.max_in_flight, 200u);
    EXPECT_EQ(p.max_in_flight_bytes, 64u << 20);
    EXPECT_EQ(p.max_polls, 4);
    EXPECT_EQ(p.long_poll_seconds, 5);
    std::vector<std::string> columns;
    for (const auto& rule : p.routes.at(0).columns) columns.push_back(described(rule));
    EXPECT_EQ(columns, (std::vector<std::string>{
                           "f.yaml:21:7 Odd Column <- items[0].id optional",
                           "f.yaml:22:7 b <- b redact  text default=0",
                           "f.yaml:23:7 c <- c sha256  text optional",
                           "f.yaml:24:7 d <- $attributes.tenant",
                       }));
    EXPECT_EQ(p.routes.at(0).columns.at(1).convert, pipeline::Convert::Trim);
}

TEST(Load, AllMistakesOfAFileAreSaidInTheOrderOfTheirPlaces) {
    EXPECT_EQ(
        mistakes_of(R"(postgres:
  urll: x
  password: ${NOT_SET}
aws: nowhere
pipelines:
  logins:
    queue: login queue
    tabel: t
    visibility_timeout: 5
    columns:
      a: a..b
      a: c
      b: {from: b, mask: hmca}
      c: {mask: hmac}
)"),
        "f.yaml:1:1: `keys` is absent: the mask at f.yaml:14:17 and the sealing of dead letters need them; make a "
        "key "
        "file with `sqs2pg key new -o FILE` and write `keys: {file: FILE}`\n"
        "f.yaml:2:3: unknown key `urll` in `postgres`; did you mean `url`?\n"
        "f.yaml:3:13: the environment variable `NOT_SET` is not set\n"
        "f.yaml:4:6: `aws` is a map\n"
        "f.yaml:6:3: the pipeline `logins` has no `table`\n"
        "f.yaml:7:12: `queue` is a queue's name (at most 80 letters, digits, `-` and `_`), its URL or its ARN\n"
        "f.yaml:8:5: unknown key `tabel` in the pipeline `logins`; did you mean `table`?\n"
        "f.yaml:9:25: `visibility_timeout` is a time from 10s to 12h, such as 60, 90s or 2m\n"
        "f.yaml:11:10: column `a`: at character 3 of the path: a member's name is missing\n"
        "f.yaml:12:7: `a` stands twice, first in line 11; leave one\n"
        "f.yaml:13:26: `mask` cannot be `hmca`; did you mean `hmac`?\n"
        "f.yaml:14:7: the column `c` has no `from`; write the path of its value, or a `value`\n"
        "f.yaml:14:17: `mask: hmac` needs a `domain`: columns that share one join, others never do; write for instance "
        "`domain: ip`\n");
}

TEST(Load, NoMistakeRepeatsASecretOrWhatCameFromTheEnvironment) {
    auto environment = [](const std::string&) -> std::optional<std::string> { return "hunter2"; };
    auto text = mistakes_of(kRight + R"(    visibility_timeout: ${X}
    missing: ${X}
    max_polls: ${X}
postgres:
  url: hunter2://hunter2
  password: {hunter2: 1}
log: {format: "${X}", level: "${X}"}
ops: {listen: "${X}"}
aws: {endpoint_url: "${X}"}
)",
                            environment);
    EXPECT_EQ(text.find("hunter2"), std::string::npos) << text;
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 9) << text;
}

TEST(Load, AVariableCannotChangeTheStructure) {
    auto loaded = load_text(kRight + "aws:\n  profile: ${P}\n", "f.yaml",
                            [](const std::string&) -> std::optional<std::string> { return "x\nregion: injected"; });
    EXPECT_EQ(text_of(loaded.mistakes), "");
    EXPECT_EQ(loaded.settings.pipelines.at(0).aws.profile, "x\nregion: injected");
    EXPECT_EQ(loaded.settings.pipelines.at(0).aws.region, "");
}

TEST(Load, VariablesStandInsideOfTextsAndCanBeEscaped) {
    auto loaded = load_text(kRight + "aws:\n  profile: a-${P}-$${P}-$P-${P}\n", "f.yaml",
                            [](const std::string&) -> std::optional<std::string> { return "x"; });
    EXPECT_EQ(text_of(loaded.mistakes), "");
    EXPECT_EQ(loaded.settings.pipelines.at(0).aws.profile, "a-x-${P}-$P-x");
}

TEST(Load, AnAliasRepeatsAWholeValue) {
    auto loaded = load_text(R"(keys: {file: /k}
pipelines:
  p: {queue: q, table: t, columns: &same {a: a, b: b}}
  r: {queue: s, table: t, columns: *same}
)",
                            "f.yaml", no_environment());
    EXPECT_EQ(text_of(loaded.mistakes), "");
    ASSERT_EQ(loaded.settings.pipelines.size(), 2u);
    EXPECT_EQ(loaded.settings.pipelines[1].routes.at(0).columns.size(), 2u);
}

TEST(Load, AliasesThatMultiplyAreStopped) {
    std::string yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 12; ++i) {
        auto last = "*a" + std::to_string(i - 1);
        yaml += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
        for (int j = 0; j < 10; ++j) yaml += (j > 0 ? ", " : "") + last;
        yaml += "]\n";
    }
    EXPECT_NE(mistakes_of(yaml).find("too large: more than 20,000 values"), std::string::npos);
    EXPECT_NE(mistakes_of("a: &a [*a]\n").find("an alias cannot stand inside of what it repeats"), std::string::npos);
}

TEST(Load, AFifoQueueSkipsABadMessageUnlessToldToBlock) {
    auto with = [](const std::string& more) {
        return load_text("keys: {file: /k}\npipelines:\n  p: {queue: q.fifo, table: t, columns: {a: a}" + more + "}\n",
                         "f.yaml", no_environment());
    };
    for (const char* skip : {"", ", bad_message: skip"}) {
        auto loaded = with(skip);
        EXPECT_EQ(text_of(loaded.mistakes) + text_of(loaded.warnings), "");
        EXPECT_EQ(loaded.settings.pipelines[0].bad_message, pipeline::OnBadMessage::Skip);
    }
    EXPECT_EQ(with(", bad_message: block").settings.pipelines[0].bad_message, pipeline::OnBadMessage::Block);
    EXPECT_EQ(text_of(with(", bad_message: stop").mistakes).substr(0, 14), "f.yaml:3:62: `");
}

TEST(Load, BadMessageInDefaultsIsForTheFifoQueuesAmongThem) {
    auto loaded = load_text(
        "keys: {file: /k}\ndefaults: {bad_message: block}\npipelines:\n  p: {queue: q, table: t, columns: {a: a}}\n"
        "  f: {queue: q.fifo, table: t, columns: {a: a}}\n",
        "f.yaml", no_environment());
    EXPECT_EQ(text_of(loaded.mistakes), "");
    EXPECT_EQ(loaded.settings.pipelines[0].bad_message, pipeline::OnBadMessage::Skip);
    EXPECT_EQ(loaded.settings.pipelines[1].bad_message, pipeline::OnBadMessage::Block);
}

TEST(Load, OnlyAFifoQueueTakesBadMessage) {
    auto loaded =
        load_text("keys: {file: /k}\npipelines:\n  p: {queue: q, table: t, columns: {a: a}, bad_message: block}\n",
                  "f.yaml", no_environment());
    EXPECT_EQ(text_of(loaded.mistakes),
              "f.yaml:3:57: `bad_message` is for FIFO queues, whose names end in `.fifo`; a standard queue has no "
              "order that a bad message could hold up, and each bad message becomes a dead letter\n");
}

}  // namespace
}  // namespace sqs2pg::config
