// Settings to options, see database_access.h.
#include "cli/database_access.h"

#include <algorithm>
#include <cstdlib>
#include <tuple>

#include <fmt/format.h>

#include "adapters/rds_password.h"
#include "aws/endpoint_inputs.h"
#include "aws/environment.h"
#include "cli/queue_access.h"
#include "cli/secret_access.h"
#include "pg/copy.h"
#include "pipeline/map.h"

namespace sqs2pg::cli {
namespace {

std::shared_ptr<pg::PasswordSource> rds_password(const config::PostgresSettings& settings) {
    static const SystemClock clock;
    const auto asked =
        aws::service_endpoint(aws::Service::Sts, configured_aws(settings.aws), aws::process_environment());
    adapters::RdsRegion region{settings.region, asked ? asked->region : std::string()};
    return std::make_shared<adapters::RdsPassword>(credentials_of(settings.aws), std::move(region), clock);
}

bool same_identity(const config::AwsSettings& one, const config::AwsSettings& other) {
    return std::tie(one.region, one.profile, one.role_arn, one.external_id, one.role_session_name) ==
           std::tie(other.region, other.profile, other.role_arn, other.external_id, other.role_session_name);
}

}  // namespace

pg::ConnectOptions connect_options(const config::PostgresSettings& settings,
                                   std::shared_ptr<pg::ConnectionBudget> budget) {
    pg::ConnectOptions options;
    options.conninfo = settings.url;
    options.password = settings.password;
    options.budget = std::move(budget);
    if (settings.auth == config::PostgresSettings::Auth::RdsIam) options.passwords = rds_password(settings);
    if (settings.password_secret) options.passwords = secret_password(settings);
    return options;
}

void connect_elsewhere(pg::ConnectOptions& options, const std::string& url) {
    options.conninfo = url;
    options.password = {};
    // A token is made for whoever connects; a secret is one role's.
    if (options.passwords != nullptr && !options.passwords->demands_tls()) options.passwords = nullptr;
}

std::vector<DatabaseGroup> databases_of(const std::vector<config::PipelineSettings>& pipelines) {
    std::vector<DatabaseGroup> databases;
    for (const auto& pipeline : pipelines) {
        const auto& own = pipeline.postgres;
        auto known = std::ranges::find_if(databases, [&own](const DatabaseGroup& database) {
            const auto& other = database.postgres;
            return other.url == own.url && other.password.reveal() == own.password.reveal() &&
                   other.owner_role == own.owner_role && other.worker_role == own.worker_role &&
                   other.replayer_role == own.replayer_role && other.analyst_role == own.analyst_role &&
                   other.auth == own.auth && other.password_secret == own.password_secret &&
                   other.region == own.region && same_identity(other.aws, own.aws);
        });
        auto& database = known == databases.end() ? databases.emplace_back(DatabaseGroup{own, {}}) : *known;
        database.pipelines.push_back(&pipeline);
    }
    return databases;
}

schema::MigrationOptions migration_options(const DatabaseGroup& database, int dead_letter_retention_days) {
    schema::MigrationOptions options;
    options.owner_role = database.postgres.owner_role;
    options.worker_role = database.postgres.worker_role;
    options.replayer_role = database.postgres.replayer_role;
    options.analyst_role = database.postgres.analyst_role;
    for (const auto* pipeline : database.pipelines) {
        for (const auto& route : pipeline->routes) {
            options.targets.push_back({route.table, pipeline::rights_needed(route), route.on_conflict.has_value()});
        }
    }
    options.dead_letter_retention = std::chrono::hours(24) * dead_letter_retention_days;
    return options;
}

void add_key_checks(schema::MigrationOptions& options, const privacy::Keyring& keyring) {
    for (const auto& id : keyring.ids()) {
        std::pair check{id, keyring.check_value(id)};
        if (std::ranges::find(options.key_checks, check) == options.key_checks.end()) {
            options.key_checks.push_back(std::move(check));
        }
    }
}

Result<privacy::Keyring> open_keyring(const config::KeySettings& settings, std::vector<std::string>& warnings) {
    if (!settings.file.empty()) return privacy::Keyring::load_file(settings.file, warnings);
    if (settings.secret) return fetch_keyring_now(settings, warnings);
    if (settings.env.empty()) {
        return fail(ErrorKind::Configuration, Stage::Configure, "no_keys",
                    "the configuration names no keys: make a key file with `sqs2pg key new -o FILE` and name it under "
                    "`keys: file:`");
    }
    const char* text = std::getenv(settings.env.c_str());
    if (text == nullptr || *text == '\0') {
        return fail(ErrorKind::Configuration, Stage::Configure, "no_keys",
                    "the environment variable " + settings.env + " that `keys: env:` names is not set");
    }
    return privacy::Keyring::parse(text, "environment variable " + settings.env);
}

std::string missing_right(const pg::TableRights& rights, const pg::TableName& table, const std::string& role) {
    const auto quoted_role = pg::quote_identifier(role);
    if (!rights.schema_usage) {
        const auto schema = pg::quote_identifier(table.schema);
        return fmt::format("the role {} may not use schema {}: GRANT USAGE ON SCHEMA {} TO {}", quoted_role, schema,
                           schema, quoted_role);
    }
    const auto& missing = rights.missing;
    for (const auto& [verb, privilege, columns] :
         {std::tuple{"insert into", "INSERT", &missing.insert}, std::tuple{"select from", "SELECT", &missing.select},
          std::tuple{"update", "UPDATE", &missing.update}}) {
        if (columns->empty()) continue;
        std::vector<std::string> quoted;
        for (const auto& column : *columns) quoted.push_back(pg::quote_identifier(column));
        // INSERT on the whole table is what `migrate` grants; the others are as narrow as on_conflict lets them be.
        const bool whole = columns == &missing.insert;
        const auto list = whole ? std::string() : fmt::format(" ({})", fmt::join(quoted, ", "));
        return fmt::format("the role {} may not {} {} ({}): GRANT {}{} ON {} TO {}", quoted_role, verb,
                           pg::quote(table), fmt::join(*columns, ", "), privilege, list, pg::quote(table), quoted_role);
    }
    return {};
}

}  // namespace sqs2pg::cli
