// `postgres`, `aws` and `keys`, see connections.h.
#include "config/connections.h"

#include <filesystem>
#include <initializer_list>
#include <utility>

#include <fmt/core.h>

#include "config/files.h"
#include "config/section.h"
#include "config/substitution.h"
#include "config/values.h"

namespace sqs2pg::config {
namespace {

// A relative path counts from the folder of the file that names it, wherever the process was started.
std::string beside(const Place& place, const std::string& path) {
    std::filesystem::path named(path);
    if (named.is_absolute() || !place.file) return path;
    return (std::filesystem::path(*place.file).parent_path() / named).string();
}

bool is_conninfo(std::string_view url) {
    if (url.starts_with("postgresql://") || url.starts_with("postgres://")) return true;
    return url.find("://") == url.npos && url.find('=') != url.npos;
}

bool holds_password(std::string_view url) {
    if (url.find("password=") != url.npos || url.find("password =") != url.npos) return true;
    auto start = url.find("://");
    if (start == url.npos) return false;
    auto authority = url.substr(start + 3, url.find_first_of("/?", start + 3) - start - 3);
    auto at = authority.rfind('@');
    return at != authority.npos && authority.substr(0, at).find(':') != authority.npos;
}

// Whether at most one of them is written; the others are mistakes.
bool one_of(const Section& section, std::initializer_list<const char*> names, Report& report) {
    const char* first = nullptr;
    bool alone = true;
    for (const auto* name : names) {
        if (!section.written(name)) continue;
        if (first == nullptr) {
            first = name;
            continue;
        }
        report.mistake(section.place_of(name), fmt::format("both `{}` and `{}`; leave one", first, name));
        alone = false;
    }
    return alone;
}

secrets::Reference read_secret(const Section& section, std::string_view name, Report& report) {
    auto reference = secrets::parse_reference(section.text(name));
    if (reference) return std::move(*reference);
    report.mistake(section.place_of(name), fmt::format("`{}` {}", name, reference.error().detail));
    return {};
}

void read_password_file(const Section& section, PostgresSettings& postgres, Report& report) {
    auto place = section.place_of("password_file");
    auto path = beside(place, section.text("password_file"));
    auto file = read_small_file(path, kMostPasswordBytes);
    if (!file) {
        return report.mistake(place, fmt::format("`password_file`: {} {}", backquoted(path), file.error().detail));
    }
    auto& text = file->text;
    if (text.ends_with('\n')) text.pop_back();
    if (text.ends_with('\r')) text.pop_back();
    if (text.empty() || text.find_first_of(std::string_view("\n\0", 2)) != text.npos) {
        return report.mistake(
            place, fmt::format("`password_file`: {} holds no password, or more than one line", backquoted(path)));
    }
    if (file->world_readable) {
        report.warning(place,
                       fmt::format("{} is readable by everybody on this machine; `chmod o-r` it", backquoted(path)));
    }
    postgres.password = Secret(std::move(text));
}

void read_auth(const Section& section, PostgresSettings& postgres, Report& report) {
    if (section.text("auth") == "rds-iam") postgres.auth = PostgresSettings::Auth::RdsIam;
    const bool iam = postgres.auth == PostgresSettings::Auth::RdsIam;
    postgres.region = section.text("region");
    if (section.has("region") && !valid_name(postgres.region, false)) {
        report.mistake(section.place_of("region"), "`region` is a region's name, such as `eu-central-1`");
    }
    if (section.has("region") && !iam) {
        report.mistake(section.place_of("region"), "`region` is for `auth: rds-iam`; add that, or leave it away");
    }
    for (const auto* name : {"password", "password_file", "password_secret"}) {
        if (iam && section.written(name)) {
            report.mistake(section.place_of(name),
                           fmt::format("`{}` beside `auth: rds-iam`, which makes its own; leave one", name));
        }
    }
}

PostgresSettings read_postgres(const Section& section, bool world_readable, Report& report) {
    PostgresSettings postgres;
    postgres.place = section.place().text();
    postgres.url = section.text("url");
    postgres.owner_role = section.text("owner_role");
    postgres.worker_role = section.text("worker_role");
    postgres.replayer_role = section.text("replayer_role");
    postgres.analyst_role = section.text("analyst_role");
    if (section.has("url") && !is_conninfo(postgres.url)) {
        report.mistake(section.place_of("url"),
                       "`url` is a URL (`postgresql://role@host/database`) or `key=value` pairs, as for psql");
    }
    if (!one_of(section, {"password", "password_file", "password_secret"}, report)) {
        // Said.
    } else if (section.has("password_secret")) {
        postgres.password_secret = read_secret(section, "password_secret", report);
    } else if (section.has("password_file")) {
        read_password_file(section, postgres, report);
    } else if (const Node* password = section.find("password")) {
        postgres.password = Secret(password->text);
    }
    read_auth(section, postgres, report);
    if (!world_readable) return postgres;
    const Node* url = section.find("url");
    const Node* password = section.find("password");
    bool literal_password = password != nullptr && !password->substituted;
    bool literal_url = url != nullptr && !url->substituted && holds_password(url->text);
    if (literal_password || literal_url) {
        report.warning(
            section.place_of(literal_password ? "password" : "url"),
            "a password in a file that everybody on this machine may read; use `password_file` or `${NAME}`, or "
            "`chmod o-r` the file");
    }
    return postgres;
}

void read_role(const Section& section, AwsSettings& aws, Report& report) {
    aws.role_arn = section.text("role_arn");
    aws.external_id = section.text("external_id");
    aws.role_session_name = section.text("role_session_name");
    const bool is_role = aws.role_arn.starts_with("arn:") && aws.role_arn.find(":role/") != std::string::npos;
    if (section.has("role_arn") && !is_role) {
        report.mistake(section.place_of("role_arn"),
                       "`role_arn` is a role's ARN, such as `arn:aws:iam::123456789012:role/NAME`");
    }
    if (section.has("external_id") && !section.written("role_arn")) {
        report.mistake(section.place_of("external_id"), "`external_id` belongs to a `role_arn`, and there is none");
    }
    if (section.has("role_session_name") && !valid_session_name(aws.role_session_name)) {
        report.mistake(section.place_of("role_session_name"),
                       "`role_session_name` is 2 to 64 letters, digits and any of `_+=,.@-`");
    }
}

AwsSettings read_aws(const Section& section, Report& report) {
    AwsSettings aws;
    aws.place = section.place().text();
    aws.region = section.text("region");
    aws.endpoint_url = section.text("endpoint_url");
    aws.profile = section.text("profile");
    if (section.has("ca_bundle")) aws.ca_bundle = beside(section.place_of("ca_bundle"), section.text("ca_bundle"));
    if (section.has("use_fips_endpoint")) aws.use_fips_endpoint = section.flag("use_fips_endpoint");
    if (section.has("use_dualstack_endpoint")) aws.use_dualstack_endpoint = section.flag("use_dualstack_endpoint");
    read_role(section, aws, report);
    if (section.has("region") && !valid_name(aws.region, false)) {
        report.mistake(section.place_of("region"), "`region` is a region's name, such as `eu-central-1`");
    }
    const auto& url = aws.endpoint_url;
    if (section.has("endpoint_url") && !url.starts_with("http://") && !url.starts_with("https://")) {
        report.mistake(section.place_of("endpoint_url"),
                       "`endpoint_url` begins with `http://` or `https://`, such as `http://127.0.0.1:9324`");
    }
    return aws;
}

KeySettings read_keys(const Section& section, const Environment& environment, Report& report) {
    KeySettings keys;
    keys.place = section.place().text();
    if (section.has("file")) keys.file = beside(section.place_of("file"), section.text("file"));
    keys.env = section.text("env");
    if (one_of(section, {"file", "env", "secret", "kms_file"}, report)) {
        if (section.has("secret")) keys.secret = read_secret(section, "secret", report);
        if (section.has("kms_file")) {
            keys.secret = secrets::kms_file(beside(section.place_of("kms_file"), section.text("kms_file")));
        }
    }
    keys.refresh_seconds = static_cast<int>(section.number("refresh"));
    const bool remote = section.written("secret") || section.written("kms_file");
    if (!section.written("file") && !section.written("env") && !remote) {
        report.mistake(section.place(),
                       "`keys` names no keys; write `file: PATH`, `env: NAME`, `secret: secretsmanager:NAME` or "
                       "`kms_file: PATH`");
    }
    if (section.written("refresh") && !remote) {
        report.mistake(section.place_of("refresh"),
                       "`refresh` is for `secret` and `kms_file`; a key file is read again on SIGHUP");
    }
    if (!section.has("env")) return keys;
    if (!valid_variable_name(keys.env)) {
        report.mistake(
            section.place_of("env"),
            "`env` is the name of an environment variable, not its value; write `env: SQS2PG_KEYS` and set it");
    } else if (!environment(keys.env)) {
        report.mistake(section.place_of("env"),
                       fmt::format("the environment variable {} is not set", backquoted(keys.env)));
    }
    return keys;
}

}  // namespace

void Connections::read(std::string_view name, const Node& node, const std::string& what, const ReadingFrom& from) {
    Section section(node, name, what, node.place, from.report);
    if (name == "postgres") {
        postgres = read_postgres(section, from.world_readable, from.report);
    } else if (name == "aws") {
        aws = read_aws(section, from.report);
    } else {
        keys = read_keys(section, from.environment, from.report);
    }
}

}  // namespace sqs2pg::config
